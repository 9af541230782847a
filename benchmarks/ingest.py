"""``ingest.read`` alone, each case in a process of its own that reports its seconds (after imports) and peak memory."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

from benchmarks import pbf, samples
from benchmarks.plan import commit, machine

ROWS = 1_000_000
PBF_BYTES = 300_000_000
_FIRST_DAY = 17_897  # 2019-01-01, days since 1970
_DAYS = 3 * 365
_TOWN = '[town]\nname = "{name}"\ncode = "{code}"\n{crs}[areas]\nfile = "areas.geojson"\n[crime]\n{crime}\n'
_HEADINGS = (
    "罪名,手口,管轄警察署（発生地）,管轄交番・駐在所（発生地）,市区町村コード（発生地）,都道府県（発生地）,市区町村（発生地）,"
    "町丁目（発生地）,発生年月日（始期）,発生時（始期）,発生場所,発生場所の詳細,被害者の年齢,被害者の職業,施錠関係"
)
_WAYS = ("自転車盗", "オートバイ盗", "自動車盗", "車上ねらい", "部品ねらい", "ひったくり")
_PLACES = ("道路上", "その他の住宅（３階建て以下共同住宅等）", "一戸建住宅", "その他", "")
_OSM_ROLES = ("streets", "walls", "places", "mounts", "standing")
# central Helsinki, and a made-up town of ten by ten blocks near Yokohama: west, south, blocks a side, block in degrees
_HELSINKI = (24.92, 60.155, 1, 0.045)
_BLOCKS = (139.45, 35.45, 10, 0.004)


def _write_areas(folder: Path, west: float, south: float, side: int, step: float) -> None:
    """Square areas 本町1丁目, 本町2丁目 ... in rows."""
    features = []
    for n in range(side * side):
        x, y = west + n % side * step, south + n // side * step
        ring = [[x, y], [x + step, y], [x + step, y + step], [x, y + step], [x, y]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"name": f"本町{n + 1}丁目"}, "geometry": shape})
    text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    (folder / "areas.geojson").write_text(text, encoding="utf-8")


def _spoilt(cells: list[str], kind: str) -> str:
    """A row with one fault, of the kind that its reason code names."""
    if kind == "field_count":
        return ",".join([*cells, "余り"])
    if kind == "blank_row":
        return "," * (len(cells) - 1)
    at, text = {
        "date_impossible": (8, "2019/13/45"),
        "hour_unreadable": (9, "二十五時"),
        "unknown_word": (10, "宇宙"),
        "offence_unknown": (1, "くだもの盗"),
        "municipality_unknown": (4, ""),
    }[kind]
    changed = list(cells)
    changed[at] = text
    if kind == "municipality_unknown":
        changed[6] = ""
    return ",".join(changed)


FAULTS = (
    *("field_count", "blank_row", "date_impossible", "hour_unreadable"),
    *("unknown_word", "offence_unknown", "municipality_unknown"),
)


def write_crime(folder: Path, rows: int) -> Mapping[str, int]:
    """A town folder with ``rows`` records in the form of the police's open data, one in ten with a fault.

    Returns
    -------
    Mapping[str, int]
        Rows per reason code: every kind of fault equally often.
    """
    folder.mkdir(parents=True, exist_ok=True)
    crime = 'file = "crime_zitensyatou.csv"'
    text = _TOWN.format(name="大和市", code="14213", crs="", crime=crime)
    text += '[answers]\n"crime:offence_word:くだもの盗" = "none"\n'  # a word that no plan knows is asked about
    (folder / "town.toml").write_text(text, encoding="utf-8")
    _write_areas(folder, *_BLOCKS)
    pick = random.Random(1)  # noqa: S311 - a made-up table, the same each time
    made: Counter[str] = Counter()
    with (folder / "crime_zitensyatou.csv").open("w", encoding="utf-8", newline="\r\n") as file:
        file.write(_HEADINGS + "\n")
        for n in range(rows):
            day = time.gmtime((_FIRST_DAY + pick.randrange(_DAYS)) * 86_400)
            date = f"{day.tm_year}/{day.tm_mon}/{day.tm_mday}"
            area = f"本町{pick.randrange(100) + 1}丁目"
            cells = ["窃盗", pick.choice(_WAYS), "大和", "大和駅前", "142131", "神奈川県", "大和市", area, date]
            cells += [str(pick.randrange(24)), pick.choice(_PLACES), "その他", "20歳代", "その他", "施錠した"]
            if n % 10:
                file.write(",".join(cells) + "\n")
                continue
            kind = FAULTS[n // 10 % len(FAULTS)]
            made[kind] += 1
            file.write(_spoilt(cells, kind) + "\n")
    return made


def write_osm(folder: Path, extract: Callable[[Path], object]) -> None:
    """A town folder around central Helsinki, whose five OpenStreetMap roles name one file; ``extract`` writes it."""
    folder.mkdir(parents=True, exist_ok=True)
    crime = 'file = "crime.csv"\ncolumns = { area = "町名", offence = "罪種", occurred_on = "日" }'
    text = _TOWN.format(name="試験市", code="14999", crs='crs = "EPSG:3067"\n', crime=crime)
    text += "".join(f'[{role}]\nfile = "town.osm.pbf"\n' for role in _OSM_ROLES)
    (folder / "town.toml").write_text(text, encoding="utf-8")
    (folder / "crime.csv").write_text("町名,罪種,日\n本町1丁目,自転車盗,2023-01-01\n", encoding="utf-8")
    _write_areas(folder, *_HELSINKI)
    extract(folder / "town.osm.pbf")


def _write_kanagawa(folder: Path) -> None:
    """The real town's areas and the records of the whole prefecture; nothing else of it is read."""
    real = Path(os.environ.get("PLANNER_REAL_DATA", "../shared/data")).resolve() / "yamato"
    folder.mkdir()
    for source in [real / "boundary" / "boundary_chome.geojson", *(real / "crime_npa").glob("*.csv")]:
        (folder / source.name).write_bytes(source.read_bytes())
    columns = '{ area_id = "area_id", name = ["{town}{chome}丁目", "{town}"], households = "num_households" }'
    (folder / "town.toml").write_text(
        '[town]\nname = "大和市"\ncode = "14213"\n[crime]\nfiles = ["*.csv"]\n'
        f'[areas]\nfile = "boundary_chome.geojson"\ncolumns = {columns}\n',
        encoding="utf-8",
    )


