"""Scenarios of the paper town, by hand: years, cut-backs, a refused grant, a tender surplus.

Years with 250,000 yen each (see ``test_paper_town`` for what a site brings and costs). 2026: a standard camera in the south with
"half", 180,000 yen and 0.875, which meets the south's floor, and the repair of k4 with "third", 66,667 yen and 3 spots on s1 and
the park (0.625): 1.5 a year. A narrow camera would leave too little for the repair. 2027: "third" pays only once and "half" has
130,000 left, so that no new camera fits 250,000; k1 does: 80,000 yen, 0.375. 2028: nothing fits. All at once: 3.5417.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from planner import coverage, ingest, plan, scenarios, show, siting, study
from planner.errors import InputError, PlannerError, SettingsError
from planner.plan import Cutbacks, Plan, Prepared, Tender
from planner.settings import Contract, Merged, at_budget, merge
from planner.show import tables_scenarios
from planner.text import LANGUAGES, Language, say
from planner.work import Work
from tests.app.helpers import prepared_of
from tests.brute_force import best_plan
from tests.paper_town import PROGRAMMES_YAML, write
from tests.test_paper_town import BY_HAND

ROUNDING = 1e-5
FEW = {"frontier_steps": 0}  # no budget but the town's own and the cut ones is looked at


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Prepared, Merged]:
    inputs = ingest.read(write(tmp_path_factory.mktemp("town")))
    merged = study.wishes(inputs, ("test", {"funding": {"fiscal_year": 2026}, "siting": FEW}))
    return study.prepare(inputs, merged.settings, Work()), merged


@pytest.fixture(scope="module")
def in_years(prepared: tuple[Prepared, Merged]) -> Plan:
    town = prepared[0]
    years = {"plan_years": 3, "yearly_own_yen": 250_000}
    wish = {"funding": {"fiscal_year": 2026}, "schedule": years, "siting": FEW | {"resamples": 0}}
    return study.decide(town, study.wishes(town.inputs, ("test", wish)), Work())


def test_years_by_hand(in_years: Plan) -> None:
    assert [p.fiscal_year for p in in_years.phases] == [2026, 2027, 2028]
    assert [p.value for p in in_years.phases] == pytest.approx([1.5, 1.875, 1.875], abs=ROUNDING)
    assert [p.payers.municipality_yen for p in in_years.phases] == [246_667, 80_000, 0]
    assert all(p.gap == pytest.approx(0.0, abs=1e-9) for p in in_years.phases)
    assert in_years.value == in_years.phases[-1].value
    assert in_years.bound == pytest.approx(3.5417, abs=1e-3)  # all the money at once


def test_every_site_has_its_year_and_the_ledgers_follow(in_years: Plan) -> None:
    built = {s.site_id: s.fiscal_year for s in in_years.sites}
    assert built == {i: p.fiscal_year for p in in_years.phases for i in p.site_ids}
    assert in_years.ledgers is not None
    capital = {
        year: sum(r.total_yen for r in in_years.ledgers.rows if r.nature == "capital" and r.fiscal_year == year)
        for year in (2026, 2027, 2028)
    }
    assert capital == {p.fiscal_year: p.total_yen for p in in_years.phases}
    running = {r.fiscal_year: r.total_yen for r in in_years.ledgers.rows if r.nature == "running"}
    for phase in in_years.phases:
        assert running.get(phase.fiscal_year + 1, 0) == phase.running_yen_per_year
    assert in_years.ledgers.rows[-1].fiscal_year <= 2026 + in_years.ledgers.horizon_years


def test_a_plan_in_years_that_is_paid_anew_stays_in_its_years(
    prepared: tuple[Prepared, Merged], in_years: Plan
) -> None:
    wish = {"programmes": {"use": []}, "funding": {"bond_yen": 10_000_000}}
    anew, passed = study.repriced(prepared[0], in_years, ("test", wish))
    assert [p.site_ids for p in anew.phases] == [p.site_ids for p in in_years.phases]
    assert [s.fiscal_year for s in anew.sites] == [s.fiscal_year for s in in_years.sites]
    assert anew.ledgers is not None
    for phase in anew.phases:
        here = [s for s in anew.sites if s.site_id in phase.site_ids]
        assert phase.payers.municipality_yen == phase.total_yen == sum(s.total_yen for s in here)
        rows = [r for r in anew.ledgers.rows if (r.nature, r.fiscal_year) == ("capital", phase.fiscal_year)]
        assert sum(r.total_yen for r in rows) == phase.total_yen
    limits = {rule: (found, limit) for rule, found, limit in passed}
    assert limits["yearly_own_yen"] == (max(p.total_yen for p in anew.phases), 250_000)
    assert "bond_above_capital" in {n.code for n in anew.notes}


def test_no_exchange_passes_the_own_money_of_a_year(prepared: tuple[Prepared, Merged], in_years: Plan) -> None:
    """Left of the years: 3,333, 170,000 and 250,000 yen; whoever comes in must fit into the year of who goes."""
    table = prepared[0].offers.table
    least = table[table["why_not"] == ""].groupby("action_id")["municipality_yen"].min()
    assert in_years.advice is not None
    sites = {s.site_id: s for s in in_years.sites}
    phase = {i: p for p in in_years.phases for i in p.site_ids}
    for exchange in in_years.advice.exchanges:
        if exchange.municipality_yen is not None:
            here = phase[exchange.site_id]
            assert here.payers.municipality_yen + exchange.municipality_yen <= here.own_yen
        else:
            assert not exchange.instead_id
    for place in in_years.advice.places:
        if place.change_per_year is not None and place.out_site_id:
            here = phase[place.out_site_id]
            paid = sites[place.out_site_id].payers.municipality_yen
            assert here.payers.municipality_yen - paid + least[place.site_id] <= here.own_yen
        if place.year_over:
            assert say("ja", "advice.year_over") in show.why(in_years, place.place_id).sentences
    alone = [p for p in in_years.advice.places if "yearly_budget" in p.rules]
    assert all(p.code in ("outbid", "spacing", "seen", "rule") for p in alone)


def test_a_stored_plan_in_years_is_counted_again(prepared: tuple[Prepared, Merged], in_years: Plan) -> None:
    stored = plan.choice_of(in_years, prepared[0])
    count = plan.recount(prepared[0], prepared[1].settings, stored)
    assert count.value_per_year == pytest.approx(in_years.value)


@pytest.fixture(scope="module")
def made(prepared: tuple[Prepared, Merged]) -> Plan:
    return study.decide(*prepared, Work())


@pytest.fixture(scope="module")
def found(prepared: tuple[Prepared, Merged], made: Plan) -> Cutbacks:
    return scenarios.beside(*prepared, made, Work())


@pytest.fixture(scope="module")
def told(prepared: tuple[Prepared, Merged], made: Plan) -> Cutbacks:
    """With one programme named and a contract whose own part is told."""
    new = next(s for s in made.sites if s.kind == "install")
    contracts = {new.site_id: (200_000, 100_000)}
    return scenarios.beside(*prepared, made, Work(), refused=["half"], contracts=contracts)


def test_every_plan_beside_the_plan_is_counted_again(
    prepared: tuple[Prepared, Merged], made: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []

    def again(model: siting.CoverModel, choice: siting.ProvenChoice) -> None:
        verify(model, choice)
        counted.append(model.given.settings.budget.own_capital_yen)

    verify = siting.verify
    monkeypatch.setattr(siting, "verify", again)
    scenarios.beside(*prepared, made, Work())
    assert sorted(counted) == [420_000, 420_000, 480_000, 480_000, 540_000, 540_000, 600_000, 780_000]


def test_a_plan_that_costs_more_than_its_own_capital_does_not_count(prepared: tuple[Prepared, Merged]) -> None:
    town, settings = prepared[0], prepared[1].settings
    model = study.pose(town, settings, Work())
    choice, _ = siting.choose_after(model, settings, (), 540_000, Work())
    assert scenarios.verified(model, settings, choice, 540_000) is choice
    with pytest.raises(PlannerError, match="municipality_budget"):
        scenarios.verified(model, settings, choice, 400_000)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_years_are_not_heeded_for_is_said(made: Plan, in_years: Plan, found: Cutbacks, language: Language) -> None:
    said = say(language, "scenario.at_once")
    assert said in tables_scenarios.sentences(found, in_years, show.Words(language))
    assert said not in tables_scenarios.sentences(found, made, show.Words(language))


def test_cut_backs_by_hand(made: Plan, found: Cutbacks) -> None:
    """560,000 of 600,000 yen are spent: k1 80,000, k4 230,000, the camera in the south 250,000, which its floor needs.

    -10 % is 540,000: k1 goes (0.375 lost, 480,000 left). -20 % is 480,000, which that costs to the yen, but the rounding of whole
    applications may cost some yen more: k4 goes too. -30 % is 420,000: the camera stays.
    """
    nested = [p for p in found.plans if p.kind == "cut_nested"]
    assert [(p.share, p.own_yen) for p in nested] == [(0.1, 540_000), (0.2, 480_000), (0.3, 420_000)]
    assert [p.value for p in nested] == pytest.approx([BY_HAND - 0.375, 0.875, 0.875], abs=ROUNDING)
    site = {s.camera_id or s.kind: s.site_id for s in made.sites}
    assert {(c.site_id, c.goes_at) for c in found.cuts} == {
        (site["k1"], 0.1),
        (site["k4"], 0.2),
        (site["install"], None),
    }
    for cut, free in zip(nested, (p for p in found.plans if p.kind == "cut_free"), strict=True):
        assert cut.own_yen == free.own_yen
        assert cut.value <= free.value + 1e-9 <= free.bound + 2e-9
        assert cut.bound == pytest.approx(free.bound)
        assert free.payers.municipality_yen <= free.own_yen
        assert set(cut.gone) | {s.site_id for s in cut.sites} == {s.site_id for s in made.sites}


def test_free_cut_backs_equal_brute_force(prepared: tuple[Prepared, Merged], found: Cutbacks) -> None:
    town, merged = prepared
    rows = coverage.grade(town.survey, town.demand, merged.settings)
    free = [other for other in found.plans if other.kind == "cut_free"]
    assert len(free) == len(scenarios.CUTS)
    for other in free:
        there = at_budget(merged, other.own_yen, "test").settings
        value, _offers = best_plan(rows, town.offers, town.survey.cliques, there)
        assert other.value == pytest.approx(value, abs=1e-9)


def test_without_the_grant_equals_the_plan_of_a_town_that_has_none(
    prepared: tuple[Prepared, Merged], made: Plan, found: Cutbacks, told: Cutbacks
) -> None:
    town, merged = prepared
    assert found.refused == ["half", "third"]
    alone = next(p for p in found.plans if p.kind == "without_grant")
    wish = {"funding": {"fiscal_year": 2026}, "programmes": {"use": []}, "siting": FEW | {"resamples": 0}}
    none = study.wishes(town.inputs, ("test", wish))
    assert alone.value == pytest.approx(study.decide(study.priced(town, none.settings), none, Work()).value)
    assert alone.payers.national_yen == alone.payers.prefecture_yen == 0
    assert found.shortfall_yen == 230_000 + 100_000  # what both programmes pay for the plan's sites
    assert (told.refused, told.shortfall_yen) == (["half"], 230_000)
    with pytest.raises(InputError, match="no programme"):
        scenarios.beside(town, merged, made, Work(), refused=["nobody"])


def test_a_refused_programme_is_found_where_it_pays_beside_another(
    tmp_path: Path,
) -> None:
    """Both programmes pay for each new camera: where one of them is refused, its sites cost more and none is overlooked."""
    town = write(tmp_path / "town")
    file = town / "municipal" / "programmes.yaml"
    stacked = PROGRAMMES_YAML.replace("- id: third", "- id: third\n  stacks_on: [half]")
    file.write_text(stacked.replace("kinds: [install, extend, repair]", "kinds: [install]"), encoding="utf-8")
    wish = {"budget": {"own_capital_yen": 170_000}, "funding": {"fiscal_year": 2026}, "siting": FEW | {"resamples": 0}}
    prepared, merged = prepared_of(town, ("test", wish))
    made = study.decide(prepared, merged, Work())
    both = [s for s in made.sites if s.programme_id == "half+third"]
    assert both
    found = scenarios.beside(prepared, merged, made, Work())
    assert found.refused == ["half", "third"]
    assert found.shortfall_yen == sum(s.subsidy_yen for s in made.sites)
    one = scenarios.beside(prepared, merged, made, Work(), refused=["third"])
    paid = [s for s in made.sites if s.programme_id in ("third", "half+third")]
    assert one.shortfall_yen == sum(s.subsidy_yen for s in paid)


def test_a_tender_surplus_buys_the_next_site(prepared: tuple[Prepared, Merged], made: Plan, told: Cutbacks) -> None:
    """The camera in the south is contracted at 200,000 of 350,000 yen: its own part falls from 250,000 to 142,858 (rounded up).

    40,000 were left unspent: 147,142 yen are free. Two thirds of a repair elsewhere cannot be had; what can is found by enumeration.
    """
    town, merged = prepared
    new = next(s for s in made.sites if s.kind == "install")
    found = scenarios.beside(town, merged, made, Work(), contracts={new.site_id: (200_000, None)})
    assert found.tender == Tender(
        sites=1, planned_yen=250_000, contracted_yen=142_858, surplus_yen=107_142, unspent_yen=40_000, free_yen=147_142,
        assumed=1, contracts=[Contract(site=new.site_id, planned_yen=250_000, contract_yen=200_000, municipality_yen=142_858)],
    )  # fmt: skip
    after = next(p for p in found.plans if p.kind == "after_tender")
    assert {s.site_id for s in after.sites} >= {s.site_id for s in made.sites}
    rows = coverage.grade(town.survey, town.demand, merged.settings)
    there = at_budget(merged, 560_000 + 147_142, "test").settings
    assert after.value <= best_plan(rows, town.offers, town.survey.cliques, there)[0] + 1e-9
    assert told.tender is not None
    assert (told.tender.surplus_yen, told.tender.assumed) == (150_000, 0)
    with pytest.raises(InputError, match="gone"):
        scenarios.beside(town, merged, made, Work(), contracts={"gone": (1, None)})


def test_the_plan_after_the_tender_can_be_computed_as_a_plan_that_tells_its_contracts(
    prepared: tuple[Prepared, Merged], made: Plan
) -> None:
    town, _ = prepared
    new = next(s for s in made.sites if s.kind == "install")
    found = scenarios.beside(town, prepared[1], made, Work(), contracts={new.site_id: (200_000, None)})
    after = next(p for p in found.plans if p.kind == "after_tender")
    assert found.tender is not None
    wishes = {
        "budget": {"own_capital_yen": after.own_yen},
        "rules": {"pins": [{"site": s.site_id, "reason": "policy"} for s in made.sites]},
        "tender": {"contracts": [c.model_dump() for c in found.tender.contracts]},
    }
    computed = study.decide(town, merge(("plan", plan.settings_of(made)), ("widget", wishes)), Work())
    assert computed.value == pytest.approx(after.value)
    (note,) = [n for n in computed.notes if n.code == "contracts_in_plan"]
    told = {"sites": 1, "planned_yen": 250_000, "contracted_yen": 142_858, "difference_yen": 107_142}
    assert note.values == told


def test_what_a_contract_leaves_to_the_town_is_never_told_too_small() -> None:
    assert scenarios.own_part(250_000, 350_000, 200_000, None) == 142_858
    assert scenarios.own_part(250_000, 350_000, 350_000, None) == 250_000
    assert scenarios.own_part(250_000, 350_000, 400_000, None) == 300_000
    assert scenarios.own_part(250_000, 350_000, 200_000, 90_000) == 90_000


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("site_id\na\n", 2),
        ("site_id,contract_yen\na,many\n", 2),
        ("site_id,contract_yen\na,1\na,2\n", 3),
        ("site_id,contract_yen\na,-1\n", 2),
        ("site_id,contract_yen,municipality_yen\na,10,11\n", 2),
    ],
)
def test_a_wrong_list_of_contracts_names_its_line(tmp_path: Path, text: str, line: int) -> None:
    file = tmp_path / "c.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as refusal:
        scenarios.read_contracts(file)
    assert (refusal.value.code, refusal.value.values["line"]) == ("contracts_not_readable", line)


def test_contracts_are_read_as_spreadsheets_write_them(tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_bytes('site_id,contract_yen,municipality_yen\r\na,"1,200",\r\nb,50,20\r\n'.encode("utf-8-sig"))
    assert scenarios.read_contracts(file) == {"a": (1200, None), "b": (50, 20)}


def test_groups_of_sites_follow_how_often_they_are_chosen_again(made: Plan) -> None:
    assert all(s.again_share is not None for s in made.sites)
    letters = {True: "A", False: None}
    for site in made.sites:
        again = site.again_share or 0.0
        assert site.priority == (letters[again >= 0.9] or ("B" if again >= 0.6 else "C"))


def test_the_best_worst_case_is_told_with_its_bound(prepared: tuple[Prepared, Merged]) -> None:
    town = prepared[0]
    wish = {"funding": {"fiscal_year": 2026}, "siting": FEW | {"robust_rounds": 4, "resamples": 5}}
    made = study.decide(town, study.wishes(town.inputs, ("test", wish)), Work())
    assert made.robust is not None
    assert made.robust.number == 5
    assert made.robust.expected_worst <= made.robust.worst <= made.robust.bound
    assert made.value <= BY_HAND + ROUNDING
    assert any(n.code == "robust_plan" for n in made.notes)


def test_years_and_the_best_worst_case_together_are_refused(prepared: tuple[Prepared, Merged]) -> None:
    wish = {"siting": {"robust_rounds": 4}, "schedule": {"yearly_own_yen": 1_000_000}}
    with pytest.raises(SettingsError) as refusal:
        study.wishes(prepared[0].inputs, ("test", wish))
    assert refusal.value.code == "robust_in_years"
