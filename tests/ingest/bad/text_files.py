"""Bad text and table files."""

from __future__ import annotations

from tests.ingest.bad import Bench, Steps, case
from tests.ingest.two_blocks import TWO_THEFTS


@case("B001", "STOP", "file_empty", "a file of 0 bytes")
def no_bytes(town: Bench) -> Steps:
    town.write("crime.csv", b"")
    seen = yield
    assert seen.faults[0].values["file"] == "crime.csv"


@case("B013", "SET", "field_count", "one field too many", keeps="the columns of the other rows")
def one_field_too_many(town: Bench) -> Steps:
    town.write("crime.csv", TWO_THEFTS + "自転車盗,本町1丁目,2023-02-02,余分\n")
    seen = yield
    assert seen.the_inputs.incidents["area_id"].tolist() == ["A1", "A2"]
    assert seen.account.set_aside["line"].tolist() == [4]
