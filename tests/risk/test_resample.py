"""Resamples of the demand: as sure as the estimate says, equal in every run, together within a piece."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from shapely.geometry import LineString

from planner import ingest, risk, study
from planner.errors import PlannerError
from planner.settings import RiskSettings
from planner.work import Work
from tests.paper_town import write


@pytest.fixture(scope="module")
def demand(tmp_path_factory: pytest.TempPathFactory):
    inputs = ingest.read(write(tmp_path_factory.mktemp("town")))
    return risk.score(inputs, study.wishes(inputs).settings.risk, Work())


def test_factors_have_mean_one_and_stay_above_zero(demand) -> None:
    drawn = np.array(list(risk.resampled(demand, 50)))
    assert drawn.shape == (50, *demand.expected.shape)
    assert (drawn > 0).all()
    assert drawn.mean() == pytest.approx(1.0, abs=0.15)


def test_the_same_question_gives_the_same_resamples(demand) -> None:
    one, two = (np.array(list(risk.resampled(demand, 3))) for _ in range(2))
    assert (one == two).all()


@pytest.fixture
def two_blocks(build):
    """One block with a street of four pieces of 50 m, one with its ring alone; records on roads and in low flats."""
    records = [("bicycle_theft", area, kind, "area", None) for area in "AB" for kind in ("road", "low_flats")] * 4
    street = {"x": LineString([(0, 50), (200, 50)])}
    return risk.score(build({"A": (0, 0, 200, 100), "B": (300, 0, 400, 100)}, records, streets=street), RiskSettings())


def _factors(demand) -> pd.Series:
    return pd.Series(next(risk.resampled(demand, 1))[:, 0], index=demand.spots["spot_id"])


def test_the_spots_of_a_piece_rise_together_and_each_piece_by_itself(two_blocks) -> None:
    factor = _factors(two_blocks)
    along = factor[[f"sx-{step}-p" for step in range(40)]].to_numpy().reshape(4, 10)
    assert np.ptp(along, axis=1) == pytest.approx(np.zeros(4))
    assert len(np.unique(along[:, 0])) == 4


def test_a_ring_does_not_rise_with_its_owners(two_blocks) -> None:
    factor = _factors(two_blocks)
    ring = factor[factor.index.str.startswith("rB-")]
    assert ring.max() > ring.min()
    assert factor["oB"] not in ring.to_list()


def test_each_piece_scatters_as_widely_as_its_own_dispersion_says(two_blocks) -> None:
    last = two_blocks.spots["spot_id"].isin([f"sx-{step}-p" for step in range(30, 40)]).to_numpy()
    demand = replace(two_blocks, dispersion=np.where(last[:, None], 0.04, 1.0))
    factors = np.array(list(risk.resampled(demand, 50)))[:, :, 0] / demand.drawn[:, :1, 0]
    first = (demand.spots["spot_id"] == "sx-0-p").to_numpy()
    assert factors[:, last].std() == pytest.approx(0.2, rel=0.3)
    assert factors[:, first].std() == pytest.approx(1.0, rel=0.4)


def test_a_demand_without_draws_is_refused(demand) -> None:
    with pytest.raises(PlannerError) as refusal:
        list(risk.resampled(replace(demand, drawn=np.empty((0, 0, 0))), 1))
    assert refusal.value.code == "demand_without_draws"
