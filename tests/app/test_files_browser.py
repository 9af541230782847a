"""Files that are made once their button is pressed, and the plan after the tender, in a real browser."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from planner import store
from planner.text import LANGUAGES, Language, say
from tests.browser import CHROMIUM, WAIT_MS, Watched, saved, server, wait_for_map
from tests.computed import Computed

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="Chromium is not installed"),
]


@pytest.fixture(scope="module")
def hash_of_store(own_paper: Computed) -> str:
    with store.opened(own_paper.cache / "store" / "plans.sqlite") as shelf:
        shelf.save(own_paper.kept.plan(), "入札後の案", 0, "危機管理課")
        return shelf.audit_sha256()


@pytest.fixture(scope="module")
def address(own_paper: Computed, hash_of_store: str) -> Iterator[str]:
    with server(own_paper.town, own_paper.cache) as found:
        yield found


def words_behind(page: Page, key: str, folder: Path) -> str:
    """Every word of the file that a button saves."""
    download = saved(page, page.locator(f".st-key-{key} button").first)
    path = folder / download.suggested_filename
    download.save_as(path)
    return words_of(path)


def words_of(path: Path) -> str:
    """Every word of a CSV or a workbook."""
    if path.suffix == ".csv":
        return path.read_text(encoding="utf-8-sig")
    with ZipFile(path) as book:
        return book.read("xl/sharedStrings.xml").decode()


def plan_page(chromium: Watched, address: str, language: Language, sites: int) -> Page:
    """The plan page with everything beside the plan opened."""
    page = chromium.open(f"{address}plan?lang={language}")
    wait_for_map(page, sites)
    for key in ("open", "ask"):
        for box in page.get_by_text(say(language, f"app.scenarios.{key}"), exact=True).all():
            box.click()
    page.locator(".st-key-cutbacks-xlsx button").first.wait_for()
    return page


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_stands_beside_the_plan_is_saved_in_the_reader_s_language(
    address: str, chromium: Watched, own_paper: Computed, hash_of_store: str, tmp_path: Path, language: Language
) -> None:
    other = next(known for known in LANGUAGES if known != language)
    page = plan_page(chromium, address, language, len(own_paper.kept.plan().sites))
    keys = page.locator("[class*='st-key-cutbacks-']").evaluate_all(
        "all => all.flatMap(e => [...e.classList]).filter(c => c.startsWith('st-key-')).map(c => c.slice(7))"
    )
    assert "cutbacks-xlsx" in keys
    assert len(keys) > 1
    for key in {"contracts-form", "three-xlsx", *keys}:
        words = words_behind(page, key, tmp_path)
        assert say(language, "column.audit") in words, key
        assert say(other, "column.audit") not in words, key
        assert hash_of_store in words, key
    assert chromium.outside == []
    page.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_lists_of_the_funding_page_are_made_when_pressed(
    address: str, chromium: Watched, hash_of_store: str, tmp_path: Path, language: Language
) -> None:
    page = chromium.open(f"{address}funding?lang={language}")
    for key in ("retention", "hosts", "kpi"):
        words = words_behind(page, key, tmp_path)
        assert say(language, "column.audit") in words, key
        assert hash_of_store in words, key
    page.close()


def test_the_plan_after_the_tender_buys_more_and_can_be_saved(
    address: str, chromium: Watched, own_paper: Computed, tmp_path: Path
) -> None:
    plan = own_paper.kept.plan()
    page = plan_page(chromium, address, "ja", len(plan.sites))
    lines = list(csv.reader(io.StringIO(words_behind(page, "contracts-form", tmp_path))))
    head = next(number for number, line in enumerate(lines) if "contract_yen" in line)
    at = lines[head].index("contract_yen")
    by_site = {s.site_id: s for s in plan.sites}
    for line in lines[head + 1 :]:
        if line and line[0] in by_site:
            line[at] = str(by_site[line[0]].total_yen // 2)
    filled = tmp_path / "filled.csv"
    with filled.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(lines)
    # a file on its way when the button is pressed is none: what is computed then is without the prices
    with page.expect_response(lambda answer: "/upload_file/" in answer.url and answer.request.method == "PUT"):
        page.locator(".st-key-contracts input[type=file]").set_input_files(filled)
    page.wait_for_function("!document.querySelector('[data-testid=stApp][data-test-script-state=running]')")
    page.get_by_role("button", name=say("ja", "app.scenarios.compute"), exact=True).click()
    spend = page.get_by_role("button", name=say("ja", "app.scenarios.spend"), exact=True)
    expect(spend).to_be_attached(timeout=WAIT_MS * 2)
    if not spend.is_visible():
        page.get_by_text(say("ja", "app.scenarios.open"), exact=True).last.click()
    spend.click()
    page.wait_for_function(f"document.querySelectorAll('.site-icon').length > {len(plan.sites)}", timeout=WAIT_MS * 4)
    page.get_by_role("link", name=say("ja", "app.page.export"), exact=True).click()
    expect(page.get_by_text(say("ja", "app.export.unsaved"))).to_be_visible(timeout=WAIT_MS)
    assert page.locator(".stException").count() == 0
    page.close()


def test_a_line_for_the_request_log_is_saved(address: str, chromium: Watched, tmp_path: Path) -> None:
    page = chromium.open(f"{address}saw")
    button = page.locator(".st-key-log-line button").first
    expect(button).to_be_disabled()  # without a number there is no line
    number = page.locator(".st-key-log-id input")
    number.fill("令和9-12")
    number.press("Tab")
    expect(button).to_be_enabled()
    rows = list(csv.DictReader(io.StringIO(words_behind(page, "log-line", tmp_path))))
    assert [row["log_id"] for row in rows] == ["令和9-12"]
    page.close()
