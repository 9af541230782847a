from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString, Point

from planner.errors import InputError, StoppedError
from planner.risk import validate
from planner.risk.calibrate import scatter
from planner.settings import RiskSettings
from planner.work import Work

SIDE = 5
AREAS = {f"{r}{c}": (200 * c, 200 * r, 200 * c + 200, 200 * r + 200) for r in range(SIDE) for c in range(SIDE)}
STREETS = {f"h{r}": LineString([(0, 200 * r + 100), (1000, 200 * r + 100)]) for r in range(SIDE)}


def town(build, precision="area", seed=0, mean=4.0, years=3):
    """25 blocks whose own rates differ and last, dated records of three years."""
    rng = np.random.default_rng(seed)
    rate = rng.gamma(1.0, mean, len(AREAS))
    records, days = [], []
    for year in range(years):
        for (area, box), own in zip(AREAS.items(), rate, strict=True):
            for _ in range(rng.poisson(own)):
                at = Point(box[0] + rng.uniform(0, 60), box[1] + rng.uniform(90, 110)) if precision == "point" else None
                records.append(("bicycle_theft", area, "road", precision, at))
                days.append(pd.Timestamp("2021-01-01") + pd.Timedelta(days=int(365 * year + rng.integers(0, 364))))
    inputs = build(AREAS, records, streets=STREETS, years=float(years))
    return replace(inputs, incidents=inputs.incidents.assign(occurred_on=pd.Series(days, dtype="datetime64[ns]")))


def test_last_year_is_held_out_and_not_seen(build):
    inputs = town(build)
    found = validate(inputs, RiskSettings())
    assert (found.tested_until - found.tested_from).days == 364
    test = inputs.incidents[inputs.incidents["occurred_on"] >= str(found.tested_from)]
    assert set(found.scores["test_records"]) == {len(test)}
    assert found.level_observed == len(test)
    # whatever happens in the last year, the prediction is the same
    moved = inputs.incidents["area_id"].mask(inputs.incidents["occurred_on"] >= str(found.tested_from), "00")
    other = validate(replace(inputs, incidents=inputs.incidents.assign(area_id=moved)), RiskSettings())
    assert other.level_predicted == found.level_predicted
    relative = found.deciles["predicted"] / found.deciles["predicted"].sum()
    assert relative.to_numpy() == pytest.approx(
        (other.deciles["predicted"] / other.deciles["predicted"].sum()).to_numpy()
    )


def test_town_without_points_is_judged_by_block_beside_its_baselines(build):
    found = validate(town(build), RiskSettings())
    assert set(found.scores["unit"]) == {"area"}
    assert [note.code for note in found.notes] == ["validation_blocks_only"]
    every = found.scores[found.scores["offence_group"] == ""].set_index("method")
    assert set(every.index) == {"ours", "count", "uniform", "kde_200"}
    assert every.loc["uniform", "pai_10"] == pytest.approx(1.0)
    assert every.loc["ours", "pai_10"] > 1.5
    assert found.deciles[found.deciles["offence_group"] == ""]["observed"].sum() == found.level_observed
    assert found.districts[found.districts["offence_group"] == ""]["areas"].to_list() == [25]


def test_shrunk_blocks_beat_raw_counts_where_little_is_recorded(build):
    loss = pd.Series(0.0, index=["ours", "count", "uniform"])
    for seed in range(5):
        table = validate(town(build, seed=seed, mean=1.0), RiskSettings()).scores
        loss += table[table["offence_group"] == ""].set_index("method")["deviance"][loss.index]
    assert loss["ours"] < loss["count"]
    assert loss["ours"] < loss["uniform"]


def test_points_are_judged_by_cell_in_time_and_in_space(build):
    found = validate(town(build, "point", mean=12.0), RiskSettings())
    cells = found.scores[(found.scores["unit"] == "cell") & (found.scores["offence_group"] == "")]
    best = cells.set_index(["split", "method"])["pai_10"]
    assert set(best.index.get_level_values(0)) == {"time", "space"}
    assert best["time", "ours"] > best["time", "kde_200"]
    assert best["time", "ours"] > best["space", "ours"] > best["time", "uniform"]
    assert found.notes == ()


@pytest.mark.parametrize("code", ["validation_undated", "validation_short", "validation_empty"])
def test_refusals(build, code):
    inputs = town(build)
    if code == "validation_undated":
        inputs = replace(inputs, incidents=inputs.incidents.assign(occurred_on=pd.NaT))
        inputs.incidents["occurred_on"] = inputs.incidents["occurred_on"].astype("datetime64[ns]")
    elif code == "validation_short":
        inputs = replace(inputs, years=1.5)
    else:
        inputs = replace(inputs, incidents=inputs.incidents.assign(area_id="", precision="city"))
    with pytest.raises(InputError) as caught:
        validate(inputs, RiskSettings())
    assert caught.value.code == code


