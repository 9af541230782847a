"""plan.json there and back; files whole or not at all."""

from __future__ import annotations

import pytest

from planner import show
from planner.errors import StoreError
from planner.text import knows, say

NAMES = ["plan.json", "sites.geojson", "coverage.geojson", "sites.csv", "plan.html"]


def test_a_plan_comes_back_equal(plan, big_plan, empty_plan, tmp_path):
    for p in (plan, big_plan, empty_plan):
        show.save(p, tmp_path / "plan.json")
        assert show.load(tmp_path / "plan.json") == p
    raw = (tmp_path / "plan.json").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf")


def test_write_all_writes_five_files_and_the_same_ones_again(plan, tmp_path):
    first = show.write_all(plan, tmp_path / "one")
    second = show.write_all(plan, tmp_path / "two")
    assert [p.name for p in first] == NAMES
    assert sorted(p.name for p in (tmp_path / "one").iterdir()) == sorted(NAMES)  # nothing temporary stays
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
    assert show.load(first[0]) == plan


def test_every_export_works_from_plan_json_alone(plan, tmp_path):
    show.save(plan, tmp_path / "plan.json")
    again = show.load(tmp_path / "plan.json")
    for form in ("geojson", "csv", "html", "xlsx"):
        show.export(plan, tmp_path / f"a.{form}", form)
        show.export(again, tmp_path / f"b.{form}", form)
        assert (tmp_path / f"a.{form}").read_bytes() == (tmp_path / f"b.{form}").read_bytes()


def test_what_cannot_be_written_leaves_everything_as_it_was(plan, tmp_path):
    folder = tmp_path / "out"
    show.write_all(plan, folder)
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    (folder / "plan.html").unlink()
    (folder / "plan.html").mkdir()  # a folder stands where the page should go
    changed = plan.model_copy(update={"plan_id": "0" * 64})
    with pytest.raises(StoreError) as refusal:
        show.write_all(changed, folder)
    assert refusal.value.code == "file_not_written"
    assert refusal.value.values["file"].endswith("plan.html")
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == {
        n: b for n, b in before.items() if n != "plan.html"
    }
    assert sorted(p.name for p in folder.iterdir()) == sorted(NAMES)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "plan_missing"),
        (b"", "plan_not_readable"),
        (b"{}", "plan_not_readable"),
        (b'{"schema_version": 99}', "plan_not_readable"),
        (b"\x80\x81 no text", "plan_not_readable"),
        (b"[1, 2", "plan_not_readable"),
    ],
)
def test_no_plan_is_said_plainly(content, code, tmp_path):
    path = tmp_path / "plan.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(StoreError) as refusal:
        show.load(path)
    assert refusal.value.code == code
    assert knows(f"error.{code}")
    for language in ("ja", "en"):
        assert str(path) in say(language, f"error.{code}", **refusal.value.values)


def test_an_unknown_field_is_refused(plan, tmp_path):
    show.save(plan, tmp_path / "plan.json")
    text = (tmp_path / "plan.json").read_text(encoding="utf-8").replace('"value":', '"worth":', 1)
    (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    with pytest.raises(StoreError, match=r"plan\.json"):
        show.load(tmp_path / "plan.json")


def test_sixty_sites_and_a_city_of_blocks_are_written(big_plan, tmp_path):
    assert all(path.stat().st_size for path in show.write_all(big_plan, tmp_path))
