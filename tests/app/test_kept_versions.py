"""Save, compare, review and export on the pages, without a browser."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from planner import reviewing, show, store
from planner.app import proposing
from planner.text import LANGUAGES, Language, say
from tests.computed import ROOT, Computed
from tests.test_reviewing import filled as answered

NAME = "令和9年度当初予算案"


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, paper: Computed) -> Path:
    st.cache_data.clear()
    st.cache_resource.clear()
    monkeypatch.setenv("PLANNER_TOWN", str(paper.town))
    monkeypatch.setenv("PLANNER_CACHE", str(paper.cache))
    monkeypatch.setenv("PLANNER_STORE", str(tmp_path / "plans.sqlite"))
    return tmp_path / "plans.sqlite"


@pytest.fixture
def filled(shelf: Path, paper: Computed) -> Path:
    """Two versions: the plan, and that of another budget."""
    kept = paper.kept
    with store.opened(shelf) as opened:
        opened.save(kept.plan(), NAME, 0, "危機管理課")
        opened.save(kept.at(kept.budgets_yen()[0]), NAME, 1, "危機管理課")
    return shelf


def visit(page: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.run()
    at._page_hash = next(k for k, info in at._registered_pages.items() if info["url_pathname"] == page)
    at.run()
    assert not at.exception, at.exception
    return at


def text_of(at: AppTest) -> str:
    return re.sub(r"<[^>]*>", " ", "\n".join(e.proto.body for e in at.get("html")))


def save(at: AppTest, name: str, author: str) -> AppTest:
    at.text_input(key="version-name").set_value(name)
    at.text_input(key="version-author").set_value(author)
    next(b for b in at.button if b.label == say("ja", "app.export.save")).click()
    at.run()
    assert not at.exception, at.exception
    return at


def test_a_plan_is_saved_as_a_version_and_again_as_the_next(shelf: Path) -> None:
    at = save(visit("export"), NAME, "危機管理課")
    assert at.success[0].value == say("ja", "app.export.saved", name=NAME, number=1)
    at = save(at, NAME, "危機管理課")
    assert at.success[0].value == say("ja", "app.export.saved", name=NAME, number=2)
    assert at.selectbox(key="export-version").value.number == 2  # its files are offered, not those of a plan unsaved
    assert say("ja", "app.export.unsaved") not in [i.value for i in at.info]
    with store.opened(shelf) as opened:
        assert [v.number for v in opened.versions()] == [1, 2]


def test_without_name_or_office_nothing_is_saved(shelf: Path) -> None:
    at = save(visit("export"), NAME, " ")
    assert at.error[0].value == say("ja", "app.export.name_missing")
    assert not shelf.exists()
    assert at.selectbox(key="export-version").index == 0  # the plan in view, not "nothing chosen"


def test_the_second_planner_is_told_of_the_first(shelf: Path, paper: Computed) -> None:
    mine, theirs = visit("export"), visit("export")
    save(theirs, NAME, "警防課")
    told = save(mine, NAME, "危機管理課").error[0].value
    assert "警防課" in told
    assert "第1版" in told
    assert save(mine, NAME, "危機管理課").success  # having been told, the planner goes on from it
    with store.opened(shelf) as opened:
        assert [v.author for v in opened.versions()] == ["警防課", "危機管理課"]


def test_two_versions_are_compared(filled: Path) -> None:
    at = visit("compare")
    with store.opened(filled) as opened:
        one, two = (opened.load(v) for v in opened.versions())
    at.selectbox(key="compare-first").set_value(next(o for o in _versions(filled) if o.number == 1))
    at.selectbox(key="compare-second").set_value(next(o for o in _versions(filled) if o.number == 2))
    at.run()
    assert not at.exception, at.exception
    bodies = [e.proto.body for e in at.get("html")]
    told = show.difference(one, two, "ja")
    assert all(part in bodies for part in told.values())


def test_the_plan_in_view_is_held_against_another_at_first(filled: Path) -> None:
    """It is saved already as the first version: no "not saved" is offered, and it is not compared with itself."""
    at = visit("compare")
    first, second = (at.selectbox(key=f"compare-{name}") for name in ("first", "second"))
    assert (first.value.number, second.value.number) == (2, 1)
    assert len(second.options) == 2


def _versions(path: Path) -> list[store.Version]:
    with store.opened(path) as opened:
        return opened.versions()


def test_an_opinion_is_recorded_and_shown(filled: Path) -> None:
    at = visit("review")
    at.text_input(key="answer-station").set_value("大和署 生活安全課")
    at.selectbox(key="answer-opinion").set_value("conditional")
    at.text_area(key="answer-comment").set_value("<b>樹木</b>の剪定後")
    next(b for b in at.button if b.label == say("ja", "app.review.keep")).click()
    at.run()
    assert not at.exception, at.exception
    assert "大和署 生活安全課" in text_of(at)
    assert at.text_area(key="answer-comment").value == ""  # it is not said of the next site
    assert "&lt;b&gt;樹木" in "\n".join(e.proto.body for e in at.get("html"))
    with store.opened(filled) as opened:
        latest = max(opened.versions(), key=lambda v: (v.saved_at, v.number))
        (review,) = opened.reviews(latest)
        assert (review.opinion, review.comment) == ("conditional", "<b>樹木</b>の剪定後")


def test_an_opinion_without_a_station_is_not_recorded(filled: Path) -> None:
    at = visit("review")
    next(b for b in at.button if b.label == say("ja", "app.review.keep")).click()
    at.run()
    assert at.error[0].value == say("ja", "app.review.station_missing")


def test_an_answer_bears_its_day_which_is_not_ahead(filled: Path) -> None:
    at = visit("review")
    at.text_input(key="answer-station").set_value("大和署 生活安全課")
    assert at.date_input(key="answer-day").max == dt.date.today()  # noqa: DTZ011 - the page's own day
    at.date_input(key="answer-day").set_value(dt.date(2026, 11, 2)).run()
    next(b for b in at.button if b.label == say("ja", "app.review.keep")).click()
    at.run()
    assert not at.exception, at.exception
    with store.opened(filled) as opened:
        latest = max(opened.versions(), key=lambda v: (v.saved_at, v.number))
        assert [r.answered_on for r in opened.reviews(latest)] == ["2026-11-02"]


def test_earlier_answers_and_stations_that_differ_are_shown_and_kept_as_files(filled: Path) -> None:
    with store.opened(filled) as opened:
        plan = opened.load(opened.versions()[-1])
        before = opened.save(plan, "別の案", 0, "危機管理課")
        now = opened.save(plan, "別の案", 1, "危機管理課")
        site = plan.sites[0].site_id
        opened.review(before, [store.Answer(site, "conditional", "剪定の後", "東署 地域課", "2026-10-01")], "署")
        sheet = opened.keep_upload("回答<b>.xlsx", b"as it came", "署")
        for opinion, station in (("reconsider", "大和署 地域課"), ("no_objection", "南署 地域課")):
            opened.review(now, [store.Answer(site, opinion, "", station, "2026-11-20")], "署", sheet)
    at = visit("review")
    at.selectbox(key="review-version").set_value(now).run()
    assert not at.exception, at.exception
    text = text_of(at)
    assert "剪定の後" in text
    assert say("ja", "review.version", number=1) in text
    assert say("ja", "app.review.disagree", number=1) in [w.value for w in at.warning]
    assert say("ja", "app.review.originals", number=1) in [e.label for e in at.expander]
    assert {"opinions-csv", "opinions-xlsx"} <= {b.key for b in at.get("download_button")}
    assert at.query_params["version"] == now.version_sha256[:12]
    with store.opened(filled) as opened:
        every = [*opened.earlier_reviews(now), *((2, r) for r in opened.reviews(now))]
        assert opened.upload_names(now) == {sheet: "回答<b>.xlsx"}
    told = show.opinions_csv(plan, every, "ja", "f" * 64).decode("utf-8-sig")
    assert [line.split(",")[0] for line in told.splitlines()[1:]] == ["1", "2", "2"]
    assert all(say("ja", "show.police_mark") in line and "f" * 64 in line for line in told.splitlines()[1:])


def test_an_address_opens_a_version_and_a_stations_part(filled: Path) -> None:
    with store.opened(filled) as opened:
        plan = opened.load(opened.versions()[-1])
        parted = plan.model_copy(
            update={"areas": [a.model_copy(update={"police_station": "北署"}) for a in plan.areas]}
        )
        asked = opened.save(parted, "署ごとの案", 0, "危機管理課")
        opened.save(plan, "後の案", 0, "危機管理課")
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.query_params["version"] = asked.version_sha256[:12]
    at.query_params["station"] = "北署"
    at.run()
    at._page_hash = next(k for k, info in at._registered_pages.items() if info["url_pathname"] == "review")
    at.run()
    assert not at.exception, at.exception
    assert at.selectbox(key="review-version").value == asked
    assert at.selectbox(key="review-jurisdiction").value == "北署"


def press(at: AppTest, key: str) -> AppTest:
    at.button(key=key).click().run()
    assert not at.exception, at.exception
    return at


def test_an_opinion_becomes_a_wish_when_the_planner_takes_it_up(filled: Path, paper: Computed) -> None:
    with store.opened(filled) as opened:
        version = max(opened.versions(), key=lambda v: (v.saved_at, v.number))
        plan = opened.load(version)
        site = next(s for s in plan.sites if s.mount_id)
        opened.review(
            version, [store.Answer(site.site_id, "reconsider", "樹木", "大和署 生活安全課", "2026-11-20")], "署"
        )
    at = visit("review")
    assert say("ja", "app.review.proposals") in [s.value for s in at.subheader]
    assert "を除外する案" in text_of(at)
    press(at, "propose-0")
    (ban,) = at.session_state["draft"]["rules"]["bans"]
    told = {"site": f"m:{site.mount_id}", "reason": "police_opinion", "who": "大和署 生活安全課", "when": "2026-11-20"}
    assert ban == told
    assert say("ja", "app.review.taken_up") in text_of(at)
    assert not [b for b in at.button if b.key == "propose-0"]


def test_sites_without_objection_are_pinned_together_and_one_undo_takes_them_back(filled: Path) -> None:
    with store.opened(filled) as opened:
        version = max(opened.versions(), key=lambda v: (v.saved_at, v.number))
        sites = [s.site_id for s in opened.load(version).sites]
        told = [store.Answer(site, "no_objection", "", "大和署 生活安全課", "2026-11-20") for site in sites]
        opened.review(version, told, "署")
    assert len(sites) >= proposing.TOGETHER_FROM
    at = visit("review")
    assert say("ja", "app.review.agreed", number=len(sites)) in text_of(at)
    press(at, "propose-agreed")
    assert [pin["site"] for pin in at.session_state["draft"]["rules"]["pins"]] == sites
    assert not [b for b in at.button if str(b.key).startswith("propose-")]
    assert len(at.session_state["drafted_before"]) == 1


def test_a_version_of_other_data_proposes_nothing_to_take_up(filled: Path) -> None:
    with store.opened(filled) as opened:
        plan = opened.load(opened.versions()[-1]).model_copy(update={"table_hashes": {"areas": "other"}})
        version = opened.save(plan, "別の資料", 0, "危機管理課")
        opened.review(version, [store.Answer(plan.sites[0].site_id, "reconsider", "", "署", "2026-11-20")], "署")
    at = visit("review")
    at.selectbox(key="review-version").set_value(version).run()
    assert say("ja", "app.review.other_data") in [i.value for i in at.info]
    assert not [b for b in at.button if str(b.key).startswith("propose-")]


def test_a_place_is_suggested_and_shown(filled: Path) -> None:
    at = visit("review")
    at.text_input(key="answer-station").set_value("大和署 地域課")
    at.number_input(key="suggest-lon").set_value(139.8337)
    at.number_input(key="suggest-lat").set_value(36.0004)
    at.text_input(key="suggest-comment").set_value("駅の北口")
    next(b for b in at.button if b.label == say("ja", "app.review.suggest")).click()
    at.run()
    assert not at.exception, at.exception
    with store.opened(filled) as opened:
        latest = max(opened.versions(), key=lambda v: (v.saved_at, v.number))
        (review,) = opened.reviews(latest)
    assert (review.site_id, review.comment) == ("", "駅の北口")
    assert at.number_input(key="suggest-lon").value is None
    assert at.text_input(key="suggest-comment").value == ""
    assert review.east_m == pytest.approx(33, abs=1)
    assert "駅の北口" in text_of(at)


def test_sites_are_filtered_by_offence_and_the_hours_are_starts(filled: Path, paper: Computed) -> None:
    at = visit("review")
    with store.opened(filled) as opened:
        plan = opened.load(max(opened.versions(), key=lambda v: (v.saved_at, v.number)))
    at.selectbox(key="review-offence").set_value("snatching")
    at.select_slider(key="review-hours").set_range(8, 9)
    at.run()
    assert not at.exception, at.exception
    seeing = [show.thing_name(plan, s.site_id) for s in plan.sites if s.in_view_per_year.get("snatching", 0) > 0]
    text = text_of(at)
    assert seeing
    assert all(name in text for name in seeing)
    assert "ひったくりの記録のうち、8時から10時までに始まったもの：12件" in text  # k = 0 and 1 of each of six blocks


def test_what_is_filmed_by_night_is_drawn(filled: Path) -> None:
    at = visit("review")
    at.radio(key="review-light").set_value("night").run()
    assert not at.exception, at.exception
    assert say("ja", "looking.legend_night") in text_of(at)


def test_the_status_page_examines_the_store(filled: Path) -> None:
    at = visit("status")
    next(b for b in at.button if b.label == say("ja", "app.status.verify")).click()
    at.run()
    assert at.success[0].value == say("ja", "cli.store.verify.whole")


def test_a_store_that_cannot_be_read_is_told_in_words(shelf: Path) -> None:
    shelf.write_bytes("これは保存庫ではありません。".encode() * 100)
    for page in ("export", "compare", "review", "status"):
        at = visit(page)
        assert any("保存庫として読めません" in e.value for e in at.error), page


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_sheet_comes_back_through_the_page(filled: Path, tmp_path: Path, language: Language) -> None:
    """A sheet without a fault, then the same with another opinion: nothing of it is kept before it is taken in."""
    with store.opened(filled) as opened:
        latest = opened.versions()[-1]
        plan = opened.load(latest)
    site, station = plan.sites[0].site_id, "大和署 地域課"
    sheet = reviewing.sheet_for(plan, latest, station, language)
    at = visit("review")
    at.selectbox(key="review-version").set_value(latest).run()
    for opinion, number in (("no_objection", 0), ("reconsider", 1)):
        told = {site: (say(language, f"opinion.{opinion}"), "")}
        content = answered(sheet, tmp_path / "back.xlsx", language, told).read_bytes()
        at.file_uploader(key="sheet-back").set_value(("back.xlsx", content, "application/octet-stream")).run()
        assert not at.exception, at.exception
        assert [w.value for w in at.warning] == [say("ja", "app.review.conflicts", number=number)] * number
        at.text_input(key="sheet-author").set_value("危機管理課").run()
        at.button(key="sheet-take").click().run()
        assert not at.exception, at.exception
        with store.opened(filled) as opened:
            assert [r.opinion for r in opened.reviews(latest)] == ["no_objection", "reconsider"][: number + 1]
