"""paper_town: a town small enough to count on paper, drawn as text, written out as a town folder.

One letter is a block of 20 m x 20 m; blocks of one letter are one 町丁目. North is up, the south-west corner
is (0, 0) of the plane zone. Tests write it into folders of their own.

::

      0    20   40   60   80   100 m east
    80 +----+----+----+----+----+
       | A    A  | B  | C    C  |
    60 +         +    +      P  +      P cycle park (82, 56)
       |k1-->  m1    .    m2#m5 <k4    s1, lit:  y = 50, x 0..100  # building
    40 +----+----+-s3-+----+----+      s3, dark: x = 50, y 10..50
       | D    D  | E  | F    F  |
    20 +         +    +         +
       |k3-->  m3    .    m4  <--k2    s2, dark: y = 10, x 0..100
     0 +----+----+----+----+----+

Spots lie every 5 m: 20 on s1, 20 on s2, 8 on s3. Records are proportional to street length (2 snatchings and
1 bicycle theft per 10 m in three years), so shrinkage changes nothing and every spot expects exactly 1/3
snatching a year; the cycle park, one of one listed, takes 1/2 of block C's 4/3 bicycle thefts a year: 2/3.
"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import shapely

BLOCK_M = 20
DRAWING = """
AABCC
AABCC
DDEFF
DDEFF
"""
EPSG = 6677
CODE = "99001"
NAMES = {
    "A": "紙町一丁目",
    "B": "紙町二丁目",
    "C": "紙町三丁目",
    "D": "紙町四丁目",
    "E": "紙町五丁目",
    "F": "紙町六丁目",
}
POLICE_NAMES = {
    "A": "紙町１丁目",
    "B": "紙町２丁目",
    "C": "紙町3丁目",
    "D": "紙町四丁目",
    "E": "大字紙町五丁目",
    "F": "紙町６丁目",
}
DISTRICTS = {"A": "north", "B": "north", "C": "north", "D": "south", "E": "south", "F": "south"}
STREETS = {  # name: (from, to, lit); pieces end at crossings
    "s1w": ((0, 50), (50, 50), True),
    "s1e": ((50, 50), (100, 50), True),
    "s2w": ((0, 10), (50, 10), False),
    "s2e": ((50, 10), (100, 10), False),
    "s3": ((50, 10), (50, 50), False),
}
STREET_M = {"A": 40, "B": 30, "C": 40, "D": 40, "E": 50, "F": 40}
WALLS = {"w1": [(74, 52), (78, 52), (78, 54), (74, 54)]}
PARK = ("p1", "cycle_park", 82, 56)
MOUNTS = {"m1": (25, 50), "m2": (72, 50), "m3": (25, 10), "m4": (72, 10), "m5": (92, 50)}
STANDING = [  # id, east, north, bearing, days, owner, use, working, installed_on, locked_until
    ("k1", 0, 50, 90, 7, "紙町", "own", "yes", "2016-04-01", ""),
    ("k2", 100, 10, 270, 30, "紙町", "own", "yes", "2022-04-01", "2028-03-31"),
    ("k3", 0, 10, 90, 14, "紙町商店会", "on_request", "yes", "2019-04-01", ""),
    ("k4", 100, 50, 270, 14, "紙町", "own", "no", "2017-04-01", ""),
]
MODELS = [  # id, name, pixels, angle, infrared, camera, installation, cable, signage, running
    ("standard", "標準 2560画素・画角90度", 2560, 90, 30, 200_000, 60_000, 0, 10_000, 10_000),
    ("narrow", "狭角 2560画素・画角60度", 2560, 60, 30, 320_000, 60_000, 0, 10_000, 10_000),
]
TIERS = [("d7", 7, 20_000, 0), ("d14", 14, 40_000, 0), ("d30", 30, 80_000, 2_000)]
OWN_CAPITAL_YEN = 600_000
RUNNING_YEN_PER_YEAR = 40_000

TOWN_TOML = f"""# 紙町（架空）：手で数えられる大きさの町。試験と最初の計画に使います。
# paper_town (made up): a town that can be counted by hand.