def _write_large(folder: Path) -> None:
    """A file of 300 MB."""
    write_osm(folder, lambda target: pbf.repeat(samples.helsinki(), target, PBF_BYTES))


CASES: Mapping[str, Callable[[Path], object]] = MappingProxyType(
    {
        "million_records": lambda folder: write_crime(folder, ROWS),
        "kanagawa": _write_kanagawa,
        "osm_300_mb": _write_large,
    }
)


def measure(case: str) -> str:
    """Write the case's town folder, read it in a process of its own, and give its figures as one JSON line."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "town"
        CASES[case](folder)
        command = [sys.executable, "-m", "benchmarks.ingest", str(folder)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        sizes = sum(p.stat().st_size for p in folder.iterdir())
    figures = {"benchmark": "ingest", "case": case, "input_mb": round(sizes / 1e6, 1), **json.loads(done.stdout)}
    return json.dumps({**figures, "commit": commit(), "machine": machine()}, ensure_ascii=False)


def read_here(folder: Path) -> dict[str, object]:
    """Read a town folder in this process: seconds, peak memory, where the rows of each role went, reasons."""
    from planner import ingest

    import_module("pyogrio")  # else imported while reading, and counted

    began = time.perf_counter()
    inputs = ingest.read(folder)
    seconds = time.perf_counter() - began
    went: dict[str, Counter[str]] = {}
    for tally in inputs.tallies:
        sums = went.setdefault(tally.role, Counter())
        for share in ("rows", "accepted", "set_aside", "duplicate", "outside"):
            sums[share] += getattr(tally, share)
        if tally.rows != tally.accepted + tally.set_aside + tally.duplicate + tally.outside:
            raise ValueError(f"{tally.file}: the shares do not add up")
    reasons = Counter(zip(inputs.set_aside["role"], inputs.set_aside["reason"], strict=True))
    return {
        "seconds": round(seconds, 2),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        "rows": {role: dict(sums) for role, sums in went.items()},
        "set_aside": {f"{role}.{reason}": number for (role, reason), number in sorted(reasons.items())},
    }


if __name__ == "__main__":
    print(json.dumps(read_here(Path(sys.argv[1])), ensure_ascii=False))
