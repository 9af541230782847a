"""What a programme pays towards every action: each different case worked out once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner import frames
from planner.funding.costs import Costs
from planner.funding.working import terms_of, work_out
from planner.programmes import PAYERS, Programme, When

Yen = NDArray[np.int64]
UNKNOWN_DAYS = -1
COLUMNS = (*(f"{payer}_yen" for payer in PAYERS), "subsidy_yen")


@dataclass(frozen=True)
class Cases:
    """Actions of one town differ in few ways (model, days, pole, place): the different ones, and which each action is.

    ``keys`` (cases, columns): capital by category, cameras, position of the kind, days (``UNKNOWN_DAYS``), place;
    ``which`` (actions,).
    """

    keys: list[list[int]]
    places: list[str]
    which: NDArray[np.intp]

    @classmethod
    def of(cls, costs: Costs, actions: pd.DataFrame, places: NDArray[np.object_]) -> Cases:
        """The cases of a table ``actions``; ``places`` as of ``conditions.places_of``."""
        kinds = pd.Categorical(actions["kind"], categories=list(frames.ACTION_KINDS)).codes.astype(np.int64)
        days = actions["retention_days"].fillna(UNKNOWN_DAYS).to_numpy(dtype=np.int64)
        place, words = pd.factorize(places)
        cameras = np.maximum(actions["cameras"].to_numpy(dtype=np.int64), 1)
        columns = [*(costs.by_category[c] for c in frames.COST_CATEGORIES), cameras, kinds, days, place]
        keys, which = np.unique(np.column_stack(columns), axis=0, return_inverse=True)
        return cls(keys.tolist(), [str(word) for word in words], which.ravel())


def amount(programme: Programme, cases: Cases, applicant: str) -> dict[str, Yen]:
    """The subsidy of one programme for every action and who pays the action then, yen, each of shape (actions,).

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
        ``programme_incomplete`` of `work_out`.

    Notes
    -----
    Where the municipality's sites are one application, the least cost and the rounding are left to the application as a
    whole, and the lowest of the terms that begin with a later unit hold for every site: never more than is paid.
    """
    one = programme.as_one_application(applicant)
    asked = programme.model_copy(update={"min_eligible_cost_yen": None, "rounding_yen": None}) if one else programme
    later = max(
        (v.when.unit_from for v in programme.variants if v.when.unit_from and not v.when.recorder), default=None
    )
    paid = np.zeros((len(cases.keys), len(COLUMNS)), dtype=np.int64)
    for at, case in enumerate(cases.keys):
        cameras, kind, days, place = case[-4:]
        name = frames.ACTION_KINDS[kind]
        if name not in programme.kinds:
            continue
        by_category = dict(zip(frames.COST_CATEGORIES, case, strict=False))
        facts = When(
            place=cases.places[place] or None,
            unit_from=later if one else None,
            kind=name,
            own_pole=by_category["pole"] > 0,
            recorder="own" if by_category["recorder"] > 0 else None,
            applicant=applicant,
            days=days if days > 0 else None,
        )
        worked = work_out(asked, by_category, facts, cameras=cameras)
        paid[at] = [*(worked.payers[c] for c in COLUMNS[:-1]), worked.subsidy_yen]
    spread = paid[cases.which]
    return {name: spread[:, n] for n, name in enumerate(COLUMNS)}


def total_cap_yen(programme: Programme, applicant: str) -> int | None:
    """What the programme pays at most for a whole plan: where the municipality applies once, the ceiling of that application too."""
    if programme.cap_total_of != "programme" and not programme.as_one_application(applicant):
        return None
    return terms_of(programme, When(applicant=applicant)).cap_total_yen


def running_paid(
    programmes: tuple[Programme, ...], costs: Costs, actions: pd.DataFrame, applicant: str
) -> pd.DataFrame:
    """Table ``running_paid``: what programmes for running costs pay a year towards each new site.

    Parameters
    ----------
    programmes
        Those with ``running`` are asked.
    costs, actions
        What each action adds by the year; only ``install`` is asked, and savings count nothing.
    applicant
        Who applies.
    """
    asked = [p for p in programmes if p.running]
    new = np.flatnonzero(np.asarray(actions["kind"] == "install"))
    names = [*(f"{payer}_yen_per_year" for payer in PAYERS), "subsidy_yen_per_year"]
    if not asked or not len(new):
        none: pd.DataFrame = frames.empty("running_paid", 0)
        return none
    cameras = np.maximum(actions["cameras"].to_numpy(dtype=np.int64), 1)
    added = np.column_stack([*(np.maximum(costs.yearly[c], 0) for c in frames.YEARLY_CATEGORIES), cameras])[new]
    keys, which = np.unique(added, axis=0, return_inverse=True)
    parts = []
    for programme in asked:
        facts = When(applicant=applicant)
        paid = np.zeros((len(keys), len(names)), dtype=np.int64)
        for at, (*yen, number) in enumerate(keys.tolist()):
            worked = work_out(programme, dict(zip(frames.YEARLY_CATEGORIES, yen, strict=True)), facts, cameras=number)
            paid[at] = [*(worked.payers[c] for c in COLUMNS[:-1]), worked.subsidy_yen]
        spread = pd.DataFrame(paid[which.ravel()], columns=names)
        spread.insert(0, "action_id", actions["action_id"].to_numpy()[new])
        spread.insert(1, "programme_id", pd.Series([programme.id] * len(new), dtype="str"))
        parts.append(spread[spread["subsidy_yen_per_year"] > 0])
    found: pd.DataFrame = pd.concat(parts, ignore_index=True).astype({"action_id": "str", "programme_id": "str"})
    return found