[town]
name = "紙町（架空）"
code = "{CODE}"
crs = "EPSG:{EPSG}"
applicant = "municipality"

[crime]
files = ["crime/*.csv"]

[areas]
file = "municipal/areas.geojson"
crs = "EPSG:{EPSG}"

[streets]
file = "municipal/streets.geojson"
crs = "EPSG:{EPSG}"

[walls]
file = "municipal/walls.geojson"
crs = "EPSG:{EPSG}"

[places]
file = "municipal/places.csv"
crs = "EPSG:{EPSG}"

[mounts]
file = "municipal/mounts.csv"
crs = "EPSG:{EPSG}"

[standing]
file = "municipal/standing.csv"
crs = "EPSG:{EPSG}"

[models]
file = "municipal/models.csv"

[tiers]
file = "municipal/tiers.csv"

[programmes]
file = "municipal/programmes.yaml"

[budget]
own_capital_yen = {OWN_CAPITAL_YEN}
running_yen_per_year = {RUNNING_YEN_PER_YEAR}

[retention]
min_days = 14
min_origin = "警察の要望（架空）"
max_days = 30
max_origin = "設置運用基準（架空）"

[rules]
spacing_m = 25
max_per_mount = 1
districts = [{{ id = "south", floor_share = 0.15 }}]
"""

PROGRAMMES_YAML = """# 架空の補助・交付金制度 / made-up programmes
programmes:
- id: half
  name_ja: 架空の国交付金（2分の1）
  name_en: made-up state grant, one half
  payer: national
  recipient: municipality
  rate: 1/2
  cap_total_yen: 300000
  rounding_yen: 1000
  eligible_categories: [camera, recorder, installation]
  kinds: [install, renew]
  source: 架空
- id: third
  name_ja: 架空の県補助（3分の1、1台10万円まで）
  name_en: made-up prefectural subsidy, one third, up to 100,000 yen a camera
  payer: prefecture
  recipient: municipality
  rate: 1/3
  cap_per_camera_yen: 100000
  max_units: 1
  rounding_yen: 1000
  eligible_categories: [camera, recorder, installation, repair]
  kinds: [install, extend, repair]
  source: 架空
