"""The committed town folder is the made-up town of the first seed, as the generator writes it."""

from __future__ import annotations

from pathlib import Path

from planner.example import write

DATA = Path(__file__).parent.parent / "data"


def test_data_is_the_example_town(tmp_path: Path) -> None:
    made = tmp_path / "town"
    write(made)
    names = sorted(p.relative_to(made) for p in made.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(DATA) for p in DATA.rglob("*") if p.is_file())
    for name in names:
        assert (made / name).read_bytes() == (DATA / name).read_bytes(), name
