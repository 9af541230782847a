"""Ledgers against sums done by hand, laws for every programme, and books that somebody cooked."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import show
from planner.errors import PlannerError
from planner.frames import COST_CATEGORIES, PAYERS
from planner.funding import price
from planner.plan import Ledgers, Prepared, audit, keep_books
from planner.programmes import Programme
from planner.settings import FundingSettings, Settings
from tests.funding.ledger_examples import ALL, EXAMPLES, HORIZON_YEARS, Books, books, prepared
from tests.funding.small_town import _standing, town

EVERYTHING: list[dict[str, Any]] = [
    {"mount": "guess"},
    {"mount": "utility", "cameras": 2, "model": "cloud", "tier": "d30", "days": 30.0},
    {"mount": "wall"},
    {"kind": "extend", "camera": "known"},
    {"kind": "renew", "camera": "unknown"},
    {"kind": "remove", "camera": "known", "cameras": 0},
]


def first_year(kept: Ledgers) -> dict[str, int]:
    rows = [r for r in kept.rows if r.fiscal_year == kept.fiscal_year]
    return {f"{p}_yen": sum(getattr(r.payers, f"{p}_yen") for r in rows) for p in PAYERS}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: e.shows_en)
def test_books_by_hand(example: Books) -> None:
    kept = example.kept()
    assert first_year(kept) == dict.fromkeys((f"{p}_yen" for p in PAYERS), 0) | example.payers
    sheet = kept.budget[0]
    assert {line.name: (line.yen, line.thousand_yen) for line in sheet.sections} == example.sections
    assert {line.name: (line.yen, line.thousand_yen) for line in sheet.sources if line.yen} == example.sources


def test_the_years_by_hand() -> None:
    kept = books({"rate": "1/2"}, 1, {"horizon_years": HORIZON_YEARS})
    (site,) = kept.horizon
    assert (site.purchase_yen, site.running_yen, site.renewal_yen) == (260_000, 14_000 * 8, 50_000 + 190_000)
    assert (site.total_yen, site.lease_yen_per_year, site.lease_total_yen) == (612_000, 46_000, 520_000)
    assert kept.lease is not None
    assert (kept.lease.years, kept.lease.yen_per_year, kept.lease.limit_yen) == (6, 46_000, 230_000)
    renewed = {r.fiscal_year: r.total_yen for r in kept.rows if r.nature == "renewal"}
    assert renewed == {2033: 50_000, 2034: 190_000}
    running = {r.fiscal_year: r.total_yen for r in kept.rows if r.nature == "running"}
    assert running == dict.fromkeys(range(2028, 2036), 14_000)


def test_the_town_books_otherwise_where_it_says_so() -> None:
    kept = books({"rate": "1/2"}, 1, {"sections": {"camera": "工事請負費"}})
    assert {s.name: s.yen for s in kept.budget[0].sections} == {
        "工事請負費": 200_000,
        "備品購入費": 50_000,
        "需用費": 10_000,
    }
    with pytest.raises(ValueError, match="camra"):
        FundingSettings(sections={"camra": "委託料"})
    with pytest.raises(ValueError, match="委託費"):
        FundingSettings(sections={"camera": "委託費"})


def test_a_programme_for_running_costs_pays_by_the_year() -> None:
    terms = {
        "running": True,
        "rate": "1/2",
        "eligible_categories": ["electricity", "maintenance"],
        "payer": "prefecture",
    }
    running = programme(id="r", rounding_yen=1_000, **terms)
    settings_ = Settings.model_validate({"funding": {"fiscal_year": 2027, "horizon_years": 2}})
    inputs, survey = town([{}], [running])
    offers = price(inputs, survey, settings_)
    chosen = offers.table[offers.table["programme_id"] == ""].to_dict("records")
    kept, _ = keep_books(prepared(inputs, survey, offers), settings_, chosen)
    yearly = [r for r in kept.rows if r.nature == "running"]
    assert [(r.fiscal_year, r.programme_id) for r in yearly] == [(2028, "r"), (2029, "r")]
    assert {(r.payers.prefecture_yen, r.payers.municipality_yen) for r in yearly} == {(6_000, 8_000)}  # 13,000 / 2


def test_standing_cameras_if_nothing_is_done() -> None:
    standing = _standing().assign(
        renewal_fiscal_year=pd.array([2029, None], dtype="Int64"),
        acquired_on=pd.to_datetime(["2015-06-01", "2018-03-31"]).as_unit("ns"),
    )
    inputs, survey = town([{"kind": "renew", "camera": "unknown"}], standing=standing)
    wish = Settings.model_validate({"funding": {"fiscal_year": 2027, "horizon_years": 8}})
    offers = price(inputs, survey, wish)
    kept, notes = keep_books(prepared(inputs, survey, offers), wish, offers.table.to_dict("records"))
    # known: 2029 by the register, at the assumed price; unknown: FY2017 + 7 = 2024, overdue, so 2027 and 2034, at its renewal's
    assert [(c.camera_id, c.fiscal_year, c.origin) for c in kept.renewals] == [
        ("known", 2029, "register"),
        ("unknown", 2024, "service_life"),
    ]
    due = {b.fiscal_year: (b.due, b.renewal_yen) for b in kept.baseline if b.due}
    assert due == {2027: (1, 230_000), 2029: (1, 260_000), 2034: (1, 230_000)}
    assert {b.running_yen for b in kept.baseline} == {2 * 13_000}
    assert kept.horizon[0].avoided_yen == 2 * 230_000
    assert notes == ()


def test_a_renewal_in_the_year_in_which_the_horizon_ends_is_counted_on_neither_side() -> None:
    """Overdue since FY2024, so due in 2027 and a life of 7 years later: in 2034 the new camera is due again too."""
    standing = _standing().assign(acquired_on=pd.to_datetime(["2018-03-31"] * 2).as_unit("ns"))
    inputs, survey = town([{"kind": "renew", "camera": "unknown"}], standing=standing)
    wish = Settings.model_validate({"funding": {"fiscal_year": 2027, "horizon_years": 7}})
    offers = price(inputs, survey, wish)
    kept, _ = keep_books(prepared(inputs, survey, offers), wish, offers.table.to_dict("records"))
    (site,) = kept.horizon
    assert (site.renewal_yen, site.avoided_yen) == (50_000, 230_000)  # the recorder after 6 years; once, not twice


def test_what_no_local_body_agreed_to_is_listed_and_never_counted() -> None:
    body = programme(id="b", payer="municipality", recipient="local_body", rate="3/4", cap_per_camera_yen=150_000)
    inputs, survey = town([{}], [body])
    offers = price(inputs, survey, Settings())
    chosen = offers.table[offers.table["why_not"] == ""].to_dict("records")
    kept, _ = keep_books(prepared(inputs, survey, offers), Settings(), chosen)
    (asked,) = kept.outreach
    assert (asked.programme_id, asked.municipality_yen, asked.local_body_yen) == ("b", 150_000, 110_000)
    assert first_year(kept)["local_body_yen"] == 0


def chosen_by(
    programmes: list[Programme], sites: int, ids: list[str]
) -> tuple[Prepared, Settings, list[dict[str, Any]]]:
    """Plain sites, the n-th paid by the n-th of the ids."""
    wish = Settings.model_validate({"funding": {"fiscal_year": 2027}})
    inputs, survey = town([{}] * sites, programmes)
    offers = price(inputs, survey, wish)
    by_id = offers.table.set_index("offer_id", drop=False)
    chosen = [by_id.loc[f"a{n}|{name}"].to_dict() for n, name in enumerate(ids)]
    return prepared(inputs, survey, offers), wish, chosen


def test_what_the_municipality_cuts_off_its_own_payment_moves_nowhere() -> None:
    given_ = [programme(payer="municipality", rate="1/3", rounding_yen=1_000)]
    town_, wish, chosen = chosen_by(given_, 1, ["g"])  # 86,666 of its own money to itself, 86,000 after the cut
    kept, _ = keep_books(town_, wish, chosen)
    audit(kept, town_, chosen)
    assert [r.nature for r in kept.rows if r.fiscal_year == 2027] == ["capital"]
    assert first_year(kept)["municipality_yen"] == 260_000


def test_a_yearly_charge_is_booked_once_whether_its_programme_pays_alone_or_beside_another() -> None:
    """Site 0 is paid by both in the first year, site 1 by a alone in the second, site 2 by b alone in the second."""
    a, b = (programme(id=i, stackable=True, rate="1/4", fixed_running_yen_per_year=900) for i in "ab")
    town_, wish, chosen = chosen_by([a, b], 3, ["a+b", "a", "b"])
    built = {"a1|a": 1, "a2|b": 1}
    kept, _ = keep_books(town_, wish, chosen, built)
    audit(kept, town_, chosen, built)
    yearly = [(r.fiscal_year, r.programme_id, r.total_yen) for r in kept.rows if r.nature == "fixed"]
    assert sorted(yearly) == [
        (year, i, 900) for year in range(2028, 2027 + wish.funding.horizon_years + 1) for i in "ab"
    ]


def programme(**terms: Any) -> Programme:
    known = {"id": "g", "name_ja": "例", "name_en": "example", "payer": "national", "source": "made up"}
    return Programme.model_validate({**known, "rate": "1/2", "eligible_categories": ALL, **terms})


split = st.sampled_from(
    [
        {"payer": "national"},
        {"payer": "prefecture", "recipient": "either"},
        {"payer": "municipality", "recipient": "local_body"},
        {"payer": "municipality", "recipient": "either"},
        {"payer": "prefecture", "recipient": "local_body"},
        {"rate": "11/12", "funders": {"prefecture": "7/12", "municipality": "1/3"}, "recipient": "local_body"},
        {"rate": "5/6", "funders": {"national": "1/2", "prefecture": "1/3"}},
    ]
)
terms_of = st.fixed_dictionaries(
    {
        "rounding_yen": st.sampled_from([None, 100, 1_000, 10_000]),
        "rounding_per": st.sampled_from(["item", "application"]),
        "cap_per_site_yen": st.none() | st.integers(1, 300_000),
        "fixed_cost_yen": st.integers(0, 5_000),
        "fixed_running_yen_per_year": st.integers(0, 900),
        "kinds": st.just(("install", "extend", "renew", "remove")),
    }
)
INPUTS, SURVEY = town(EVERYTHING)


@settings(max_examples=30, deadline=None)
@given(
    a=split, b=split, more=terms_of, picks=st.lists(st.integers(0, 2), min_size=6, max_size=6), odd=st.integers(0, 999)
)
def test_ledgers_add_up_for_every_programme(
    a: dict[str, Any], b: dict[str, Any], more: dict[str, Any], picks: list[int], odd: int
) -> None:
    programmes = (programme(id="a", **more, **a), programme(id="b", **b))
    models = INPUTS.models.assign(camera_yen=INPUTS.models["camera_yen"] + odd)
    inputs = replace(INPUTS, programmes=programmes, models=models)
    wish = Settings.model_validate(
        {"budget": {"local_body_yen": 10_000_000}, "funding": {"fiscal_year": 2026, "bond_yen": 50_000}}
    )
    offers = price(inputs, SURVEY, wish)
    chosen = []
    for (_, options), pick in zip(offers.table.groupby("action_id", sort=True), picks, strict=True):
        chosen.append(options.iloc[pick % len(options)].to_dict())
    town_ = prepared(inputs, SURVEY, offers)
    kept, _ = keep_books(town_, wish, chosen)
    audit(kept, town_, chosen)
    cost = sum(o[f"{c}_yen"] for o in chosen for c in COST_CATEGORIES)
    fixed = sum(p.fixed_cost_yen for p in programmes if any(o["programme_id"] == p.id for o in chosen))
    assert sum(first_year(kept).values()) == cost + fixed
    reserve = offers.caps.set_index("programme_id")["fixed_municipality_yen"]
    used = {o["programme_id"] for o in chosen} - {""}
    planned = sum(o["municipality_yen"] for o in chosen) + sum(reserve[list(used)])
    assert first_year(kept)["municipality_yen"] <= planned  # the reserve of the caps always pays what rounding takes
    for sheet in kept.budget:
        general = next(s for s in sheet.sources if s.name == "general")
        assert sum(s.thousand_yen for s in sheet.sources) == sum(s.thousand_yen for s in sheet.sections)
        assert all(0 <= s.thousand_yen * 1_000 - s.yen < 1_000 for s in sheet.sections)
        assert all(0 <= s.yen - s.thousand_yen * 1_000 < 1_000 for s in sheet.sources if s.name != "general")
        assert general.thousand_yen * 1_000 >= general.yen


@pytest.mark.parametrize("part", ["payers", "capital", "subsidy", "running", "horizon", "section"])
def test_cooked_books_are_refused(part: str) -> None:
    wish = Settings.model_validate({"funding": {"fiscal_year": 2027}})
    inputs, survey = town([{}, {}], [programme(rate="1/3", rounding_yen=1_000)])
    offers = price(inputs, survey, wish)
    chosen = offers.table[offers.table["programme_id"] == "g"].to_dict("records")
    town_ = prepared(inputs, survey, offers)
    kept, _ = keep_books(town_, wish, chosen)
    audit(kept, town_, chosen)
    rows = {r.nature: n for n, r in enumerate(kept.rows)}

    def moved(nature: str, **amounts: int) -> Ledgers:
        row = kept.rows[rows[nature]]
        payers = row.payers.model_copy(update={k: getattr(row.payers, k) + v for k, v in amounts.items()})
        row = row.model_copy(update={"payers": payers, "total_yen": row.total_yen + (part in ("capital", "running"))})
        return kept.model_copy(update={"rows": [row if n == rows[nature] else r for n, r in enumerate(kept.rows)]})

    line = kept.budget[0].sections[0]
    sheet = kept.budget[0].model_copy(update={"sections": [line.model_copy(update={"thousand_yen": 1})]})
    site = kept.horizon[0].model_copy(update={"total_yen": 1})
    cooked = {
        "payers": lambda: moved("capital", national_yen=1),
        "capital": lambda: moved("capital", municipality_yen=1),
        "subsidy": lambda: moved("rounding", national_yen=1, municipality_yen=-1),
        "running": lambda: moved("running", municipality_yen=1),
        "horizon": lambda: kept.model_copy(update={"horizon": [site, *kept.horizon[1:]]}),
        "section": lambda: kept.model_copy(update={"budget": [sheet, *kept.budget[1:]]}),
    }
    with pytest.raises(PlannerError, match="counted again"):
        audit(cooked[part](), town_, chosen)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_tables_speak_and_their_printed_thousands_add_up(language: Any) -> None:
    kept = EXAMPLES[0].kept()
    plan = type("P", (), {"ledgers": kept, "ledger": [], "sites": [], "duties": None})()
    sheet = show.budget_sheet(plan, show.Words(language))  # type: ignore[arg-type]
    thousands = [row[3] for row in sheet.rows]
    assert sum(thousands[:3]) == thousands[3] == sum(thousands[4:9]) == thousands[9] == 520
    years = show.budget_years(plan, show.Words(language))  # type: ignore[arg-type]
    assert all(row[1] == sum(row[2:]) for row in (*years.rows, *years.totals))
    by_year = show.ledger_by_year(plan, show.Words(language))  # type: ignore[arg-type]
    assert by_year.totals[0][-1] == sum(r.total_yen for r in kept.rows)
    assert by_year.rows[0][0] == ("令和9年度" if language == "ja" else "FY2027")
