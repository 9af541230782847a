"""Money and the best plan: a programme more never lowers it, a stricter rule never raises it, and each rule has its price."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from planner import coverage, ingest, plan, siting, study, weighing
from planner.frames import Inputs
from planner.plan import Prepared
from planner.programmes import Programme
from planner.settings import Settings, merge
from planner.work import Work
from tests.brute_force import best_plan
from tests.paper_town import write
from tests.tiny_towns import tiny

MORE = Programme.model_validate(
    {
        "id": "q",
        "name_ja": "架空",
        "name_en": "made up",
        "payer": "national",
        "rate": "1/2",
        "cap_per_site_yen": 90_000,
        "eligible_categories": ["camera", "installation"],
        "source": "made up",
    }
)


def optimum(inputs: Inputs, settings: Settings) -> float:
    town = study.prepare(inputs, settings, Work())
    choice = siting.choose(study.pose(town, settings, Work()), settings, Work())
    assert choice.status == "optimal"
    return choice.value


@pytest.mark.parametrize("seed", range(400, 401))
def test_a_programme_more_never_lowers_the_optimum(seed: int) -> None:
    inputs, merged = tiny(seed)
    values = [
        optimum(replace(inputs, programmes=programmes), merged.settings)
        for programmes in ((), inputs.programmes, (*inputs.programmes, MORE))
    ]
    assert values == sorted(values, key=lambda v: round(v, 9))


@pytest.mark.parametrize("seed", range(410, 411))
def test_stricter_days_never_raise_the_optimum(seed: int) -> None:
    inputs, merged = tiny(seed)

    def under(**days: int) -> float:
        return optimum(
            inputs, merged.settings.model_copy(update={"retention": Settings().retention.model_copy(update=days)})
        )

    for looser, stricter in (({}, {"min_days": 14}), ({"min_days": 14}, {"min_days": 30})):
        assert under(**stricter) <= under(**looser) + 1e-9
    assert under(max_days=14) <= under(max_days=30) + 1e-9


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return ingest.read(write(tmp_path_factory.mktemp("town")))


def wished(inputs: Inputs, min_days: int, **more: dict[str, object]) -> tuple[Prepared, Settings]:
    """Two programmes, own money, a running cap, min_days to 30 days, a floor in either district."""
    floors = [{"id": "south", "floor_share": 0.15}, {"id": "north", "floor_share": 0.05}]
    wishes = {
        "budget": {"own_capital_yen": 250_000, "running_yen_per_year": 40_000},
        "retention": {"min_days": min_days},
        "rules": {"districts": floors},
        "siting": {"gap_goal": 0.0},
        **more,
    }
    settings = study.wishes(inputs, ("test", wishes)).settings
    return study.prepare(inputs, settings, Work()), settings


def brute(town: Prepared, settings: Settings) -> float:
    rows = coverage.grade(town.survey, town.demand, settings)
    return best_plan(rows, town.offers, town.survey.cliques, settings)[0]


def test_the_recount_agrees_under_two_programmes_and_two_floors(paper: Inputs) -> None:
    town, settings = wished(paper, 14)
    assert len(paper.programmes) == 2
    choice = siting.choose(study.pose(town, settings, Work()), settings, Work())
    assert plan.recount(town, settings, choice).value_per_year == pytest.approx(choice.value, abs=1e-9)
    kept, _ = plan.keep_books(town, settings, plan.chosen_offers(town, choice))
    plan.audit(kept, town, plan.chosen_offers(town, choice))
    assert choice.value == pytest.approx(brute(town, settings), abs=1e-9)


def test_thirty_days_have_their_price(paper: Inputs) -> None:
    town, settings = wished(paper, 30)
    told: list[tuple[str, int, int]] = []
    work = Work(lambda *step: told.append(step))
    found = weighing.weigh(town, settings, work, wished(paper, 14)[1])
    value, costs = found.value, {w.rule: w.cost_per_year for w in found.rules}
    assert value == pytest.approx(brute(town, settings), abs=1e-9)
    assert found.recounted == pytest.approx(value, abs=1e-9)
    assert told[-1] == ("rules", len(found.rules), len(found.rules))
    assert costs["retention_min_raised"] == pytest.approx(brute(*wished(paper, 14)) - value, abs=1e-9)
    assert next(w.limit for w in found.rules if w.rule == "retention_min_raised") == "14 → 30"
    assert "retention_max_lowered" not in costs
    assert costs["retention_min"] == pytest.approx(brute(*wished(paper, 14)) - value, abs=1e-9)
    assert costs["retention_min"] == pytest.approx(0.25, abs=1e-5)
    no_south = settings.model_copy(
        update={"rules": settings.rules.model_copy(update={"districts": settings.rules.districts[1:]})}
    )
    assert costs["district_floor:south"] == pytest.approx(brute(town, no_south) - value, abs=1e-9)
    assert {"running_budget", "retention_max", "spacing", "district_floor:north"} <= set(costs)
    assert [w.cost_per_year for w in found.rules] == sorted(costs.values(), reverse=True)
    assert all(w.low_per_year <= w.cost_per_year <= w.high_per_year for w in found.rules)
    assert np.isfinite([w.high_per_year for w in found.rules]).all()


def test_a_programme_that_forbids_thirty_days_has_its_price(paper: Inputs) -> None:
    shorter = {"edit": {"half": {"max_retention_days": 14, "origin": "made up"}}}
    money = {"own_capital_yen": 260_000, "running_yen_per_year": 40_000}
    town, settings = wished(paper, 30, programmes=shorter, budget=money)
    found = weighing.weigh(town, settings, Work())
    value, costs = found.value, {w.rule: w.cost_per_year for w in found.rules}
    assert value == pytest.approx(brute(town, settings), abs=1e-9)
    assert costs["programme_max_days:half"] == pytest.approx(brute(*wished(paper, 30, budget=money)) - value, abs=1e-9)
    assert costs["programme_max_days:half"] > 0
    lower = brute(*wished(paper, 14, programmes=shorter, budget=money))
    assert costs["retention_min"] == pytest.approx(lower - value, abs=1e-9)


def test_ceilings_of_programmes_have_their_price(paper: Inputs) -> None:
    town, settings = wished(paper, 14)
    found = weighing.weigh(town, settings, Work())
    value, costs = found.value, {w.rule: w.cost_per_year for w in found.rules}
    for programme in paper.programmes:
        for field, rule in (("cap_total_yen", "programme_total"), ("max_units", "programme_units")):
            if getattr(programme, field) is None:
                continue
            others = [p.model_copy(update={field: None}) if p is programme else p for p in paper.programmes]
            free = study.prepare(replace(paper, programmes=tuple(others)), settings, Work())
            assert costs[f"{rule}:{programme.id}"] == pytest.approx(brute(free, settings) - value, abs=1e-9)
    assert any(rule.startswith("programme_") for rule in costs)


SHIPPED_WISHES = Path(__file__).parents[2] / "data" / "thirty_days.toml"


def test_the_shipped_wishes_are_two_programmes_of_which_one_forbids_the_raised_minimum() -> None:
    wish = merge(("file", tomllib.loads(SHIPPED_WISHES.read_text(encoding="utf-8")))).settings
    assert len(wish.programmes.use or ()) == 2
    assert {e.max_retention_days for e in wish.programmes.edit.values()} == {14}
    town = tomllib.loads((SHIPPED_WISHES.parent / "town.toml").read_text(encoding="utf-8"))
    assert town["retention"]["min_days"] == 14  # the minimum that is raised
    assert (wish.retention.min_days, wish.retention.max_days) == (30, 30)
    assert wish.budget.running_yen_per_year is not None
    assert len([d for d in wish.rules.districts if d.floor_share]) == 2


STACKED = {"payer": "national", "rate": "1/2", "eligible_categories": ["camera", "recorder"], "source": "made up"}


@pytest.mark.parametrize("seed", range(420, 424))
def test_two_programmes_on_one_site_are_found_and_counted_again(seed: int) -> None:
    inputs, merged = tiny(seed)
    more = Programme.model_validate({"id": "q", "name_ja": "架空", "name_en": "made up", "stacks_on": ["p"], **STACKED})
    both = replace(inputs, programmes=(*inputs.programmes, more.model_copy(update={"stacks_on": ()})))
    stacked = replace(inputs, programmes=(*inputs.programmes, more))
    town = study.prepare(stacked, merged.settings, Work())
    model = study.pose(town, merged.settings, Work())
    choice = siting.choose(model, merged.settings, Work())
    siting.verify(model, choice)
    assert choice.value == pytest.approx(brute(town, merged.settings), abs=1e-9)
    assert choice.value >= optimum(both, merged.settings) - 1e-9
    chosen = plan.chosen_offers(town, choice)
    plan.recount(town, merged.settings, choice)
    plan.audit(plan.keep_books(town, merged.settings, chosen)[0], town, chosen)
    assert (town.offers.table["programme_id"] == "p+q").any()
