"""Traps of the app's tools (``docs/app.md``): those that no other test holds, and that the page names tests that exist."""

from __future__ import annotations

import ast
import json
import re
import tomllib
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from planner import show
from planner.app.kept import Kept
from tests.computed import ROOT, Computed

APP = sorted((ROOT / "planner" / "app").glob("*.py"))
TRAPS = (ROOT / "docs" / "app.md").read_text(encoding="utf-8")
MOST_CALLING = 500  # bytes of script that travel with each drawing
# what a cache may be keyed by: values that are hashed whole, never a table or an array, of which a sample is hashed
WHOLE = re.compile(
    r"^(str|int|float|bool|None|bytes|Language|show\.Light|Path|Version|tuple\[.*|list\[tuple\[str, dict.*)$"
)


@pytest.fixture
def plan_page(paper: Computed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AppTest:
    st.cache_data.clear()
    st.cache_resource.clear()
    monkeypatch.setenv("PLANNER_TOWN", str(paper.town))
    monkeypatch.setenv("PLANNER_CACHE", str(paper.cache))
    monkeypatch.setenv("PLANNER_STORE", str(tmp_path / "plans.sqlite"))
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.run()
    return turned(at, "plan")


def turned(at: AppTest, page: str) -> AppTest:
    at._page_hash = next(key for key, info in at._registered_pages.items() if info["url_pathname"] == page)
    at.run()
    assert not at.exception, at.exception
    return at


def sent(at: AppTest, kind: str) -> list[bytes]:
    return [element.proto.SerializeToString() for element in at.get(kind)]


def test_every_test_named_there_exists() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TRAPS)
    assert len(named) >= TRAPS.count("\n| ") - 2
    for path, name in named:
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), name


def test_no_cache_is_keyed_by_a_table() -> None:
    seen = 0
    for path in APP:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            caches = [ast.unparse(d) for d in node.decorator_list if "cache_" in ast.unparse(d)]
            for cache in caches:
                seen += 1
                for argument in node.args.args:
                    kinds = ast.unparse(argument.annotation) if argument.annotation else ""
                    plain = all(WHOLE.match(kind) for kind in kinds.split(" | "))
                    assert plain or f"{kinds}: id" in cache or argument.arg.startswith("_"), f"{path.name}: {node.name}"
    assert seen > 5


def test_no_part_that_asks_other_machines_or_saves_raw_tables() -> None:
    refused = {"map", "pydeck_chart", "dataframe", "data_editor", "table", "vega_lite_chart", "line_chart", "bar_chart"}
    for path in APP:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        used = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute) and ast.unparse(n.value) == "st"}
        assert not used & refused, path.name
        assert "unsafe_allow_html" not in path.read_text(encoding="utf-8")


def test_the_server_shows_nothing_internal() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["client"] == {
        "toolbarMode": "minimal",
        "showErrorDetails": "none",
        "showErrorLinks": False,
        "disableDataExport": True,
    }
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["server"]["address"] == "127.0.0.1"


def test_only_vendored_files_are_public() -> None:
    assert [p.name for p in (ROOT / "static").iterdir()] == ["vendor"]


def test_a_page_drawn_twice_is_the_same(plan_page: AppTest) -> None:
    kinds = ("html", "bidi_component", "select_slider")
    before = [sent(plan_page, kind) for kind in kinds]
    assert all(before[:1])
    plan_page.run()
    assert [sent(plan_page, kind) for kind in kinds] == before


def test_the_budget_stays_over_the_pages(plan_page: AppTest, paper: Computed) -> None:
    yen = paper.kept.budgets_yen()[0]
    plan_page.select_slider[0].set_value(yen).run()
    again = turned(turned(plan_page, "help"), "plan")
    assert again.select_slider[0].value == yen
    assert show.part(paper.kept.at(yen), "figures", "ja") in "\n".join(e.proto.body for e in again.get("html"))


def test_a_step_sends_what_was_written_before(
    plan_page: AppTest, paper: Computed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A budget that nobody has looked at needs no plan to be read, and no memory is walked over after it."""
    yen = paper.kept.budgets_yen()[0]

    def refused(*_: object) -> None:
        raise AssertionError("a plan was read")

    monkeypatch.setattr(Kept, "at", refused)
    plan_page.select_slider[0].set_value(yen).run()
    assert not plan_page.exception
    assert paper.kept.drawn(yen, "ja").head in [e.proto.body for e in plan_page.get("html")]
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["runner"]["postScriptGC"] is False


def test_a_step_sends_neither_scripts_nor_what_stays(plan_page: AppTest) -> None:
    """Scripts come by address, and of the map's layers only those that a budget moves."""
    drawn = {element.proto.component_name: element.proto for element in plan_page.get("bidi_component")}
    assert drawn.keys() == {"planner_map", "planner_rows"}
    for name, component in drawn.items():
        script = ROOT / "planner" / "app" / f"{name.removeprefix('planner_')}.js"
        assert len(component.js_content) < MOST_CALLING < script.stat().st_size
    shown = json.loads(drawn["planner_map"].bytes)
    assert {layer["key"] for layer in shown["moving"]} == {"proposed_views", "sites"}
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert settings["global"]["minCachedMessageSize"] <= MOST_CALLING * 2
