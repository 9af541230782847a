"""The logic of each page, without a browser."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from planner import show
from planner.app import session
from planner.app.kept import Kept
from planner.text import LANGUAGES, Language, say
from tests.computed import ROOT, Computed

PAGES = ("", "data", "risk", "coverage", "saw", "plan", "funding", "compare", "review", "export", "status", "help")
# names of formats, files, columns and products: no Japanese word exists for them
NAMES = {
    "CSV",
    "GeoJSON",
    "README",
    "UTF",
    "utf",
    "Shift",
    "JIS",
    "cp932",
    "sig",
    "English",
    "IEC",
    "DORI",
    "TOML",
    "id",
    "HTML",
}


@pytest.fixture
def visit(paper: Computed, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    st.cache_data.clear()
    st.cache_resource.clear()
    monkeypatch.setenv("PLANNER_TOWN", str(paper.town))
    monkeypatch.setenv("PLANNER_CACHE", str(paper.cache))
    monkeypatch.setenv("PLANNER_STORE", str(tmp_path / "plans.sqlite"))

    def opened(page: str = "", language: str = "ja") -> AppTest:
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        at.run()
        if language != "ja":
            at.radio[0].set_value(language).run()
        if page:
            found = [key for key, info in at._registered_pages.items() if info["url_pathname"] == page]
            at._page_hash = found[0]
            at.run()
        assert not at.exception, at.exception
        return at

    return opened


def html_of(at: AppTest) -> str:
    return "\n".join(element.proto.body for element in at.get("html") if "<style>" not in element.proto.body)


def words_of(at: AppTest) -> str:
    """What a reader reads: text without tags and addresses."""
    parts = [re.sub(r"<[^>]*>", " ", html_of(at))]
    for kind in ("title", "subheader", "button", "radio", "selectbox", "number_input", "checkbox", "expander"):
        parts += [str(getattr(e, "label", "") or getattr(e, "value", "")) for e in at.get(kind)]
    return "\n".join(parts)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_speaks_its_language(visit, page: str, language: str) -> None:
    at = visit(page, language)
    title = say(language, f"app.page.{page}" if page else "app.title")
    assert [t.value for t in at.title] == [title]
    text = words_of(at)
    if language == "en":
        assert not re.search(r"[ぁ-んァ-ヶ]", re.sub(r"日本語|紙町\S*|架空\S*|警察の要望|設置運用基準", "", text))
    else:
        assert _english(text) == set()


def _english(text: str) -> set[str]:
    """English words of a Japanese page that are neither names nor cited sources."""
    known = NAMES | set(re.findall(r"[A-Za-z]+", (ROOT / "tests" / "paper_town.py").read_text(encoding="utf-8")))
    lines = [line for line in text.splitlines() if "出典" not in line]
    found = {w for line in lines for w in re.findall(r"[A-Za-z]{4,}", line)} - known
    sources = {w for row in show.Words("ja").say("limit.constants").split() for w in re.findall(r"[A-Za-z]+", row)}
    return found - sources - ASSUMPTION_WORDS


def _assumption_words() -> set[str]:
    """Sources of constants are cited as they are."""
    table = Path(ROOT / "planner" / "assumptions.csv").read_text(encoding="utf-8")
    return set(re.findall(r"[A-Za-z]{4,}", table))


ASSUMPTION_WORDS = _assumption_words()


def test_the_slider_looks_up_the_plan_of_its_budget(visit, paper: Computed) -> None:
    at = visit("plan")
    kept = paper.kept
    slider = at.select_slider[0]
    assert len(slider.options) == len(kept.budgets_yen()) + 1
    for yen in (kept.budgets_yen()[0], kept.budgets_yen()[-1]):
        at.select_slider[0].set_value(yen).run()
        assert not at.exception
        plan = kept.at(yen)
        assert show.part(plan, "figures", "ja") in html_of(at)
        assert plan.payers.municipality_yen <= yen


def test_a_chosen_site_is_told_beside_the_map(visit, paper: Computed) -> None:
    at = visit("plan")
    plan = paper.kept.plan()
    assert say("ja", "app.plan.choose_site") in html_of(at)
    at.session_state["site"] = plan.sites[1].site_id
    at.run()
    assert f"番号{plan.sites[1].rank}" in html_of(at)
    assert say("ja", "app.plan.choose_site") not in html_of(at)


def test_the_language_switch_keeps_the_page(visit) -> None:
    at = visit("plan")
    at.radio[0].set_value("en").run()
    assert not at.exception
    assert [t.value for t in at.title] == [say("en", "app.page.plan")]


def test_each_surface_can_be_chosen(visit) -> None:
    at = visit("risk")
    options = at.selectbox[0].options
    assert options[0] == say("ja", "app.risk.all")
    assert {"自転車盗", "ひったくり"} <= set(options)
    at.selectbox[0].select_index(1).run()
    assert not at.exception


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_risk_page_tells_groups_precision_and_validation(visit, paper: Computed, language: Language) -> None:
    kept = paper.kept
    sure, tested = kept.sureness(), kept.validation()
    assert sure is not None
    assert tested is not None
    told = html_of(visit("risk", language))
    assert show.blocks_part(kept.plan(), sure, language) in told
    assert show.safe(show.precision_sentence(sure, language)) in told
    assert show.validation_part(tested, language) in told
    codes = {"measure_split", "border_underestimated", "level_of_expected", "areas_without_record"}
    noted = [note for note in kept.plan().notes if note.code in codes]
    assert {"measure_split", "level_of_expected"} <= {note.code for note in noted}
    assert all(show.safe(show.sentence(note, language)) in told for note in noted)


def other_cache(paper: Computed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    shutil.copytree(paper.cache, tmp_path / "cache")
    monkeypatch.setenv("PLANNER_CACHE", str(tmp_path / "cache"))
    return Kept(next((tmp_path / "cache").glob("*/study.json")).parent)


def test_a_study_kept_before_says_that_it_should_be_computed_again(
    visit, paper: Computed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = other_cache(paper, tmp_path, monkeypatch)
    for name in ("sureness.json", "validation.json"):
        (kept.folder / name).unlink()
    at = visit("risk")
    assert [info.value for info in at.info] == [
        say("ja", f"app.risk.{word}") for word in ("not_kept", "validation_stopped")
    ]
    assert show.part(kept.plan(), "areas", "ja") in html_of(at)


def test_records_that_cannot_be_validated_are_told_why(
    visit, paper: Computed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other_cache(paper, tmp_path, monkeypatch).keep_validation({"refused": ["validation_short", {"years": 1.5}]})
    assert [info.value for info in visit("risk").info] == [say("ja", "error.validation_short", years=1.5)]


def test_a_validation_that_was_stopped_can_be_made_from_the_page(
    visit, paper: Computed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = other_cache(paper, tmp_path, monkeypatch)
    whole = kept.validation()
    assert whole is not None
    (kept.folder / "validation.json").unlink()
    at = visit("risk")
    assert [info.value for info in at.info] == [say("ja", "app.risk.validation_stopped")]
    at.button(key="validate").click().run()
    assert not at.exception
    (job,) = session._jobs().validating.values()
    assert job.wait(60).refused == []
    assert show.validation_part(whole, "ja") in html_of(at.run())
    assert not at.info


def test_wishes_are_computed_and_can_be_taken_back(visit) -> None:
    at = visit("plan")
    own = next(n for n in at.number_input if "一般財源" in n.label)
    own.set_value(own.value - 10)
    next(b for b in at.button if b.label == say("ja", "app.plan.compute")).click().run()  # the form's own button
    assert not at.exception
    assert at.session_state["wishes"] == {"budget": {"own_capital_yen": int((own.value) * 10_000)}}


def test_a_refusal_is_told_in_words(visit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "town").mkdir()
    (tmp_path / "town" / "town.toml").write_text("[town", encoding="utf-8")
    monkeypatch.setenv("PLANNER_TOWN", str(tmp_path / "town"))
    at = visit()
    (job,) = session._jobs().by_question.values()
    job.wait(60)
    at.run()
    assert "「資料」のページ" in at.error[0].value
    at = visit("data")
    assert "town.toml を読み取れません" in at.error[0].value
    assert any(b.label == say("ja", "app.try_again") for b in at.button)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_coverage_page_tells_one_view_all_of_today_and_the_gaps(visit, language: str) -> None:
    at = visit("coverage", language)
    for key in ("app.coverage.today", "app.coverage.measures", "app.coverage.spare", "app.coverage.gaps"):
        assert say(language, key) in [s.value for s in at.subheader]
    for key in ("looking.plate", "looking.zones", "looking.blockers", "looking.added", "column.measure"):
        assert say(language, key) in html_of(at)


def test_the_coverage_page_tries_a_view_otherwise(visit) -> None:
    at = visit("coverage")
    at.selectbox(key="looked").set_value("k1").run()
    before = html_of(at)
    bearing = next(n for n in at.number_input if n.key.startswith("bearing-"))
    assert bearing.value == 90
    bearing.set_value(180.0).run()
    assert show.Words("ja").compass(180.0) in html_of(at)
    assert html_of(at) != before
    at.checkbox(key="everyone").check().run()
    at.radio(key="light").set_value("night").run()
    assert not at.exception
