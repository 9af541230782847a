"""What programmes pay towards every action: actions under equal circumstances worked out together."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner import frames
from planner.funding.costs import Costs
from planner.funding.working import Through, terms_of, work_through
from planner.programmes import PAYERS, Programme, When

Yen = NDArray[np.int64]
Mask = NDArray[np.bool_]
UNKNOWN_DAYS = -1


@dataclass(frozen=True)
class Cases:
    """Actions, their capital by category, and the few different circumstances that they are in.

    ``costs``: yen by category, each (actions,). ``facts``: circumstances and number of cameras of each case; ``which``: the
    case of each action, (actions,).
    """

    costs: Mapping[str, Yen]
    facts: list[tuple[When, int]]
    which: NDArray[np.intp]

    @classmethod
    def of(cls, costs: Costs, actions: pd.DataFrame, places: NDArray[np.object_], power: NDArray[np.object_]) -> Cases:
        """The cases of a table ``actions``; ``places``, ``power`` as of `conditions` ("" where not known)."""
        kinds = pd.Categorical(actions["kind"], categories=list(frames.ACTION_KINDS)).codes
        days = actions["retention_days"].fillna(UNKNOWN_DAYS).to_numpy(dtype=np.int64)
        place, place_words = pd.factorize(places)
        source, source_words = pd.factorize(power)
        cameras = np.maximum(actions["cameras"].to_numpy(dtype=np.int64), 1)
        bought = [costs.by_category[c] > 0 for c in ("pole", "recorder")]
        keys, which = np.unique(
            np.column_stack([kinds, days, place, source, cameras, *bought]), axis=0, return_inverse=True
        )
        facts = [
            (
                When(
                    kind=frames.ACTION_KINDS[kind] if frames.ACTION_KINDS[kind] in _SUBSIDISED else None,
                    days=day if day > 0 else None,
                    place=place_words[at] or None,
                    power=source_words[by] or None,
                    own_pole=bool(pole),
                    recorder="own" if recorder else None,
                ),
                number,
            )
            for kind, day, at, by, number, pole, recorder in keys.tolist()
        ]
        return cls(costs.by_category, facts, which.ravel())

    def less(self, paid: Yen, first: tuple[str, ...], then: tuple[str, ...]) -> Cases:
        """The same actions once ``paid`` is taken off their costs: off these categories first, then off those."""
        left, costs = paid.copy(), dict(self.costs)
        for category in dict.fromkeys((*first, *then)):
            if category in costs:
                taken = np.minimum(left, costs[category])
                costs[category], left = costs[category] - taken, left - taken
        return replace(self, costs=costs)


_SUBSIDISED = ("install", "extend", "renew", "repair", "remove")


@dataclass(frozen=True)
class Paid:
    """What one programme, or two together, pay towards every action, yen; arrays (actions,).

    ``granted``: subsidies by payer; ``left``: what the recipient bears. ``untold``: by circumstance (``joint``, ``power``)
    where the town does not tell it although the sum depends on it; the lowest sum stands there.
    """

    subsidy: Yen
    granted: Mapping[str, Yen]
    left: Yen
    recipient: str
    untold: Mapping[str, Mask]
    second: Yen | None = None  # of ``subsidy``, what the second of two programmes pays

    @property
    def payers(self) -> dict[str, Yen]:
        """Who pays the whole cost, by column of ``offers``."""
        paid = {f"{payer}_yen": yen for payer, yen in self.granted.items()}
        paid[f"{self.recipient}_yen"] = paid[f"{self.recipient}_yen"] + self.left
        return paid

    def then(self, more: Paid) -> Paid:
        """Two programmes on one action: ``more`` was worked out on what this one left; nothing where either pays nothing."""
        both = (self.subsidy > 0) & (more.subsidy > 0)
        return Paid(
            np.where(both, self.subsidy + more.subsidy, 0),
            {p: np.where(both, self.granted[p] + more.granted[p], 0) for p in PAYERS},
            more.left,
            self.recipient,
            {key: self.untold[key] | more.untold[key] for key in self.untold},
            np.where(both, more.subsidy, 0),
        )


def amount(programme: Programme, cases: Cases, applicant: str) -> Paid:
    """The subsidy of one programme for every action and who pays the action then.

    Parameters
    ----------
    programme
        Which kinds of action it is for is asked here: 0 for the others.
    cases
        The actions.
    applicant
        Who applies: ``municipality`` or ``local_body``.

    Raises
    ------
    InputError
        ``programme_incomplete`` of `work_through`.

    Notes
    -----
    Where the municipality's sites are one application, the least cost and the rounding are left to the application as a
    whole, and the lowest of the terms that begin with a later unit hold for every site: never more than is paid.

    Whether the town applies together with others, and how a place is powered whose mount does not tell, may be unknown. The
    sum is worked out under every reading; where the readings differ it is ``untold``.
    """
    one = programme.as_one_application(applicant)
    asked = programme.model_copy(update={"min_eligible_cost_yen": None, "rounding_yen": None}) if one else programme
    later = max(
        (v.when.unit_from for v in programme.variants if v.when.unit_from and not v.when.recorder), default=None
    )
    nothing = np.zeros(len(cases.which), dtype=np.int64)
    subsidy, granted = nothing.copy(), {payer: nothing.copy() for payer in PAYERS}
    untold = {key: np.zeros(len(nothing), dtype=bool) for key in ("joint", "power")}
    order = np.argsort(cases.which, kind="stable")
    ends = np.cumsum(np.bincount(cases.which, minlength=len(cases.facts)))
    for (facts, cameras), last, at in zip(cases.facts, ends, np.split(order, ends[:-1]), strict=True):
        if facts.kind not in programme.kinds or not last:
            continue
        here = {category: yen[at] for category, yen in cases.costs.items()}
        known = facts.model_copy(update={"unit_from": later if one else None, "applicant": applicant})
        readings = _readings(programme, known)
        stated = work_through(asked, here, next(readings)[1], cameras)
        _lay(stated, at, subsidy, granted)
        for key, reading in readings:
            other = work_through(asked, here, reading, cameras)
            untold[key][at] |= other.subsidy != stated.subsidy
            _lay(other, at, subsidy, granted, other.subsidy < subsidy[at])
    caps = _caps(programme, applicant)
    for key in untold:
        if any(cap != caps[0][1] for by, cap in caps if by == key):
            untold[key] |= subsidy > 0
    recipient = "municipality" if programme.to_municipality(applicant) else "local_body"
    whole = np.asarray(sum(cases.costs.values(), nothing), dtype=np.int64)
    return Paid(subsidy, granted, whole - subsidy, recipient, untold)


def _lay(
    found: Through, at: NDArray[np.intp], subsidy: Yen, granted: Mapping[str, Yen], only: Mask | None = None
) -> None:
    """Write what was worked out for some actions into the arrays of all (``only``: of them, for which)."""
    mine = np.ones(len(at), dtype=bool) if only is None else only
    subsidy[at[mine]] = found.subsidy[mine]
    for payer in PAYERS:
        granted[payer][at[mine]] = found.granted[payer][mine]


def _readings(programme: Programme, facts: When) -> Iterator[tuple[str, When]]:
    """The circumstances as known or stated, then with each unknown one as it could be otherwise, and by which it differs."""
    stated = facts.model_copy(update={"joint": programme.joint, "power": facts.power or programme.power})
    yield "", stated
    choices: tuple[tuple[str, tuple[bool | str, ...]], ...] = (("joint", (True, False)), ("power", ("mains", "solar")))
    open_ = [(k, c) for k, c in choices if getattr(stated, k) is None and programme.varies_by(k)]  # type: ignore[arg-type]
    for key, values in open_:
        yield from ((key, stated.model_copy(update={key: value})) for value in values)
    if len(open_) > 1:
        for pair in itertools.product(*(values for _, values in open_)):
            yield "joint", stated.model_copy(update=dict(zip((k for k, _ in open_), pair, strict=True)))


def total_cap_yen(programme: Programme, applicant: str) -> int | None:
    """What the programme pays at most for a whole plan: where the municipality applies once, the ceiling of that application too."""
    return min((cap for _, cap in _caps(programme, applicant) if cap is not None), default=None)


def _caps(programme: Programme, applicant: str) -> list[tuple[str, int | None]]:
    """The ceiling on a whole plan under every reading of the circumstances, with that by which it differs from the first."""
    if programme.cap_total_of != "programme" and not programme.as_one_application(applicant):
        return [("", None)]
    readings = _readings(programme, When(applicant=applicant))
    return [(key, terms_of(programme, reading).cap_total_yen) for key, reading in readings]


def running_paid(
    programmes: Sequence[tuple[Programme, Mask]], costs: Costs, actions: pd.DataFrame, applicant: str
) -> pd.DataFrame:
    """Table ``running_paid``: what programmes for running costs pay a year towards each new site.

    Parameters
    ----------
    programmes
        Those for running costs, each with the actions for which its own rules are kept, (actions,).
    costs, actions
        What each action adds by the year; only ``install`` is asked, and savings count nothing.
    applicant
        Who applies.

    Notes
    -----
    A programme with a ceiling on the whole plan (`ceiled`) pays nothing: what is left for one site would depend on the others.
    """
    new = np.asarray(actions["kind"] == "install")
    names = [*(f"{payer}_yen_per_year" for payer in PAYERS), "subsidy_yen_per_year"]
    parts = []
    for programme, free in programmes:
        if ceiled(programme, applicant):
            continue
        here = np.flatnonzero(new & free)
        cameras = np.maximum(actions["cameras"].to_numpy(dtype=np.int64), 1)[here]
        paid = np.zeros((len(here), len(names)), dtype=np.int64)
        for number in np.unique(cameras):
            at = np.flatnonzero(cameras == number)
            added = {c: np.maximum(costs.yearly[c], 0)[here[at]] for c in frames.YEARLY_CATEGORIES}
            worked = work_through(programme, added, When(applicant=applicant), cameras=int(number))
            paid[at] = np.column_stack([*worked.payers.values(), worked.subsidy])
        spread = pd.DataFrame(paid, columns=names)
        spread.insert(0, "action_id", actions["action_id"].to_numpy()[here])
        spread.insert(1, "programme_id", pd.Series([programme.id] * len(here), dtype="str"))
        parts.append(spread[spread["subsidy_yen_per_year"] > 0])
    none: pd.DataFrame = frames.empty("running_paid", 0)
    found: pd.DataFrame = pd.concat(parts, ignore_index=True) if parts else none
    return found.astype({"action_id": "str", "programme_id": "str"})


def ceiled(programme: Programme, applicant: str) -> bool:
    """Whether a programme pays a whole plan only up to a sum or a number."""
    return programme.max_units is not None or total_cap_yen(programme, applicant) is not None
