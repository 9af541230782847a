"""The door of the room: every action priced, once with own money and once per programme that may pay."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner import frames
from planner.errors import Note
from planner.funding.costs import Costs, cost
from planner.funding.subsidy import amount, condition_kept
from planner.settings import Settings

Mask = NDArray[np.bool_]
_REASONS = ("below_min_days", "above_max_days", "local_body_not_confirmed", "programme_condition")
_WHY_NOT = np.array(
    [" ".join(r for bit, r in enumerate(_REASONS) if mask >> bit & 1) for mask in range(2 ** len(_REASONS))],
    dtype=object,
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

    every = np.arange(len(actions))
    blocks = [_block(None, every, costs, np.zeros_like(cameras), np.zeros(len(actions), dtype=bool))]
    silent = []
    for programme in inputs.programmes:
        paid = amount(programme, costs, cameras)
        at = np.flatnonzero(np.isin(kind, programme.kinds) & (paid > 0))
        kept = condition_kept(programme, kind, days)
        blocks.append(_block(programme, at, costs, paid, ~kept))
        if not kept[at].any():
            silent.append(programme.id)
    table = _table(actions, costs, blocks, (below, above), confirmed=confirmed)
    return frames.Offers(
        table=frames.check("offers", table),
        caps=frames.check("programme_caps", _caps(inputs.programmes)),
        notes=(*costs.notes, *_notes(table, below, above, silent)),
    )


def _block(
    programme: frames.Programme | None,
    at: NDArray[np.intp],
    costs: Costs,
    paid: NDArray[np.int64],
    breaks: Mask,
) -> dict[str, NDArray[np.int64]]:
    """One programme's offers (None: own money) as columns of whole numbers; ``action`` is a position."""
    subsidy = paid[at]
    rest = costs.total[at] - subsidy
    payers = {f"{payer}_yen": np.zeros(len(at), dtype=np.int64) for payer in frames.PAYERS}
    if programme is not None:
        payers[f"{programme.payer}_yen"] += subsidy
    recipient = "municipality" if programme is None else programme.recipient
    payers[f"{recipient}_yen"] += rest
    return {"action": at, **payers, "subsidy_yen": subsidy, "condition": breaks[at].astype(np.int64)} | {
        "programme": np.full(len(at), -1, dtype=np.int64)
    }


def _table(
    actions: pd.DataFrame,
    costs: Costs,
    blocks: list[dict[str, NDArray[np.int64]]],
    limits: tuple[Mask, Mask],
    *,
    confirmed: bool,
) -> pd.DataFrame:
    """Table ``offers``, ordered by action and programme."""
    raise NotImplementedError
