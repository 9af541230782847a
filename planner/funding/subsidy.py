"""What a programme pays towards every action: each different case worked out once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from planner import frames
from planner.funding.costs import Costs
from planner.funding.working import work_out
from planner.programmes import Programme, When

Yen = NDArray[np.int64]
Mask = NDArray[np.bool_]
UNKNOWN_DAYS = -1


def amount(
    programme: Programme,
    costs: Costs,
    cameras: Yen,
    kind: NDArray[np.object_],
    retention_days: NDArray[np.float64],
    applicant: str,
) -> Yen:
    """The subsidy of one programme for every action, yen, shape (actions,).

    Parameters
    ----------
    programme
        Which kinds of action it is for is asked here: 0 for the others.
    costs
        Capital by category.
    cameras, kind, retention_days
        Of each action; days may be unknown (NaN).
    applicant
        Who applies: ``municipality`` or ``local_body``.

    Raises
    ------
    InputError
        ``programme_incomplete`` of `work_out`.

    Notes
    -----
    Actions of one town differ in few ways (model, days, pole), so the calculator `work_out` goes once through each
    different row of costs and circumstances.
    """
    kinds = np.array([frames.ACTION_KINDS.index(k) for k in kind], dtype=np.int64)
    days = np.where(np.isnan(retention_days), UNKNOWN_DAYS, retention_days).astype(np.int64)
    keys = np.column_stack([*(costs.by_category[c] for c in frames.COST_CATEGORIES), cameras, kinds, days])
    cases, which = np.unique(keys, axis=0, return_inverse=True)
    paid = np.zeros(len(cases), dtype=np.int64)
    for at, case in enumerate(cases.tolist()):
        name = frames.ACTION_KINDS[case[-2]]
        if name not in programme.kinds:
            continue
        by_category = dict(zip(frames.COST_CATEGORIES, case, strict=False))
        facts = When(
            kind=name,
            own_pole=by_category["pole"] > 0,
            recorder="own" if by_category["recorder"] > 0 else None,
            applicant=applicant,
            days=case[-1] if case[-1] > 0 else None,
        )
        paid[at] = work_out(programme, by_category, facts, cameras=case[-3]).subsidy_yen
    return paid[which.ravel()]


def condition_kept(programme: Programme, kind: NDArray[np.object_], retention_days: NDArray[np.float64]) -> Mask:
    """Whether the retention that an action leaves meets the programme's condition on days, shape (actions,).

    Unknown days do not meet a stated condition; a removal leaves no footage and has none to meet.
    """
    kept = np.ones(len(kind), dtype=bool)
    if programme.min_retention_days is not None:
        kept &= retention_days >= programme.min_retention_days
    if programme.max_retention_days is not None:
        kept &= retention_days <= programme.max_retention_days
    return np.asarray(kept | (kind == "remove"), dtype=np.bool_)
