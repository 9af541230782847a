"""The same plan under other money: cut back by 10, 20 and 30 %, without the grant, with a tender surplus (P18).

All of them are made at once and for expected offences, also where the plan is spread over years or made safe against chance:
what they answer, in the weeks of a budget, is which sites, and the reply says so (``scenario.at_once``). The cut-backs are nested: what stands at -20 % stands at -10 %, so that the sites have an order in which they go. Beside
each stands the best plan of that budget that need not be nested, so that the price of nesting shows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from planner import ingest, plan, siting, study
from planner.errors import InputError
from planner.plan import Cutbacks, OtherPlan, OtherSite, Plan, Prepared, Tender
from planner.programmes import parts_of
from planner.settings import Contract, Merged, Settings, merge
from planner.work import Work

CUTS = (0.1, 0.2, 0.3)
_GRANTORS = {"national", "prefecture"}  # whose money may be refused
RESERVE = 0.3  # of own capital: so much more is shared out over the sites that come next


def of_town(
    folder: Path,
    made: Plan | None,
    layers: tuple[tuple[str, Mapping[str, Any]], ...],
    work: Work,
    refused: Sequence[str] | None = None,
    contracts: Mapping[str, tuple[int, int | None]] | None = None,
) -> tuple[Plan, Cutbacks]:
    """A stored plan (None: the one that is made now under these wishes) and the plans beside it.

    Raises
    ------
    PlannerError
        ``plan_other_data`` and as `beside`.
    """
    inputs = ingest.read(folder, work)
    if made is None:
        merged = study.wishes(inputs, *layers)
        prepared = study.prepare(inputs, merged.settings, work)
        made = study.decide(prepared, merged, work)
    else:
        plan.check_same_tables(made, inputs)
        merged = merge(("plan", plan.settings_of(made)))
        prepared = study.prepare(inputs, merged.settings, work)
    return made, beside(prepared, merged, made, work, refused=refused, contracts=contracts)


def beside(
    prepared: Prepared,
    merged: Merged,
    made: Plan,
    work: Work,
    *,
    refused: Sequence[str] | None = None,
    contracts: Mapping[str, tuple[int, int | None]] | None = None,
) -> Cutbacks:
    """The plans beside a plan.

    Parameters
    ----------
    prepared, merged
        Tables and settings of the plan.
    made
        The plan.
    work
        Progress (stage ``cutbacks``) and stopping.
    refused
        Programmes that are taken to be refused (None: all of the state and the prefecture that pay for a site of the plan).
    contracts
        Per site the price of its contract and, where known, the municipality's part of it, yen.

    Raises
    ------
    PlannerError
        ``plan_unknown_offers``, ``offer_not_in_model``.
    InputError
        ``programme_not_in_town``, ``contract_unknown_site``.
    """
    settings = merged.settings
    stands = [s.site_id for s in made.sites]
    own = settings.budget.own_capital_yen
    model = study.pose(prepared, settings, work)
    every = tuple(s.offer_id for s in made.sites)
    plans: list[OtherPlan] = []
    left: Sequence[str] = every
    free: siting.ProvenChoice | None = None
    for at, share in enumerate(CUTS):
        work.step("cutbacks", at, len(CUTS) + 3)
        yen = round(own * (1 - share))
        nested, nested_status = siting.choose_among(model, settings, left, yen, work)
        nested = verified(model, settings, nested, yen)
        near = [choice for choice in (nested, free) if choice is not None]
        free, free_status = siting.choose_after(model, settings, (), yen, work, near=near)
        free = verified(model, settings, free, yen)
        bound = made.bound if free is None else free.bound
        left = left if nested is None else tuple(nested.chosen["offer_id"])
        plans.append(plan.other_plan("cut_nested", prepared, nested, nested_status, stands, yen, bound, share))
        plans.append(plan.other_plan("cut_free", prepared, free, free_status, stands, yen, bound, share))
        work.check()
    work.step("cutbacks", len(CUTS), len(CUTS) + 3)
    out = _refused(prepared, made, refused)
    without, shortfall = _without(prepared, settings, made, out, work) if out else (None, None)
    plans += [without] if without else []
    work.step("cutbacks", len(CUTS) + 1, len(CUTS) + 3)
    reserve = _reserve(model, prepared, settings, every, work)
    tender: Tender | None = None
    if contracts is not None:
        tender, after = _after_tender(model, prepared, settings, made, contracts, work)
        plans.append(after)
    nested_plans = [p for p in plans if p.kind == "cut_nested"]
    return Cutbacks(
        plan_id=made.plan_id,
        own_yen=own,
        plans=plans,
        cuts=plan.goes_at(stands, nested_plans),
        refused=out,
        shortfall_yen=shortfall,
        reserve=reserve,
        tender=tender,
    )


def verified(
    model: siting.CoverModel, settings: Settings, choice: siting.ProvenChoice | None, own_yen: int
) -> siting.ProvenChoice | None:
    """A plan for other own capital, counted again from the tables (`siting.verify`).

    Raises
    ------
    PlannerError
        ``choice_refused``: it does not add up (an internal fault).
    """
    if choice is not None:
        budget = settings.budget.model_copy(update={"own_capital_yen": own_yen})
        given = replace(model.given, settings=settings.model_copy(update={"budget": budget}))
        siting.verify(replace(model, given=given), choice)
    return choice


def _refused(prepared: Prepared, made: Plan, asked: Sequence[str] | None) -> list[str]:
    """Programmes taken to be refused."""
    known = [p.id for p in prepared.inputs.programmes]
    granted = {p.id for p in prepared.inputs.programmes if _GRANTORS & (set(p.funders) or {p.payer})}
    for name in asked or ():
        if name not in known:
            raise InputError("programme_not_in_town", f"no programme {name}", id=name, known=", ".join(known) or "-")
    paying = {name for s in made.sites for name in parts_of(s.programme_id)} & granted
    return [name for name in known if name in (paying if asked is None else set(asked))]


def _without(
    prepared: Prepared, settings: Settings, made: Plan, refused: Sequence[str], work: Work
) -> tuple[OtherPlan, int | None]:
    """The best plan where these programmes pay nothing, and the own money that the plan's sites would need on top."""
    use = tuple(p.id for p in prepared.inputs.programmes if p.id not in set(refused))
    there = settings.model_copy(update={"programmes": settings.programmes.model_copy(update={"use": use})})
    town = study.priced(prepared, there)
    model = study.pose(town, there, work)
    own = settings.budget.own_capital_yen
    found, status = siting.choose_after(model, there, (), own, work)
    found = verified(model, there, found, own)
    stands = [s.site_id for s in made.sites]
    bound = made.bound if found is None else found.bound
    shortfall = _shortfall(prepared, made, set(refused))
    return plan.other_plan("without_grant", town, found, status, stands, own, bound), shortfall


