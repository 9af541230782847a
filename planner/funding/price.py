"""The door of the room: every action priced, once with own money and once per programme that may pay."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner import frames
from planner.errors import Note
from planner.funding.basis import with_tax
from planner.funding.conditions import days_kept, places_of, power_of, public_kept, too_near
from planner.funding.costs import Costs, cost
from planner.funding.subsidy import Cases, Paid, amount, ceiled, running_paid, total_cap_yen
from planner.funding.working import told_in_prose
from planner.programmes import PAYERS, Programme, fiscal_year_today, parts_of, stacked, together
from planner.settings import Settings

Mask = NDArray[np.bool_]
Whole = NDArray[np.int64]
_REASONS = (
    *("below_min_days", "above_max_days", "local_body_not_confirmed", "programme_min_days", "programme_max_days"),
    *("programme_not_in_force", "programme_distance", "programme_public_share", "programme_public_share_untold"),
    *("programme_joint_untold", "programme_power_untold"),
)
_OF_PROGRAMMES = _REASONS[3:]
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
        ``table``: per action one offer of own money (``offer_id`` = action_id + "|"), one per programme that is for its
        kind and pays anything (action_id + "|" + programme id), and one per two programmes that may pay together (their ids
        joined by "+"; ``second_subsidy_yen``: what the second pays of ``subsidy_yen``), in that order. Payers add up to
        the cost of the action; ``municipality_running_yen_per_year``: what of the running costs falls to the municipality.
        ``why_not`` holds the codes of the rules that an offer breaks, "" if it can be bought: ``below_min_days``,
        ``above_max_days`` (never keep or remove), ``local_body_not_confirmed``; of the programme: ``programme_min_days``,
        ``programme_max_days``, ``programme_not_in_force``, ``programme_distance`` (nearer to a standing camera than it
        allows), ``programme_public_share``; and what it depends on and the town does not tell:
        ``programme_public_share_untold``, ``programme_joint_untold``, ``programme_power_untold``. ``caps``: ceilings, least
        sums and fixed charges of whole programmes. ``upkeep``: running costs of every action by category, its lease and
        its life; ``running_paid``: what programmes for running costs pay of them, where their own rules are kept. ``tiers``:
        the recorders of ``inputs`` with tax in their prices.

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
    power = power_of(actions, survey.mounts, inputs.standing)
    cases = Cases.of(costs, actions, places_of(survey.actions, inputs.targets), power)
    applicant, confirmed = inputs.town.applicant, settings.budget.local_body_yen is not None
    year = settings.funding.fiscal_year or fiscal_year_today()

    single = [_Offered(p, amount(p, cases, applicant), _broken(p, inputs, survey, year)) for p in inputs.programmes]
    offered = [*single, *_stacked(single, cases, applicant)]
    blocks = [_own(costs), *(_block(position, offer) for position, offer in enumerate(offered))]
    money = _stack(blocks)
    at = money["action"]
    told = {"below_min_days": below[at], "above_max_days": above[at]}
    told["local_body_not_confirmed"] = (money["local_body_yen"] > 0) & (not confirmed)
    told |= {reason: money[reason] for reason in _OF_PROGRAMMES}
    why = np.asarray(sum(told[reason].astype(np.int64) << bit for bit, reason in enumerate(_REASONS)), dtype=np.int64)
    yearly = [(o.programme, o.free) for o in single if o.programme.running]
    paid_yearly = frames.check("running_paid", running_paid(yearly, costs, actions, applicant))
    table = _table(actions, costs, money, tuple(o.id for o in offered), why)
    table = _with_running(table, paid_yearly, inputs.programmes, applicant)
    silent = [o.programme for o in single if not (o.programme.running or o.open)]
    notes = [
        *_notes(below, above, int(told["local_body_not_confirmed"].sum()), silent),
        *_programme_notes(inputs, year),
        *_untold(single, kind),
        *_measured(single, survey, kind),
        *_ceiled(yearly, applicant),
        *_days_conflicts(inputs.programmes, actions),
    ]
    return frames.Offers(
        table=frames.check("offers", table),
        caps=frames.check("programme_caps", _caps(single, applicant)),
        notes=(*costs.notes, *notes),
        upkeep=frames.check("upkeep", costs.upkeep),
        running_paid=paid_yearly,
        tiers=with_tax(inputs.tiers),
        names={p.id: p.named for p in inputs.programmes},
    )


@dataclass(frozen=True)
class _Offered:
    """One programme, or two on one action, with what is paid and where which of its rules is broken (arrays of actions)."""

    programme: Programme
    paid: Paid
    broken: Mapping[str, Mask]
    second: Programme | None = None

    @property
    def id(self) -> str:
        """The programme's id; of two, both."""
        return self.programme.id if self.second is None else together(self.programme, self.second)

    @property
    def free(self) -> Mask:
        """Of which actions it says itself that it may pay for them."""
        return np.asarray(~np.logical_or.reduce(list(self.broken.values())), dtype=np.bool_)

    @property
    def open(self) -> bool:
        """Whether any action can be paid by it as far as it says itself."""
        return bool((self.free & (self.paid.subsidy > 0)).any())

    def asked(self, kind: NDArray[np.object_]) -> Mask:
        """Which actions it would pay for, its own rules aside: one for running costs is asked for every new site."""
        return np.asarray(kind == "install" if self.programme.running else self.paid.subsidy > 0, dtype=np.bool_)