"""

_OLD_HEAD = [
    "罪名",
    "手口",
    "管轄警察署（発生地）",
    "管轄交番・駐在所（発生地）",
    "市区町村コード（発生地）",
    "都道府県（発生地）",
]
_OLD_HEAD += ["市区町村（発生地）", "町丁目（発生地）", "発生年月日（始期）", "発生時（始期）"]


def blocks() -> dict[str, Any]:
    """Letter -> polygon of its blocks."""
    lines = DRAWING.split()
    squares: dict[str, list[Any]] = {}
    for i, line in enumerate(lines):
        top = (len(lines) - i) * BLOCK_M
        for j, letter in enumerate(line):
            squares.setdefault(letter, []).append(shapely.box(j * BLOCK_M, top - BLOCK_M, (j + 1) * BLOCK_M, top))
    return {letter: shapely.union_all(parts) for letter, parts in squares.items()}


def write(folder: Path) -> Path:
    """Write the town folder."""
    municipal, crime = folder / "municipal", folder / "crime"
    municipal.mkdir(parents=True, exist_ok=True)
    crime.mkdir(parents=True, exist_ok=True)
    (folder / "town.toml").write_text(TOWN_TOML, encoding="utf-8")
    (municipal / "programmes.yaml").write_text(PROGRAMMES_YAML, encoding="utf-8")
    areas = [
        ({"area_id": k, "name": NAMES[k], "district_id": DISTRICTS[k], "households": 50}, g)
        for k, g in blocks().items()
    ]
    _geojson(municipal / "areas.geojson", areas)
    lines = [
        ({"street_id": k, "kind": "local", "lit": lit}, shapely.LineString([a, b]))
        for k, (a, b, lit) in STREETS.items()
    ]
    _geojson(municipal / "streets.geojson", lines)
    _geojson(municipal / "walls.geojson", [({"wall_id": k}, shapely.Polygon(p)) for k, p in WALLS.items()])
    _csv(municipal / "places.csv", ["place_id", "kind", "east_m", "north_m"], [PARK])
    mounts = [(k, "utility_pole", "架空電力", *xy, 4.0, "agreed") for k, xy in MOUNTS.items()]
    _csv(municipal / "mounts.csv", ["mount_id", "kind", "host", "east_m", "north_m", "height_m", "state"], mounts)
    head = ["camera_id", "east_m", "north_m", "bearing_deg", "retention_days", "owner", "use", "working"]
    standing = [(*s[:8], "standard", *s[8:]) for s in STANDING]
    _csv(municipal / "standing.csv", [*head, "model_id", "installed_on", "locked_until"], standing)
    head = [
        "model_id",
        "name",
        "width_px",
        "angle_deg",
        "infrared_m",
        "camera_yen",
        "installation_yen",
        "cable_yen",
        "signage_yen",
    ]
    _csv(municipal / "models.csv", [*head, "running_yen_per_year", "source"], [(*m, "架空") for m in MODELS])
    _csv(
        municipal / "tiers.csv",
        ["tier_id", "retention_days", "recorder_yen", "running_yen_per_year", "source"],
        [(*t, "架空") for t in TIERS],
    )
    _crime(crime)
    return folder


def _crime(folder: Path) -> None:
    """Three years of snatchings and bicycle thefts, in the encodings and headings that police files really have."""
    for year, encoding, old in ((2022, "cp932", True), (2023, "utf-8", True), (2024, "utf-8-sig", False)):
        for slug, modus, per_10m in (("hittakuri", "ひったくり", 2), ("zitensyatou", "自転車盗", 1)):
            head = [*_OLD_HEAD, "発生場所の属性"] if old else [*_OLD_HEAD, "発生場所", "発生場所の詳細"]
            rows = list(_records(year, modus, per_10m, old=old))
            if modus == "ひったくり":  # a neighbouring municipality in the same file
                rows.append(_row(modus, "990027", "鉛筆町", "", f"{year}-03-03", "18", "道路上", old=old))
            text = io.StringIO()
            csv.writer(text, lineterminator="\r\n").writerows([head, *rows])
            (folder / f"kamimachi_{year}{slug}.csv").write_bytes(text.getvalue().encode(encoding))


def _records(year: int, modus: str, per_10m: int, *, old: bool) -> Any:
    """The records of one year: every third of each block's records."""
    for letter, street_m in STREET_M.items():
        number = per_10m * street_m // 10
        for k in range(year - 2022, number, 3):
            day, hour = 1 + 2 * k, f"{8 + k:02d}" if old else str(8 + k)
            date = f"{year}-{1 + k:02d}-{day:02d}" if old else f"{year}/{1 + k}/{day}"
            place = "道路上" if modus == "ひったくり" else "駐車（輪）場"
            yield _row(modus, CODE + "9", "紙町", POLICE_NAMES[letter], date, hour, place, old=old)


def _row(modus: str, code: str, city: str, town: str, date: str, hour: str, place: str, *, old: bool) -> list[str]:
    row = ["窃盗", modus, "紙", "紙町駅前", code, "架空県", city, town, date, hour, place]
    return row if old else [*row, ""]


def _csv(path: Path, head: list[str], rows: Any) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([head, *rows])
    path.write_text(text.getvalue(), encoding="utf-8")


def _geojson(path: Path, features: list[tuple[dict[str, Any], Any]]) -> None:
    parts = [{"type": "Feature", "properties": p, "geometry": json.loads(shapely.to_geojson(g))} for p, g in features]
    lines = ",\n".join(json.dumps(p, ensure_ascii=False) for p in parts)
    path.write_text(f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}\n', encoding="utf-8")
