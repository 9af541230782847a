"""The door of the room: every action priced, once with own money and once per programme that may pay."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner import frames
from planner.errors import Note
from planner.funding.conditions import condition_kept, places_of, too_near
from planner.funding.costs import Costs, cost
from planner.funding.subsidy import Cases, amount, running_paid, total_cap_yen
from planner.programmes import PAYERS, Programme, fiscal_year_today
from planner.settings import Settings

Mask = NDArray[np.bool_]
Whole = NDArray[np.int64]
_REASONS = (
    *("below_min_days", "above_max_days", "local_body_not_confirmed", "programme_condition"),
    *("programme_not_in_force", "programme_distance"),
)
_NOT_IN_FORCE = {"programme_closed", "programme_expired", "programme_not_begun"}
_WHY_NOT = pd.Series(
    [" ".join(r for bit, r in enumerate(_REASONS) if mask >> bit & 1) for mask in range(2 ** len(_REASONS))],
    dtype="str",
)


def price(inputs: frames.Inputs, survey: frames.Survey, settings: Settings) -> frames.Offers:
    """Price every action and say who pays.

    Parameters
    ----------
    inputs
        Tables ``models, tiers, standing, targets`` and the programmes.
    survey
        Tables ``actions`` and ``mounts``.
    settings
        ``budget.local_body_yen``: without it nothing that a local body pays can be bought, only listed for outreach;
        ``funding.fiscal_year`` (None: today's): the year in which the programmes must be in force.

    Returns
    -------
    frames.Offers
        ``table``: per action one offer of own money (``offer_id`` = action_id + "|") and one per programme that is for its
        kind and pays anything (action_id + "|" + programme id), in the order of actions and programmes. Payers add up to
        the cost of the action. ``why_not`` holds the codes of the rules that an offer breaks, "" if it can be bought:
        ``below_min_days``, ``above_max_days`` (never keep or remove), ``local_body_not_confirmed``, ``programme_condition``
        (the programme's limits on retention), ``programme_not_in_force``, ``programme_distance`` (nearer to a standing camera than
        the programme allows). ``caps``: ceilings, least sums and fixed charges of whole programmes. ``upkeep``: running
        costs of every action by category, its lease and its life; ``running_paid``: what programmes for running costs pay of them.

    Raises
    ------
    InputError
        ``model_without_price``, ``tier_without_price``, ``mount_without_kind``, ``programme_incomplete``; ``table_refused``
        of ``frames.check``.

    Notes
    -----
    The funders of a programme pay the subsidy (``subsidy.amount``); the rest falls to its recipient, the municipality
    or a local body. Where the municipality itself applies, its sites are one application: the least cost and the
    rounding are of the application (``programme_caps``), not of each site. Dominated offers stay: to drop them is the choice's
    business. Source: ``model.md`` 4.
    """
    actions = pd.DataFrame(survey.actions.drop(columns="geometry"))
    costs = cost(inputs, survey.mounts, actions)
    kind = actions["kind"].to_numpy(dtype=object)
    days = actions["retention_days"].to_numpy(dtype=np.float64)
    limited = ~np.isin(kind, ["keep", "remove"])
    below = limited & (days < actions["min_days"].to_numpy(dtype=np.float64))
    above = limited & (days > actions["max_days"].to_numpy(dtype=np.float64))
    cases = Cases.of(costs, actions, places_of(survey.actions, inputs.targets))
    applicant, confirmed = inputs.town.applicant, settings.budget.local_body_yen is not None
    year = settings.funding.fiscal_year or fiscal_year_today()

    own = {f"{payer}_yen": costs.total if payer == "municipality" else np.zeros_like(costs.total) for payer in PAYERS}
    blocks = [_block(-1, np.arange(len(actions)), own | {"subsidy_yen": np.zeros_like(costs.total)})]
    silent, uneven = [], {}
    for position, programme in enumerate(inputs.programmes):
        paid = amount(programme, cases, applicant)
        at = np.flatnonzero(paid["subsidy_yen"] > 0)
        kept = condition_kept(programme, kind, days)
        near = too_near(programme, survey.actions, inputs.standing)
        asleep = bool(_NOT_IN_FORCE & set(programme.standing_in(year)))
        blocks.append(
            _block(position, at, paid) | {"condition": ~kept[at], "near": near[at], "asleep": np.full(len(at), asleep)}
        )
        uneven[programme.id] = bool((paid["subsidy_yen"] % (programme.rounding_yen or 1)).any())
        if asleep or not (programme.running or kept[at].any()):
            silent.append(programme.id)
    money = _stack(blocks)
    at = money["action"]
    why = (
        below[at] * 1
        + above[at] * 2
        + ((money["local_body_yen"] > 0) & (not confirmed)) * 4
        + money["condition"] * 8
        + money["asleep"] * 16
        + money["near"] * 32  # the bits of _REASONS
    )
    table = _table(actions, costs, money, tuple(p.id for p in inputs.programmes), why)
    notes = _notes(below, above, int(((why & 4) > 0).sum()), silent)
    return frames.Offers(
        table=frames.check("offers", table),
        caps=frames.check("programme_caps", _caps(inputs.programmes, applicant, uneven)),
        notes=(*costs.notes, *notes, *_programme_notes(inputs, year)),
        upkeep=frames.check("upkeep", costs.upkeep),
        running_paid=frames.check("running_paid", running_paid(inputs.programmes, costs, actions, applicant)),
    )


def _block(position: int, at: NDArray[np.intp], paid: Mapping[str, Whole]) -> dict[str, NDArray[Any]]:
    """Offers of one programme (position -1: own money) for the actions ``at``: who pays what."""
    nothing = np.zeros(len(at), dtype=bool)
    return {
        "action": at,
        "programme": np.full(len(at), position, dtype=np.int64),
        **{name: yen[at] for name, yen in paid.items()},
        **dict.fromkeys(("condition", "near", "asleep"), nothing),
    }


def _programme_notes(inputs: frames.Inputs, year: int) -> list[Note]:
    """What is doubtful about the programmes in this year (P20), and which of their terms a plan cannot tell."""
    notes = [doubt for programme in inputs.programmes for doubt in programme.doubts(year)]
    for p in inputs.programmes:
        blind = sorted({k for v in p.variants for k in ("joint", "power") if getattr(v.when, k) is not None})
        if p.min_public_share is not None:
            blind.append("min_public_share")
        if blind or any(v.when.text for v in p.variants):
            notes.append(Note("programme_terms_untold", {"id": p.id, "terms": blind or ["text"]}))
        if p.stackable:
            notes.append(Note("programme_not_stacked", {"id": p.id}))
    if any(p.recipient == "local_body" for p in inputs.programmes):
        notes.append(Note("input_tax_credit", {}))
    return notes


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


def _caps(programmes: tuple[Programme, ...], applicant: str, uneven: dict[str, bool]) -> pd.DataFrame:
    """Table ``programme_caps``: what each programme pays at most and at least, and costs once, over all its offers."""
    as_one = [p.as_one_application(applicant) for p in programmes]
    pairs = list(zip(programmes, as_one, strict=True))
    return pd.DataFrame(
        {
            "programme_id": pd.Series([p.id for p in programmes], dtype="str"),
            "cap_total_yen": pd.Series([total_cap_yen(p, applicant) for p in programmes], dtype="Int64"),
            "max_units": pd.Series([p.max_units for p in programmes], dtype="Int64"),
            "min_total_yen": pd.Series([p.least_subsidy_yen(one=one) for p, one in pairs], dtype="Int64"),
            "fixed_municipality_yen": pd.Series(
                [p.fixed_cost_yen + (one and uneven[p.id]) * ((p.rounding_yen or 1) - 1) for p, one in pairs],
                dtype="int64",
            ),
            "fixed_running_yen_per_year": pd.Series([p.fixed_running_yen_per_year for p in programmes], dtype="int64"),
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
