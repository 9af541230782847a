"""What Streamlit says of its own is said in the reader's language."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from planner.text import say
from tests import paper_town
from tests.browser import browser, server


def read(where: Locator) -> str:
    """What is to be read at a place whose own words have no size."""
    expect(where).to_have_css("font-size", "0px")
    words: str = where.evaluate("e => getComputedStyle(e, '::after').content")
    return words.strip('"')


def told(page: Page) -> tuple[str, str]:
    """Heading and text of the window in front of the page."""
    expect(page.get_by_role("dialog")).to_have_count(1)
    return read(page.locator(".stDialog h2")), read(page.locator(".stDialog h2 + div > div"))


def test_a_page_that_is_not_there_and_a_server_that_is_gone(tmp_path: Path) -> None:
    town = paper_town.write(tmp_path / "town")
    with browser() as watched:
        with server(town, tmp_path / "cache") as address:
            page = watched.open(f"{address}start")  # the first page has no address of its own
            expect(page.locator("h1")).to_have_text(say("ja", "app.title"))
            expect(page.get_by_role("dialog")).to_have_count(0)
            page.goto(f"{address}nowhere")
            assert told(page) == (say("ja", "app.no_page"), say("ja", "app.no_page_shown"))
            expect(page.locator("[data-testid=stMainMenu]")).to_have_count(0)
            page.goto(f"{address}help")
            expect(page.locator("h1")).to_have_text(say("ja", "app.page.help"))
        assert told(page) == (say("ja", "app.lost"), say("ja", "app.lost_remedy"))