def _shortfall(prepared: Prepared, made: Plan, refused: Collection[str]) -> int | None:
    """What the sites that these programmes pay would cost the municipality more by own money alone (None: not to be had)."""
    table = prepared.offers.table
    alone = table[(table["programme_id"] == "") & (table["why_not"] == "")]
    price = dict(zip(alone["action_id"].tolist(), alone["municipality_yen"].tolist(), strict=True))
    paid = [s for s in made.sites if set(parts_of(s.programme_id)) & set(refused)]
    if any(s.site_id not in price for s in paid):
        return None
    return sum(int(price[s.site_id]) - s.payers.municipality_yen for s in paid)


def _reserve(
    model: siting.CoverModel, prepared: Prepared, settings: Settings, every: Sequence[str], work: Work
) -> list[OtherSite]:
    """The sites that come next when more money comes, in order of what each adds."""
    yen = round(settings.budget.own_capital_yen * (1 + RESERVE))
    more, _ = siting.choose_after(model, settings, every, yen, work)
    more = verified(model, settings, more, yen)
    if more is None:
        return []
    return [s for s in plan.other_sites(prepared, more) if s.offer_id not in set(every)]


def _after_tender(
    model: siting.CoverModel,
    prepared: Prepared,
    settings: Settings,
    made: Plan,
    contracts: Mapping[str, tuple[int, int | None]],
    work: Work,
) -> tuple[Tender, OtherPlan]:
    """What the tender left, and the best plan that holds every site and spends it."""
    site = {s.site_id: s for s in made.sites}
    unknown = sorted(set(contracts) - set(site))
    if unknown:
        raise InputError("contract_unknown_site", f"{unknown[:5]}", number=len(unknown), sites=", ".join(unknown[:5]))
    planned = sum(site[i].payers.municipality_yen for i in contracts)
    paid = {i: own_part(site[i].payers.municipality_yen, site[i].total_yen, *contracts[i]) for i in contracts}
    contracted, budget = sum(paid.values()), settings.budget.own_capital_yen
    unspent = budget - made.payers.municipality_yen
    free = max(0, planned - contracted + unspent)
    tender = Tender(
        sites=len(contracts),
        planned_yen=planned,
        contracted_yen=contracted,
        surplus_yen=planned - contracted,
        unspent_yen=unspent,
        free_yen=free,
        assumed=sum(part is None for _, part in contracts.values()),
        contracts=[
            Contract(
                site=i,
                planned_yen=site[i].payers.municipality_yen,
                contract_yen=contracts[i][0],
                municipality_yen=paid[i],
            )
            for i in contracts
        ],
    )
    # the sites stand at their planned prices in the model, so that the limit is what they cost there and what is free
    yen = made.payers.municipality_yen + free
    every = tuple(s.offer_id for s in made.sites)
    more, status = siting.choose_after(model, settings, every, yen, work)
    more = verified(model, settings, more, yen)
    stands = [s.site_id for s in made.sites]
    bound = made.bound if more is None else more.bound
    return tender, plan.other_plan("after_tender", prepared, more, status, stands, yen, bound)