def _broken(programme: Programme, inputs: frames.Inputs, survey: frames.Survey, year: int) -> dict[str, Mask]:
    """Where which rule of a programme is not met (``_OF_PROGRAMMES`` but for what the sum depends on)."""
    actions = survey.actions
    kind = actions["kind"].to_numpy(dtype=object)
    enough, short = days_kept(programme, kind, actions["retention_days"].to_numpy(dtype=np.float64))
    public, known = public_kept(programme, kind, survey.public_share)
    asleep = bool(_NOT_IN_FORCE & set(programme.standing_in(year)))
    return {
        "programme_min_days": ~enough,
        "programme_max_days": ~short,
        "programme_not_in_force": np.full(len(actions), asleep),
        "programme_distance": too_near(programme, actions, inputs.standing),
        "programme_public_share": ~public,
        "programme_public_share_untold": ~known,
    }


def _stacked(single: Sequence[_Offered], cases: Cases, applicant: str) -> list[_Offered]:
    """Two programmes on one action, where they say so: the second pays on what the first leaves of the cost.

    What the first pays is taken off the costs that both count before all others, so that no apportionment of one bill among
    two programmes could pay less. Both must have the same recipient.
    """
    by_id = {o.programme.id: o for o in single}
    found = []
    for one, other in itertools.combinations([o.programme for o in single if not o.programme.running], 2):
        order = stacked(one, other)
        if order is None or one.to_municipality(applicant) != other.to_municipality(applicant):
            continue
        first, second = (by_id[p.id] for p in order)
        theirs = first.programme.eligible_categories or ()
        shared = tuple(c for c in second.programme.eligible_categories or () if c in theirs)
        left = cases.less(first.paid.subsidy, shared, theirs)
        paid = first.paid.then(amount(second.programme, left, applicant))
        broken = {reason: first.broken[reason] | second.broken[reason] for reason in first.broken}
        found.append(_Offered(first.programme, paid, broken, second.programme))
    return found


def _own(costs: Costs) -> dict[str, NDArray[Any]]:
    """The offers of own money."""
    total = costs.total
    nothing = np.zeros_like(total)
    return {
        "action": np.arange(len(total)),
        "programme": np.full(len(total), -1, dtype=np.int64),
        **{f"{payer}_yen": total if payer == "municipality" else nothing for payer in PAYERS},
        **dict.fromkeys(("subsidy_yen", "second_subsidy_yen"), nothing),
        **dict.fromkeys(_OF_PROGRAMMES, nothing.astype(bool)),
    }