def test_scatter_of_the_intervals_comes_from_a_year_no_fit_has_seen(build):
    inputs = town(build, mean=12.0)
    ours = _ours(validate(inputs, RiskSettings()))
    # blocks that change places every year, unlike anything the fit can follow: the intervals must be as wide as that
    year = (inputs.incidents["occurred_on"] - pd.Timestamp("2021-01-01")).dt.days // 365
    back = inputs.incidents["area_id"].map(lambda name: name[::-1])
    wild = inputs.incidents.assign(area_id=inputs.incidents["area_id"].where(year != 1, back))
    turned = _ours(validate(replace(inputs, incidents=wild), RiskSettings()))
    assert 0.8 <= ours["covered_share"] <= 1
    assert turned["slope"] < ours["slope"]
    assert turned["covered_share"] >= 0.85


def test_two_years_leave_no_year_to_read_a_scatter_from(build):
    ours = _ours(validate(town(build, mean=12.0, years=2), RiskSettings()))
    assert np.isnan(ours["covered_share"])


def _ours(found):
    table = found.scores[(found.scores["offence_group"] == "") & (found.scores["unit"] == "area")]
    return table.set_index("method").loc["ours"]


def test_intervals_cover_what_a_year_brings_where_blocks_drift(build):
    """Six towns whose blocks rise and fall by themselves from year to year: 90 % intervals hold about nine of ten."""
    covered = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        rate = rng.gamma(2.0, 6.0, len(AREAS))
        records, days = [], []
        for year in range(3):
            for (area, _), number in zip(
                AREAS.items(), rng.poisson(rate * rng.gamma(8, 1 / 8, len(AREAS))), strict=True
            ):
                records += [("bicycle_theft", area, "road", "area", None)] * int(number)
                days += [
                    pd.Timestamp("2021-01-01") + pd.Timedelta(days=365 * year + int(d))
                    for d in rng.integers(0, 365, number)
                ]
        inputs = build(AREAS, records, streets=STREETS, years=3.0)
        dated = inputs.incidents.assign(occurred_on=pd.Series(days, dtype="datetime64[ns]"))
        covered.append(_ours(validate(replace(inputs, incidents=dated), RiskSettings()))["covered_share"])
    assert 0.87 <= np.mean(covered) <= 0.97


def test_what_is_unsure_is_not_counted_twice():
    """Predictions of known relative variance u around Poisson numbers: beside u nothing scatters."""
    rng = np.random.default_rng(0)
    said = rng.uniform(4, 40, 4000)
    came = rng.poisson(said * rng.gamma(10, 1 / 10, len(said))).astype(float)
    alone, beside = (scatter(said, came, np.ones(len(said)), u) for u in (None, np.full(len(said), 0.1)))
    assert alone.at(said).mean() == pytest.approx(0.1, rel=0.2)
    assert beside.at(said).mean() < 0.02


def test_progress_is_told_and_a_stop_is_heard_between_the_parts(build):
    inputs = town(build, "point", mean=12.0)
    told = []
    validate(inputs, RiskSettings(), Work(report=lambda *step: told.append(step)))
    assert told == [("risk_validate", done, 6) for done in range(6)]
    blocks = []
    validate(town(build), RiskSettings(), Work(report=lambda *step: blocks.append(step)))
    assert blocks == [("risk_validate", done, 3) for done in range(3)]
    for at in (1, 4):
        work, heard = Work(), []

        def report(_stage, done, _total, at=at, work=work, heard=heard):
            heard.append(done)
            if done == at:
                work.stop()

        work.report = report
        with pytest.raises(StoppedError):
            validate(inputs, RiskSettings(), work)
        assert heard == list(range(at + 1))


def _without_area(inputs, within):
    """The records of some days known to the municipality only."""
    incidents = inputs.incidents
    blank = incidents["occurred_on"].between(*within)
    bare = incidents.assign(
        area_id=incidents["area_id"].mask(blank, ""), precision=incidents["precision"].mask(blank, "city")
    )
    return replace(inputs, incidents=bare)


@pytest.mark.parametrize("bare_year", ["2021", "2022"])
def test_a_year_without_areas_leaves_no_intervals_and_refuses_nothing(build, bare_year):
    inputs = _without_area(town(build, mean=12.0), (f"{bare_year}-01-01", f"{bare_year}-12-31"))
    ours = _ours(validate(inputs, RiskSettings()))
    assert np.isnan(ours["covered_share"])
    assert ours["pai_10"] > 1


def test_records_older_than_the_period_do_not_stand_for_the_years_before(build):
    inputs = _without_area(town(build, years=4), ("2021-12-01", "2023-12-31"))
    with pytest.raises(InputError) as caught:
        validate(replace(inputs, years=3.0), RiskSettings())
    assert caught.value.code == "validation_empty"
    assert caught.value.values["before"] == 0
