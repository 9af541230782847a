"""Days to keep on paper_town, whose spots can be counted by hand: what is outside, what more days are worth."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from planner import study
from planner.errors import PlannerError
from planner.plan import Plan, Prepared, Site, choice_of, recount
from planner.plan.keeping import outside, storage
from planner.settings import Merged, ProgrammesSettings
from planner.terms import edited, in_force
from planner.work import Work
from tests.app.helpers import FEW, prepared_of
from tests.paper_town import write
from tests.show.conftest import site, standing

TIERS = pd.DataFrame(
    {
        "tier_id": ["d7", "d14", "d30"],
        "retention_days": [7, 14, 30],
        "recorder_yen": [20_000, 40_000, 80_000],
        "running_yen_per_year": [0, 0, 2_000],
    }
)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Prepared, Merged]:
    return prepared_of(write(tmp_path_factory.mktemp("town")), ("test", FEW))


@pytest.fixture(scope="module")
def made(asked: tuple[Prepared, Merged]) -> Plan:
    return study.decide(*asked, Work())


def rule(low: float = math.nan, high: float = math.nan) -> dict[str, object]:
    return {"min_days": low, "max_days": high, "limit_origin": "rule"}


@pytest.mark.parametrize(
    ("days", "limits", "fault", "remedy", "cost"),
    [
        (7.0, rule(14, 30), "too_short", "extend", 40_000),  # the cheapest recorder that fits
        (7.0, rule(15, 30), "too_short", "extend", 80_000),
        (7.0, rule(60), "too_short", "none", None),
        (7.0, rule(15, 20), "too_short", "none", None),
        (45.0, rule(14, 30), "too_long", "shorten", None),  # a setting, nothing is bought
        (None, rule(14), "unknown", "ask", None),
        (14.0, rule(14, 30), "", "", None),
        (30.0, rule(14, 30), "", "", None),
        (None, rule(), "", "", None),  # without a rule nobody is outside it
    ],
)
def test_what_is_outside_and_what_mends_it(days, limits, fault, remedy, cost) -> None:
    camera = standing(0, ("owner",), 100).model_copy(update={"retention_days": days})
    parts = outside([camera], {camera.camera_id: limits}, {camera.camera_id: "here"}, TIERS)
    assert [(p.fault, p.remedy, p.cost_yen, p.address) for p in parts] == (
        [(fault, remedy, cost, "here")] if fault else []
    )


def test_the_list_is_by_owner() -> None:
    cameras = [standing(n, ("b", "a"), 100).model_copy(update={"retention_days": 1.0}) for n in range(4)]
    parts = outside(cameras, {c.camera_id: rule(7) for c in cameras}, {}, TIERS)
    assert [(p.owner, p.camera_id) for p in parts] == [("a", "k1"), ("a", "k3"), ("b", "k0"), ("b", "k2")]


def stored(width_px: int, gb_per_day: float, days: float, cameras: int = 1) -> Site:
    """A site whose view tells so many gigabytes a day."""
    one = site(2, ("install",), ("-",), 100)
    views = [one.views[0].model_copy(update={"storage_gb_per_day": gb_per_day})]
    told = {"width_px": width_px, "retention_days": days, "cameras": cameras, "views": views}
    return one.model_copy(update=told)


def test_storage_by_hand() -> None:
    one, two, small = stored(2560, 43.2, 14.0), stored(2560, 43.2, 30.0, 2), stored(1920, 21.6, 7.0)
    parts = {(p.width_px, p.cameras, p.days): p for p in storage([one, two, two, small])}
    assert parts[2560, 1, 14].mbit_per_s == 4
    assert parts[2560, 1, 14].size_gb == pytest.approx(4 * 86_400 / 8 / 1000 * 14, abs=0.1)  # 4 Mbit/s: 43.2 GB a day
    assert parts[2560, 1, 14].low_gb == pytest.approx(8 * 0.35 * 0.6 * 10.8 * 14, abs=0.1)
    assert parts[2560, 1, 14].high_gb == pytest.approx(8 * 1.4 * 10.8 * 14, abs=0.1)
    assert parts[2560, 2, 30].size_gb == pytest.approx(4 * 10.8 * 30 * 2, abs=0.1)
    assert parts[2560, 2, 30].sites == 2
    assert [parts[k].carrier for k in ((1920, 1, 7), (2560, 1, 14), (2560, 2, 30))] == ["card", "recorder", "recorder"]
    assert storage([stored(2560, 43.2, 120.0)])[0].carrier == "cloud"  # 5,184 GB


def test_a_width_or_bit_rate_of_its_own_is_stored_as_the_view_tells() -> None:
    """A model that states 6 Mbit/s, and one wider than the table: no class of pixels stands in for them."""
    own, wide = stored(2560, 64.8, 10.0), stored(7680, 86.4, 10.0)
    assert [(p.mbit_per_s, p.size_gb) for p in storage([own, wide])] == [(6, 648), (8, 864)]


def test_recorders_without_tax_cost_with_tax_wherever_they_are_offered(tmp_path: Path) -> None:
    """d14 is 40,000 yen without tax, 44,000 with it: the price in the list of what is outside and of longer footage."""
    town = write(tmp_path / "town")
    file = town / "municipal" / "tiers.csv"
    head, *rows = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join([f"{head},tax_included", *(f"{row},no" for row in rows)]) + "\n", encoding="utf-8")
    plan = study.decide(*prepared_of(town, ("test", FEW)), Work())
    assert plan.duties is not None
    assert {p.cost_yen for p in plan.duties.outside if p.tier_days == 14} == {44_000}
    bought = {s.site_id: s.cost_yen["recorder"] for s in plan.sites}
    for part in plan.duties.weighed[1:]:
        if part.longer.cost_yen is not None:
            assert part.longer.cost_yen == 88_000 - bought.get(
                part.place_id, 0
            )  # the only one that keeps 14 days more: d30


def test_days_and_agreement_are_what_the_plan_counted(made: Plan) -> None:
    """On paper_town no two cameras of the plan see the same spot, so that the gains of the places add up."""
    duties = made.duties
    assert duties is not None
    whole, *places = duties.weighed
    for name in ("longer", "agreement"):
        sums = sum(getattr(p, name).gain_per_year for p in places)
        assert getattr(whole, name).gain_per_year == pytest.approx(sums, abs=1e-5)
        for part in (whole, *places):
            added = getattr(part, name)
            assert 0 <= added.low_per_year <= added.gain_per_year <= added.high_per_year
    # k2 sees snatchings only: 30 days and 3 of handling leave .0463 + of .226 / 16 unrecognised on day 27; 44 on day 41
    k2 = next(p for p in places if p.place_id == "k2")
    before, after = 0.273 - 0.226 * 13 / 16, 0.047 - 0.0037 * 11 / 30
    seen = 0.043732 / (before - after)
    assert seen == pytest.approx(round(seen * 3) / 3, abs=1e-3)  # thirds: every spot expects 1/3 snatching a year
    assert k2.longer.gain_per_year == pytest.approx(round(seen * 3) / 3 * (before - after), abs=1e-5)
    sooner = 0.226 * 2 / 16  # handled on day 29 instead of 27
    assert k2.agreement.gain_per_year == pytest.approx(round(seen * 3) / 3 * sooner, abs=1e-5)
    assert not k2.longer.allowed  # 44 days against the guideline's 30


def test_one_camera_more_is_worth_what_the_next_plan_gains(asked: tuple[Prepared, Merged], made: Plan) -> None:
    duties = made.duties
    assert duties is not None
    assert duties.one_more is not None
    assert duties.one_more.cost_yen is not None
    assert duties.one_more.days == 30
    assert duties.one_more.gain_per_year > max(p.longer.gain_per_year for p in duties.weighed[1:])


def test_rules_that_took_offers_away_add_up(asked: tuple[Prepared, Merged], made: Plan) -> None:
    table = asked[0].offers.table
    assert made.duties is not None
    removed = {(r.rule, r.programme_id): r.offers for r in made.duties.removed}
    assert sum(removed.values()) == int(table["why_not"].str.split().str.len().sum())
    short = (table["why_not"] == "below_min_days") & (table["programme_id"] == "half")
    assert removed["below_min_days", "half"] == int(short.sum()) > 0


def test_a_zone_asks_for_more_days_and_the_plan_obeys(tmp_path: Path) -> None:
    town = write(tmp_path / "town")
    (town / "municipal" / "zones.geojson").write_text(
        '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties":'
        ' {"rule": "保存日数下限", "origin": "警察署（架空）", "limit_days": "30日"}, "geometry": {"type": "Polygon",'
        ' "coordinates": [[[-1, -1], [101, -1], [101, 81], [-1, 81], [-1, -1]]]}}]}',
        encoding="utf-8",
    )
    text = (town / "town.toml").read_text(encoding="utf-8")
    zones = '[zones]\nfile = "municipal/zones.geojson"\ncrs = "EPSG:6677"\n\n[budget]'
    (town / "town.toml").write_text(text.replace("[budget]", zones), encoding="utf-8")
    prepared, merged = prepared_of(town, ("test", FEW))
    plan = study.decide(prepared, merged, Work())
    assert {s.min_days for s in plan.sites} == {30}
    assert all(s.retention_days == 30 for s in plan.sites if s.kind in ("install", "extend", "renew"))
    (zone,) = plan.limit_zones
    assert (zone.rule, zone.limit_days, zone.origin) == ("min_days", 30, "警察署(架空)")
    assert sorted(map(tuple, zone.polygons[0][0][:4])) == [(-1, -1), (-1, 81), (101, -1), (101, 81)]
    assert plan.duties is not None
    assert {p.camera_id: p.limit_origin for p in plan.duties.outside} == dict.fromkeys(
        ("k1", "k3", "k4"),
        "警察署(架空) / 設置運用基準（架空）",  # cells are folded when they are read
    )


def test_a_plan_that_keeps_too_long_is_refused_with_the_limit_that_it_breaks(
    asked: tuple[Prepared, Merged], made: Plan
) -> None:
    prepared, merged = asked
    actions = prepared.survey.actions.assign(min_days=0.0, max_days=1.0)
    shorter = replace(prepared, survey=replace(prepared.survey, actions=actions))
    with pytest.raises(PlannerError) as refusal:
        recount(shorter, merged.settings, choice_of(made, prepared))
    assert refusal.value.code == "rule_broken"
    assert (refusal.value.values["counted"], refusal.value.values["limit"]) == (made.sites[0].retention_days, 1)


# ---- terms that the user states otherwise ----


def test_edited_terms_price_and_are_listed(asked: tuple[Prepared, Merged]) -> None:
    prepared, _ = asked
    edit = {"programmes": {"use": ["half"], "edit": {"half": {"rate": "1/4", "origin": "要綱（架空）"}}}}
    merged = study.wishes(prepared.inputs, ("test", FEW), ("widget", edit))
    priced = study.priced(prepared, merged.settings)
    was, now = (
        t.loc[t["programme_id"] == "half"].set_index("offer_id")["subsidy_yen"]
        for t in (prepared.offers.table, priced.offers.table)
    )
    assert set(priced.offers.table["programme_id"]) == {"", "half"}
    assert (now <= was.loc[now.index] / 2).all()  # rounded down to 1,000 yen, never up
    assert (now > was.loc[now.index] / 2 - 1000).all()
    plan = study.decide(priced, merged, Work())
    assert plan.duties is not None
    assert {p.id: str(p.rate) for p in plan.duties.programmes} == {"half": "1/4", "third": "1/3"}
    assert study.plan.settings_of(plan)["programmes"]["edit"]["half"]["origin"] == "要綱（架空）"


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"use": ("halve",)}, "programme_edit_unknown"),
        ({"edit": {"halve": {"rate": "1/2"}}}, "programme_edit_unknown"),
        ({"edit": {"half": {"rate": "1/2"}, "shared": {"rate": "1/3"}}}, "programme_edit_refused"),
    ],
)
def test_edits_that_cannot_be_are_refused(asked: tuple[Prepared, Merged], wish, code) -> None:
    from planner.errors import SettingsError

    half = asked[0].inputs.programmes[0]
    shared = half.model_copy(update={"id": "shared", "funders": {"national": half.rate}})
    with pytest.raises(SettingsError) as refusal:
        in_force((half, shared), ProgrammesSettings.model_validate(wish))
    assert refusal.value.code == code


def test_without_edits_every_programme_is_as_it_came(asked: tuple[Prepared, Merged]) -> None:
    programmes = asked[0].inputs.programmes
    assert edited(programmes, ProgrammesSettings()) == in_force(programmes, ProgrammesSettings()) == programmes
    assert in_force(programmes, ProgrammesSettings(use=())) == ()