def _block(position: int, offered: _Offered) -> dict[str, NDArray[Any]]:
    """The offers of one programme for the actions to which it pays anything."""
    paid = offered.paid
    at = np.flatnonzero(paid.subsidy > 0)
    untold = {f"programme_{key}_untold": mask for key, mask in paid.untold.items()}
    return {
        "action": at,
        "programme": np.full(len(at), position, dtype=np.int64),
        **{name: yen[at] for name, yen in paid.payers.items()},
        "subsidy_yen": paid.subsidy[at],
        "second_subsidy_yen": np.zeros_like(at) if paid.second is None else paid.second[at],
        **{reason: mask[at] for reason, mask in {**offered.broken, **untold}.items()},
    }


def _programme_notes(inputs: frames.Inputs, year: int) -> list[Note]:
    """What is doubtful about the programmes in this year (P20), and which of their terms are prose."""
    notes = [doubt for programme in inputs.programmes for doubt in programme.doubts(year)]
    notes += [note for programme in inputs.programmes for note in told_in_prose(programme)]
    notes += [
        Note("programme_terms_untold", {"name": p.named, "terms": [v.when.text for v in p.variants if v.when.text]})
        for p in inputs.programmes
        if any(v.when.text for v in p.variants)
    ]
    if any(p.recipient == "local_body" for p in inputs.programmes):
        notes.append(Note("input_tax_credit", {}))
    return notes


def _untold(single: Sequence[_Offered], kind: NDArray[np.object_]) -> list[Note]:
    """Programmes that cannot be offered everywhere because the town does not tell what they depend on, and how to state it."""
    notes = []
    for o in single:
        masks = {
            **o.paid.untold,
            "public_share": o.broken["programme_public_share_untold"] & o.asked(kind),
        }
        for key, mask in masks.items():
            if mask.any():
                told = {"id": o.programme.id, "name": o.programme.named, "number": int(mask.sum())}
                notes.append(Note(f"programme_{key}_untold", told))
    return notes


def _measured(single: Sequence[_Offered], survey: frames.Survey, kind: NDArray[np.object_]) -> list[Note]:
    """For which programmes the share of public ground was measured, and how many offers have too little of it."""
    notes = []
    for o in single:
        p = o.programme
        if p.min_public_share is None or p.public_share is not None or survey.public_share is None:
            continue
        short = o.broken["programme_public_share"] & o.asked(kind)
        told = {"name": p.named, "share": float(p.min_public_share), "number": int(short.sum())}
        notes.append(Note("programme_public_share_measured", told))
    return notes


def _ceiled(yearly: Sequence[tuple[Programme, Mask]], applicant: str) -> list[Note]:
    """Programmes for running costs that are left out because a ceiling holds over all sites together."""
    return [Note("programme_running_ceiled", {"name": p.named}) for p, _ in yearly if ceiled(p, applicant)]


def _days_conflicts(programmes: Sequence[Programme], actions: pd.DataFrame) -> list[Note]:
    """Where a programme's days and the limits of the places leave no number of days: programme, both rules, number of places."""
    notes = []
    places = actions[~actions["kind"].isin(["keep", "remove"])].drop_duplicates("group_id")
    for p in programmes:
        for own, other, sign in (("min_retention_days", "max_days", 1), ("max_retention_days", "min_days", -1)):
            days = getattr(p, own)
            if days is None:
                continue
            here = places[sign * days > sign * places[other]]
            for (limit, origin), part in here.groupby([other, "limit_origin"]):
                told = {"name": p.named, "days": days, "limit_days": limit, "origin": origin or "-"}
                notes.append(Note(f"programme_{own[:3]}_days_conflict", {**told, "number": len(part)}))
    return notes


