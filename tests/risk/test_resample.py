"""Resamples of the demand: as sure as the estimate says, equal in every run, together within a piece."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from planner import ingest, risk, study
from planner.errors import PlannerError
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


def test_spots_of_one_piece_in_one_block_rise_and_fall_together(demand) -> None:
    factor = next(risk.resampled(demand, 1))
    for at in demand.spots.groupby(["street_id", "place_id", "area_id"]).indices.values():
        assert np.ptp(factor[at], axis=0).max() == pytest.approx(0.0)


def test_a_demand_without_draws_is_refused(demand) -> None:
    with pytest.raises(PlannerError) as refusal:
        list(risk.resampled(replace(demand, drawn=np.empty((0, 0, 0))), 1))
    assert refusal.value.code == "demand_without_draws"
