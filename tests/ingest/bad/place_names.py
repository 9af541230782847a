"""Places without coordinates, and municipalities that were called something else."""

from __future__ import annotations

from tests.ingest.bad import Bench, Steps, case
from tests.ingest.two_blocks import AREAS

_CAMERAS = '[standing]\nfile = "cameras.csv"\n'


@case(
    "B051",
    "FIX",
    "addresses_placed",
    "a camera list with addresses only",
    keeps="the address and how closely it was found",
)
def addresses_only(town: Bench) -> Steps:
    town.toml(_CAMERAS)
    town.write("cameras.csv", "camera_id,住所\nk1,紙町市本町１丁目５番３号\nk2,本町2-8\n")
    seen = yield
    cameras = seen.the_inputs.standing
    assert cameras["match_level"].tolist() == ["area", "area"]
    assert [(p.x, p.y) for p in cameras.geometry] == [(50, 50), (150, 50)]
    assert cameras["address"].tolist() == ["紙町市本町1丁目5番3号", "本町2-8"]


@case(
    "B051", "SET", "address_unknown", "an address that names no known place", keeps="the cameras whose address is found"
)
def an_unknown_address(town: Bench) -> Steps:
    town.toml(_CAMERAS)
    town.write("cameras.csv", "camera_id,住所\nk1,本町１丁目\nk2,隣町3-1\nk3,本町\n")
    seen = yield
    assert seen.the_inputs.standing["camera_id"].tolist() == ["k1"]
    assert seen.reasons() == ["address_unknown", "address_town_only"]


@case(
    "B052", "FIX", "code_replaced", "municipality codes from before a merger, five and six digits", keeps="the old code"
)
def an_old_code(town: Bench) -> Steps:
    town.toml(
        '[crime]\nfile = "crime.csv"\n'
        'columns = {area = "町名", offence = "罪種", occurred_on = "日", code = "コード"}\n',
        base='[town]\nname = "栃木市"\ncode = "09203"\n' + AREAS,
    )
    # 岩舟町 (09367, with check digit 093670) went into 栃木市 (09203) in 2014
    rows = (("09367", 1), ("093670", 2), ("09367", 3), ("09203", 4), ("09368", 5))
    town.write(
        "crime.csv", "罪種,町名,日,コード\n" + "".join(f"自転車盗,本町1丁目,2023-01-0{d},{c}\n" for c, d in rows)
    )
    seen = yield
    assert len(seen.the_inputs.incidents) == 4
    crime = next(t for t in seen.account.tallies if t.role == "crime")
    assert crime.outside == 1
    kept = seen.account.corrections[["before", "after", "number", "line"]].to_numpy().tolist()
    assert kept == [["09367", "09203", 2, 2], ["093670", "09203", 1, 3]]