def own_part(planned_yen: int, total_yen: int, contract_yen: int, told_yen: int | None) -> int:
    """The municipality's part of a contract: as told, else falling with the price and rounded up.

    A subsidy at its ceiling does not fall with the price, so that more is left than assumed, never less; a contract above the
    plan is the municipality's alone.
    """
    if told_yen is not None:
        return told_yen
    if contract_yen >= total_yen:
        return planned_yen + contract_yen - total_yen
    return -(-planned_yen * contract_yen // max(total_yen, 1))


def read_contracts(path: Path) -> dict[str, tuple[int, int | None]]:
    """Contracted prices of a file (``contracts_of``).

    Raises
    ------
    InputError
        ``contracts_not_readable``: also where there is no such file.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError("contracts_not_readable", str(error), file=path.name, line=0, reason=str(error)) from error
    return contracts_of(content, path.name)


def contracts_of(content: bytes, name: str) -> dict[str, tuple[int, int | None]]:
    """Contracted prices of a CSV with columns ``site_id``, ``contract_yen`` and, where known, ``municipality_yen``.

    UTF-8, or code page 932 as Excel in Japanese saves it. Lines without a price are sites without a contract.

    Raises
    ------
    InputError
        ``contracts_not_readable``: neither encoding, a column missing, an amount that is none (with the line).
    """
    found: dict[str, tuple[int, int | None]] = {}
    for line, row in enumerate(csv.DictReader(io.StringIO(_decoded(content, name))), start=2):
        told = (row.get("municipality_yen") or "").replace(",", "").strip()
        try:
            price = row["contract_yen"].replace(",", "").strip()
            if not price:
                continue
            yen, part = int(price), int(told) if told else None
            identity = row["site_id"].strip()
        except (KeyError, AttributeError, ValueError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise InputError("contracts_not_readable", reason, file=name, line=line, reason=reason) from error
        if yen < 0 or identity in found or (part is not None and not 0 <= part <= yen):
            raise InputError("contracts_not_readable", identity, file=name, line=line, reason=identity)
        found[identity] = (yen, part)
    return found


def _decoded(content: bytes, name: str) -> str:
    """The text of a CSV in either of the two encodings that offices use."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            return content.decode("cp932")
        except UnicodeDecodeError as error:
            raise InputError("contracts_not_readable", str(error), file=name, line=0, reason=str(error)) from error
