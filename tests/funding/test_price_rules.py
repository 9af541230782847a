"""What a plan may count on: who receives, one application or many, the year, the place, the tax. A plain site costs 260,000 yen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
from shapely.geometry import LineString, Point

from planner import frames
from planner.funding import price
from planner.programmes import Programme
from planner.settings import Settings
from tests.funding.small_town import EPSG, MODELS, TIERS, town

ALL = ("camera", "recorder", "installation", "cable", "signage")
YEAR = Settings.model_validate({"funding": {"fiscal_year": 2027}, "budget": {"local_body_yen": 1}})


def programme(**terms: Any) -> Programme:
    known = {"id": "g", "name_ja": "例", "name_en": "example", "payer": "prefecture", "source": "made up"}
    return Programme.model_validate({**known, "rate": "1/2", "eligible_categories": ALL, **terms})


def priced(terms: dict[str, Any], actions: list[dict[str, Any]] | None = None, **inputs: Any) -> frames.Offers:
    given, survey = town(actions or [{}], [programme(**terms)])
    return price(replace(given, **inputs), survey, YEAR)


def offer(offers: frames.Offers) -> dict[str, Any]:
    (row,) = offers.table[offers.table["programme_id"] == "g"].to_dict("records")
    return row


def cap(offers: frames.Offers) -> dict[str, Any]:
    (row,) = offers.caps.to_dict("records")
    return {k: None if pd.isna(v) else v for k, v in row.items()}


def test_funders_share_one_cost() -> None:
    terms = {"rate": "11/12", "funders": {"prefecture": "7/12", "municipality": "1/3"}, "recipient": "local_body"}
    row = offer(priced(terms))
    assert [row[f"{p}_yen"] for p in frames.PAYERS] == [0, 151_666, 86_667, 21_667]


def test_either_recipient_is_whoever_applies() -> None:
    assert offer(priced({"recipient": "either"}))["municipality_yen"] == 130_000
    body = priced({"recipient": "either"}, town=frames.Town("町", "99999", EPSG, "local_body"))
    assert offer(body)["local_body_yen"] == 130_000


@pytest.mark.parametrize(
    ("terms", "subsidy", "fixed"),
    [
        ({"rate": "1/3", "rounding_yen": 1_000}, 86_666, 998),  # the municipality's sites are rounded once, together
        ({"rate": "1/2", "rounding_yen": 1_000}, 130_000, 0),  # nothing can be cut
        ({"rate": "1/3", "rounding_yen": 1_000, "rounding_per": "item"}, 86_000, 0),
        (
            {"rate": "1/3", "rounding_yen": 1_000, "recipient": "local_body"},
            86_000,
            0,
        ),  # a body each, an application each
        ({"rate": "1/2", "fixed_cost_yen": 5_000}, 130_000, 5_000),
        ({"rate": "1/3", "rounding_yen": 1_000, "fixed_cost_yen": 5_000}, 86_666, 5_998),
    ],
)
def test_the_reserve_of_an_application(terms: dict[str, Any], subsidy: int, fixed: int) -> None:
    offers = priced(terms)
    assert (offer(offers)["subsidy_yen"], cap(offers)["fixed_municipality_yen"]) == (subsidy, fixed)


@pytest.mark.parametrize(
    ("terms", "subsidy", "least"),
    [
        ({"min_eligible_cost_yen": 400_000}, 130_000, 200_000),  # 1/2 x 400,000 shows a cost of 400,000
        ({"min_eligible_cost_yen": 400_001}, 130_000, 200_001),
        ({"min_eligible_cost_yen": 100_000, "min_total_yen": 90_000}, 130_000, 90_000),
        ({"min_total_yen": 300_000, "recipient": "local_body"}, 130_000, 300_000),
        ({"min_eligible_cost_yen": 200_000, "recipient": "local_body"}, 130_000, None),
    ],
)
def test_least_totals(terms: dict[str, Any], subsidy: int, least: int | None) -> None:
    offers = priced(terms)
    assert (offer(offers)["subsidy_yen"], cap(offers)["min_total_yen"]) == (subsidy, least)


def test_a_least_cost_of_each_body_is_asked_of_each_site() -> None:
    offers = priced({"min_eligible_cost_yen": 300_000, "recipient": "local_body"})
    assert (offers.table["programme_id"] == "").all()


def test_the_ceiling_of_one_application_is_that_of_the_plan() -> None:
    assert cap(priced({"cap_total_yen": 200_000, "cap_total_of": "application"}))["cap_total_yen"] == 200_000
    bodies = {"cap_total_yen": 200_000, "cap_total_of": "body", "recipient": "local_body"}
    assert cap(priced(bodies))["cap_total_yen"] is None
    core = {"cap_total_yen": 200_000, "variants": [{"when": {"applicant": "core_city"}, "cap_total_yen": 300_000}]}
    core["recipient"] = "either"
    assert cap(priced(core, town=frames.Town("市", "99999", EPSG, "core_city")))["cap_total_yen"] == 300_000


def test_a_later_unit_is_never_overpaid_in_one_application() -> None:
    terms = {
        "rate": 1,
        "cap_per_site_yen": 120_000,
        "variants": [{"when": {"unit_from": 2}, "cap_per_site_yen": 80_000}],
    }
    assert offer(priced(terms))["subsidy_yen"] == 80_000
    assert offer(priced({**terms, "recipient": "local_body"}))["subsidy_yen"] == 120_000


@pytest.mark.parametrize(
    ("terms", "why", "notes"),
    [
        ({"first_fiscal_year": 2027, "last_fiscal_year": 2027, "checked_on": "2027-05-01"}, "", set()),
        ({"last_fiscal_year": 2026}, "programme_not_in_force", {"programme_expired", "programme_unchecked"}),
        ({"first_fiscal_year": 2028}, "programme_not_in_force", {"programme_not_begun", "programme_unchecked"}),
        ({"closed": True}, "programme_not_in_force", {"programme_closed", "programme_unchecked"}),
        ({"first_fiscal_year": 2026, "checked_on": "2026-11-22"}, "", {"programme_unchecked"}),
    ],
)
def test_no_programme_is_priced_silently(terms: dict[str, Any], why: str, notes: set[str]) -> None:
    offers = priced(terms)
    assert offer(offers)["why_not"] == why
    assert {n.code for n in offers.notes if n.code.startswith("programme_")} == notes
    assert ("programmes_without_offer" in {n.code for n in offers.notes}) == bool(why)


def test_a_site_too_near_to_a_standing_camera_is_not_paid() -> None:
    near, _ = town([{}])
    at = near.standing.geometry.iloc[0]
    moved = near.standing.set_geometry(gpd.GeoSeries([Point(at.x + 29, at.y)] * len(near.standing), crs=EPSG))
    assert offer(priced({"min_distance_m": 30.0}, standing=moved))["why_not"] == "programme_distance"
    assert offer(priced({"min_distance_m": 29.0}, standing=moved))["why_not"] == ""  # as far as asked is far enough
    assert offer(priced({"min_distance_m": 28.9}, standing=moved))["why_not"] == ""


@pytest.mark.parametrize(("away_m", "subsidy"), [(20.0, 234_000), (20.5, 130_000)])
def test_a_school_route_raises_the_rate(away_m: float, subsidy: int) -> None:
    line = LineString([(-5, away_m), (5, away_m)])
    targets = gpd.GeoDataFrame(
        {"target_id": ["t"], "name": ["通学路"], "kind": ["school_route"]}, geometry=[line], crs=EPSG
    )
    terms = {"variants": [{"when": {"place": "school_route"}, "rate": "9/10"}]}
    assert offer(priced(terms, targets=targets))["subsidy_yen"] == subsidy


def test_prices_without_tax_are_raised_and_dated_ones_told() -> None:
    models = MODELS.assign(
        camera_yen=[100_005, 180_000],
        tax_included=pd.array([False, True], dtype="boolean"),
        quoted_on=pd.to_datetime(["2024-03-01", "2020-01-01"]).as_unit("ns"),
        quotations=pd.array([1, 3], dtype="Int64"),
    )
    offers = priced({}, models=models)
    row = offer(offers)
    assert row["camera_yen"] == 110_005  # 110,005.5 cut
    assert (row["installation_yen"], row["cable_yen"], row["signage_yen"]) == (88_000, 22_000, 11_000)
    assert row["recorder_yen"] == 50_000  # says nothing: with tax
    notes = {n.code: n.values for n in offers.notes}
    assert notes["prices_without_tax"] == {"number": 1}
    assert notes["prices_old"] == {"number": 2, "date": "2020-01-01"}
    assert notes["prices_undated"] == {"number": len(TIERS)}
    assert notes["prices_few_quotations"] == {"number": 1}


def test_another_tax_rate_and_a_stated_lease() -> None:
    models = MODELS.assign(
        tax_included=pd.array([False, True], dtype="boolean"),
        tax_share=[0.08, float("nan")],
        lease_yen_per_year=pd.array([40_000, None], dtype="Int64"),
        service_life_years=[5.0, float("nan")],
    )
    offers = priced({}, models=models)
    assert offer(offers)["camera_yen"] == 108_000
    kept = offers.upkeep.iloc[0]
    assert kept["lease_yen_per_year"] == 43_200 + 10_000  # 40,000 with 8 %; the recorder at a fifth of 50,000
    assert (kept["camera_life_years"], kept["recorder_life_years"]) == (5, 6)


RUNNING = {"id": "r", "running": True, "eligible_categories": ["electricity", "maintenance"]}


def yearly(terms: dict[str, Any], actions: list[dict[str, Any]], **inputs: Any) -> tuple[list[str], set[str]]:
    """Which actions a programme for running costs pays for, and the notes."""
    offers = priced({**RUNNING, **terms}, actions, **inputs)
    notes = {n.code for n in offers.notes if n.code.startswith("programme_")} - {"programme_unchecked"}
    return offers.running_paid["action_id"].to_list(), notes


@pytest.mark.parametrize(
    ("terms", "paid", "notes"),
    [
        ({}, ["a0", "a1"], set()),
        ({"closed": True}, [], {"programme_closed"}),
        ({"last_fiscal_year": 2026}, [], {"programme_expired"}),
        ({"first_fiscal_year": 2028}, [], {"programme_not_begun"}),
        ({"min_retention_days": 30}, ["a1"], set()),
        ({"max_retention_days": 14}, ["a0"], set()),
        ({"min_distance_m": 1.5}, [], set()),  # cameras of today stand at 0 and 1 m, where the sites are
        ({"min_public_share": "1/2", "public_share": "2/5"}, [], set()),
        ({"min_public_share": "1/2"}, [], {"programme_public_share_untold"}),
        ({"cap_total_yen": 1_000_000}, [], {"programme_running_ceiled"}),
        ({"max_units": 9}, [], {"programme_running_ceiled"}),
        ({"cap_total_yen": 1_000_000, "cap_total_of": "body", "recipient": "local_body"}, ["a0", "a1"], set()),
    ],
)
def test_a_programme_for_running_costs_keeps_its_own_rules(
    terms: dict[str, Any], paid: list[str], notes: set[str]
) -> None:
    assert yearly(terms, [{}, {"tier": "d30", "days": 30.0}]) == (paid, notes)


def test_the_lowest_reading_stands_for_each_site_and_not_for_all_together() -> None:
    """Read as joint: up to 90,000 whatever it costs; read as single: a third. One dear site and two cheap ones."""
    terms = {"rate": "1/3", "variants": [{"when": {"joint": True}, "rate": 1, "cap_per_site_yen": 90_000}]}
    dear = {"cameras": 2}  # 460,000: 153,333 alone, 90,000 jointly
    offers = priced(terms, [dear, {}, {}])
    paid = offers.table[offers.table["programme_id"] == "g"]
    assert paid["subsidy_yen"].to_list() == [90_000, 86_666, 86_666]
    assert paid["prefecture_yen"].to_list() == [90_000, 86_666, 86_666]


@pytest.mark.parametrize("key", ["joint", "power"])
def test_the_circumstance_that_changes_the_ceiling_is_the_one_that_is_named(key: str) -> None:
    value = {"joint": True, "power": "solar"}[key]
    offers = priced({"cap_total_yen": 300_000, "variants": [{"when": {key: value}, "cap_total_yen": 400_000}]})
    assert offer(offers)["why_not"] == f"programme_{key}_untold"
    assert cap(offers)["cap_total_yen"] == 300_000
