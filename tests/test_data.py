"""The committed town folder is paper_town, as the generator writes it."""

from __future__ import annotations

from pathlib import Path

from tests.paper_town import write

DATA = Path(__file__).parent.parent / "data"


def test_data_is_paper_town(tmp_path: Path) -> None:
    made = write(tmp_path / "town")
    names = sorted(p.relative_to(made) for p in made.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(DATA) for p in DATA.rglob("*") if p.is_file())
    for name in names:
        assert (made / name).read_bytes() == (DATA / name).read_bytes(), name