def _with_running(
    table: pd.DataFrame, paid: pd.DataFrame, programmes: Sequence[Programme], applicant: str
) -> pd.DataFrame:
    """The table with what of the running costs falls to the municipality.

    Whoever installs bears them, less what the programme for running costs that pays most (one with the same recipient) pays.
    """
    to_town = {p.id: p.to_municipality(applicant) for p in programmes}
    codes, ids = pd.factorize(table["programme_id"])
    own = np.array([all(to_town[part] for part in parts_of(i)) for i in ids], dtype=bool)[codes]
    whole = table["running_yen_per_year"].to_numpy(dtype=np.int64)
    share = np.where(own, whole, 0)
    if len(paid):
        ranked = paid.sort_values(["subsidy_yen_per_year", "programme_id"], ascending=False)
        for mine in (True, False):
            fits = ranked[ranked["programme_id"].map(to_town).to_numpy(dtype=bool) == mine]
            best = fits.drop_duplicates("action_id").set_index("action_id")
            granted = best[[f"{p}_yen_per_year" for p in PAYERS]]
            others = table["action_id"].map(granted.drop(columns="municipality_yen_per_year").sum(axis=1)).fillna(0)
            town = table["action_id"].map(granted["municipality_yen_per_year"]).fillna(0)
            here = (own == mine) & table["action_id"].isin(best.index).to_numpy()
            share = np.where(here, whole - others.to_numpy(np.int64) if mine else town.to_numpy(np.int64), share)
    at = list(table.columns).index("running_yen_per_year") + 1
    table.insert(at, "municipality_running_yen_per_year", share.astype(np.int64))
    return table


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
    for column in (*(f"{payer}_yen" for payer in PAYERS), "subsidy_yen", "second_subsidy_yen"):
        table[column] = money[column]
    table["running_yen_per_year"] = costs.running[at]
    table["why_not"] = _WHY_NOT.take(why).reset_index(drop=True)
    for column in ("reused_model_id", "needs_removed"):
        table[column] = actions[column].take(at).reset_index(drop=True)
    return table


def _caps(single: Sequence[_Offered], applicant: str) -> pd.DataFrame:
    """Table ``programme_caps``: what each programme pays at most and at least, and costs once, over all its offers.

    What a whole application loses to rounding is at most the unit less the greatest number that divides the unit and all
    subsidies of its sites.
    """
    programmes = [o.programme for o in single]
    as_one = [p.as_one_application(applicant) for p in programmes]
    pairs = list(zip(single, as_one, strict=True))
    fixed = [o.programme.fixed_cost_yen + (_cut_yen(o) if one else 0) for o, one in pairs]
    return pd.DataFrame(
        {
            "programme_id": pd.Series([p.id for p in programmes], dtype="str"),
            "cap_total_yen": pd.Series([total_cap_yen(p, applicant) for p in programmes], dtype="Int64"),
            "max_units": pd.Series([p.max_units for p in programmes], dtype="Int64"),
            "units_of": pd.Series([p.max_units_of for p in programmes], dtype="str"),
            "min_total_yen": pd.Series([o.programme.least_subsidy_yen(one=one) for o, one in pairs], dtype="Int64"),
            "fixed_municipality_yen": pd.Series(fixed, dtype="int64"),
            "fixed_running_yen_per_year": pd.Series([p.fixed_running_yen_per_year for p in programmes], dtype="int64"),
        }
    )


def _cut_yen(offered: _Offered) -> int:
    """The most that rounding a whole application can cut off."""
    unit = offered.programme.rounding_yen or 1
    return unit - math.gcd(unit, int(np.gcd.reduce(offered.paid.subsidy)) if len(offered.paid.subsidy) else 0)


def _notes(below: Mask, above: Mask, unconfirmed: int, silent: list[Programme]) -> list[Note]:
    """What the limits took away."""
    notes = []
    if below.any() or above.any():
        notes.append(Note("actions_outside_retention", {"below": int(below.sum()), "above": int(above.sum())}))
    if unconfirmed:
        notes.append(Note("local_body_not_confirmed", {"number": unconfirmed}))
    if silent:
        notes.append(Note("programmes_without_offer", {"programmes": [p.named for p in silent], "number": len(silent)}))
    return notes
