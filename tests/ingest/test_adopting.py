"""A shipped programme taken into a town: the file changes there and nowhere else."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from planner import ingest
from planner.errors import StoreError

FILLED = {"cap_total_yen": 12_000_000, "rate": "1/2", "eligible_categories": ["camera", "pole"]}


@pytest.mark.parametrize(
    "before",
    [
        '[town]\nname = "町"\n',
        '[town]\nname = "町"\n\n[programmes]\nfile = "p.yaml" # 制度\n\n[budget]\nown_capital_yen = 1\n',
        '[programmes]\nshipped = ["ogaki"]\n[programmes.fill.ogaki]\nrate = "1/3"\n[budget]\nown_capital_yen = 1\n',
        '[programmes]\nfile = "p.yaml"\nshipped = [\n  "ogaki", # 大垣\n  "asago",\n]\n',
    ],
)
def test_only_the_programmes_change(tmp_path: Path, before: str) -> None:
    file = tmp_path / "town.toml"
    file.write_text(before, encoding="utf-8")
    known = tomllib.loads(before)
    for _ in range(2):  # a second time it is what it was
        ingest.adopt(tmp_path, "jp-juten-shien", FILLED)
        found = tomllib.loads(file.read_text(encoding="utf-8"))
        programmes = found.pop("programmes")
        old = known.get("programmes", {})
        assert programmes["shipped"] == [*old.get("shipped", []), "jp-juten-shien"]
        assert programmes["fill"] == {**old.get("fill", {}), "jp-juten-shien": FILLED}
        assert programmes.get("file") == old.get("file")
        assert found == {name: table for name, table in known.items() if name != "programmes"}
    ingest.adopt(tmp_path, "jp-dai2-soft", {})
    assert tomllib.loads(file.read_text(encoding="utf-8"))["programmes"]["shipped"][-1] == "jp-dai2-soft"


def test_what_cannot_be_changed_stays(tmp_path: Path) -> None:
    file = tmp_path / "town.toml"
    for text in ('programmes = { file = "p.yaml" }\n', "[town\n"):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(StoreError) as caught:
            ingest.adopt(tmp_path, "ogaki", {})
        assert caught.value.code == "file_not_written"
        assert file.read_text(encoding="utf-8") == text


def test_all_shipped_programmes_can_be_listed() -> None:
    shipped = ingest.shipped_programmes()
    assert len({p.id for p in shipped}) == len(shipped) == 54
    assert {m for p in shipped for m in p.missing} <= {"rate", "eligible_categories", "cap_total_yen"}
