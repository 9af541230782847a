"""Columns that no best plan needs: which is replaced by which at no loss, and what is told of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.siting.net import Codes, Flags, Ints, compiled, inner

LIVE, EMPTY = np.int64(-1), np.int64(-2)  # of a column: nothing replaces it; leaving it out is as good


@inner
def _no_more(one: Ints, two: Ints) -> bool:
    """Whether one uses no more of any rule than two."""
    for i in range(one.size):
        if one[i] > two[i]:
            return False
    return True


@compiled
def dominated(
    pattern_start: Ints,
    pattern_layer: Codes,
    column_pattern: Codes,
    group_start: Ints,
    group_keep: Codes,
    spaced: Flags,
    amount: Ints,
) -> Ints:
    """Per column the one of its group that replaces it at no loss in any rule (or EMPTY: no column does; or LIVE)."""
    by = np.full(column_pattern.size, LIVE)
    zero = np.zeros(amount.shape[1], np.int64)
    for group in range(group_start.size - 1):
        for i in range(group_start[group], group_start[group + 1]):
            if i == group_keep[group]:
                continue
            first, last = pattern_start[column_pattern[i]], pattern_start[column_pattern[i] + 1]
            if group_keep[group] < 0 and first == last and _no_more(zero, amount[i]):
                by[i] = EMPTY
                continue
            for j in range(group_start[group], group_start[group + 1]):
                if j == i or by[j] != LIVE or (spaced[j] and not spaced[i]) or not _no_more(amount[j], amount[i]):
                    continue
                q, end = pattern_start[column_pattern[j]], pattern_start[column_pattern[j] + 1]
                inside = last - first <= end - q
                if inside and column_pattern[i] != column_pattern[j]:
                    for k in range(first, last):
                        while q < end and pattern_layer[q] < pattern_layer[k]:
                            q += 1
                        if q == end or pattern_layer[q] != pattern_layer[k]:
                            inside = False
                            break
                if inside:
                    by[i] = j
                    break
    return by


def dropped_table(offer_ids: NDArray[np.str_] | pd.Series[str], by: Ints) -> pd.DataFrame:
    """What was dropped and why (see ``CoverModel``); a replacement that was itself replaced is followed to the last."""
    last = by.copy()
    while (chained := (last >= 0) & (by[np.maximum(last, 0)] >= 0)).any():
        last[chained] = by[last[chained]]
    names, gone = np.asarray(offer_ids, dtype=object), np.flatnonzero(by != LIVE)
    replaced = last[gone] >= 0
    return pd.DataFrame(
        {
            "offer_id": pd.Series(names[gone], dtype="str"),
            "reason": pd.Series(np.where(replaced, "dominated", "useless"), dtype="str"),
            "by": pd.Series(np.where(replaced, names[np.maximum(last[gone], 0)], ""), dtype="str"),
        }
    )
