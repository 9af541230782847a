"""The door of the room: every action priced, once with own money and once per programme that may pay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner import frames
from planner.errors import Note
from planner.funding.costs import Costs, cost
from planner.funding.subsidy import amount, condition_kept
from planner.programmes import PAYERS, Programme
from planner.settings import Settings

Mask = NDArray[np.bool_]
Whole = NDArray[np.int64]
_REASONS = ("below_min_days", "above_max_days", "local_body_not_confirmed", "programme_condition")
_WHY_NOT = pd.Series(
    [" ".join(r for bit, r in enumerate(_REASONS) if mask >> bit & 1) for mask in range(2 ** len(_REASONS))],
    dtype="str",
)


def price(inputs: frames.Inputs, survey: frames.Survey, settings: Settings) -> frames.Offers:
    """Price every action and say who pays.

    Parameters
    ----------
    inputs
        Tables ``models, tiers, standing`` and the programmes.
    survey
        Tables ``actions`` and ``mounts``.
    settings
        Only ``budget.local_body_yen`` is read: without it nothing that a local body pays can be bought.

    Returns
    -------
    frames.Offers
        ``table``: per action one offer of own money (``offer_id`` = action_id + "|") and one per programme that is for its
        kind and pays anything (action_id + "|" + programme id), in the order of actions and programmes. Payers add up to
        the cost of the action. ``why_not`` holds the codes of the rules that an offer breaks, "" if it can be bought:
        ``below_min_days``, ``above_max_days`` (never keep or remove), ``local_body_not_confirmed``, ``programme_condition``
        (the programme's limits on retention). ``caps``: ceilings of whole programmes.

    Raises
    ------
    InputError
        ``model_without_price``, ``tier_without_price``, ``mount_without_kind``; ``table_refused`` of ``frames.check``.

    Notes
    -----
    The payer of a programme pays the subsidy (``subsidy.amount``); the rest falls to its recipient, the municipality
    or a local body. Dominated offers stay: to drop them is the choice's business. Source: ``model.md`` 4.
    """
    actions = pd.DataFrame(survey.actions.drop(columns="geometry"))
    costs = cost(inputs, survey.mounts, actions)
    kind = actions["kind"].to_numpy(dtype=object)
    days = actions["retention_days"].to_numpy(dtype=np.float64)
    limited = ~np.isin(kind, ["keep", "remove"])
    below = limited & (days < actions["min_days"].to_numpy(dtype=np.float64))
    above = limited & (days > actions["max_days"].to_numpy(dtype=np.float64))
    cameras = np.maximum(actions["cameras"].to_numpy(dtype=np.int64), 1)
    confirmed = settings.budget.local_body_yen is not None

    everyone, nothing = np.arange(len(actions)), np.zeros_like(cameras)
    blocks = [_block(-1, None, everyone, costs.total, nothing)]
    silent = []
    for position, programme in enumerate(inputs.programmes):
        paid = amount(programme, costs, cameras, kind, days, inputs.town.applicant)
        at = np.flatnonzero(np.isin(kind, programme.kinds) & (paid > 0))
        kept = condition_kept(programme, kind, days)
        blocks.append(_block(position, programme, at, costs.total, paid) | {"condition": ~kept[at]})
        if not kept[at].any():
            silent.append(programme.id)
    money = _stack(blocks)
    at = money["action"]
    why = (
        below[at] * 1
        + above[at] * 2
        + ((money["local_body_yen"] > 0) & (not confirmed)) * 4
        + money["condition"] * 8  # the bits of _REASONS
    )
    table = _table(actions, costs, money, tuple(p.id for p in inputs.programmes), why)
    return frames.Offers(
        table=frames.check("offers", table),
        caps=frames.check("programme_caps", _caps(inputs.programmes)),
        notes=(*costs.notes, *_notes(below, above, int(((why & 4) > 0).sum()), silent)),
    )


def _block(
    position: int, programme: Programme | None, at: NDArray[np.intp], total: Whole, paid: Whole
) -> dict[str, NDArray[Any]]:
    """Offers of one programme (None: own money) for the actions ``at``: who pays what."""
    payers = {f"{payer}_yen": np.zeros(len(at), dtype=np.int64) for payer in PAYERS}
    payer, recipient = ("municipality",) * 2 if programme is None else (programme.payer, programme.recipient)
    payers[f"{payer}_yen"] += paid[at]
    payers[f"{recipient}_yen"] += total[at] - paid[at]
    return {
        "action": at,
        "programme": np.full(len(at), position, dtype=np.int64),
        **payers,
        "subsidy_yen": paid[at],
        "condition": np.zeros(len(at), dtype=bool),
    }


def _stack(blocks: list[dict[str, NDArray[Any]]]) -> dict[str, NDArray[Any]]:
    """All offers as columns, ordered by action, then own money, then programmes."""
    columns = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    order = np.lexsort((columns["programme"], columns["action"]))
    return {name: values[order] for name, values in columns.items()}


def _table(
    actions: pd.DataFrame, costs: Costs, money: dict[str, NDArray[Any]], programme_ids: tuple[str, ...], why: Whole
) -> pd.DataFrame:
    """Table ``offers``."""
    at = money["action"]
    names = pd.Series(["", *programme_ids], dtype="str")
    payer = money["programme"] + 1  # own money, -1, stands first
    table = actions[["action_id", "kind", "group_id", "district_id", "cameras"]].take(at).reset_index(drop=True)
    programme = names.take(payer).reset_index(drop=True)
    table.insert(0, "offer_id", table["action_id"] + ("|" + names).take(payer).reset_index(drop=True))
    table.insert(5, "programme_id", programme)
    for category in frames.COST_CATEGORIES:
        table[f"{category}_yen"] = costs.by_category[category][at]
    for column in (*(f"{payer}_yen" for payer in PAYERS), "subsidy_yen"):
        table[column] = money[column]
    table["running_yen_per_year"] = costs.running[at]
    table["why_not"] = _WHY_NOT.take(why).reset_index(drop=True)
    for column in ("reused_model_id", "needs_removed"):
        table[column] = actions[column].take(at).reset_index(drop=True)
    return table


def _caps(programmes: tuple[Programme, ...]) -> pd.DataFrame:
    """Table ``programme_caps``: what each programme pays or counts at most, over all its offers."""
    return pd.DataFrame(
        {
            "programme_id": pd.Series([p.id for p in programmes], dtype="str"),
            "cap_total_yen": pd.Series(
                [p.cap_total_yen if p.cap_total_of == "programme" else None for p in programmes], dtype="Int64"
            ),
            "max_units": pd.Series([p.max_units for p in programmes], dtype="Int64"),
        }
    )


def _notes(below: Mask, above: Mask, unconfirmed: int, silent: list[str]) -> list[Note]:
    """What the limits took away."""
    notes = []
    if below.any() or above.any():
        notes.append(Note("actions_outside_retention", {"below": int(below.sum()), "above": int(above.sum())}))
    if unconfirmed:
        notes.append(Note("local_body_not_confirmed", {"number": unconfirmed}))
    if silent:
        notes.append(Note("programmes_without_offer", {"programmes": ", ".join(silent), "number": len(silent)}))
    return notes
