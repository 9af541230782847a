"""The worker in this process and as a real one: what is told, what is kept, what a stop leaves, every way to end."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from planner import show, study
from planner.app import job, kept, worker
from planner.app.job import Job, News
from planner.app.kept import Kept
from planner.errors import InputError, InputFaults, StoppedError
from planner.ingest.ledger import Ledger
from planner.replies import fault_reply
from planner.work import Work
from tests.app.helpers import LAYERS
from tests.computed import Computed
from tests.golden_plan import question_of
from tests.paper_town import CODE, OWN_CAPITAL_YEN, write

POSIX = pytest.mark.skipif(os.name == "nt", reason="shell scripts and signals")
LONG = 120  # seconds after which a test that hangs is given up


def run(town: Path, root: Path, *layers: tuple[str, Any], work: Work | None = None) -> list[dict[str, Any]]:
    """Everything that is told, steps and proofs among it, in its order."""
    told: list[dict[str, Any]] = []
    work = work or Work()
    work.report = lambda stage, done, total: told.append({"step": [stage, done, total]})
    work.prove = lambda value, bound: told.append({"proof": [value, bound]})
    request = {"town": str(town), "root": str(root), "layers": layers or LAYERS}
    worker.run(json.loads(json.dumps(request)), work, told.append)
    return told


def run_until(town: Path, root: Path, stage: str) -> list[dict[str, Any]]:
    """A run that is asked to stop as soon as a stage begins."""
    told: list[dict[str, Any]] = []
    work = Work(report=lambda now, _done, _total: work.stop() if now == stage else None)
    worker.run({"town": str(town), "root": str(root), "layers": LAYERS}, work, told.append)
    return told


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("worker") / "town")


@pytest.fixture(scope="module")
def first(town: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    root = tmp_path_factory.mktemp("root")
    return root, run(town, root)


@pytest.fixture
def root(first: tuple[Path, list[dict[str, Any]]], tmp_path: Path) -> Path:
    """A folder of one's own in which the first study is kept."""
    return Path(shutil.copytree(first[0], tmp_path / "root"))


def study_in(root: Path) -> Kept:
    (found,) = [p.parent for p in root.glob("*/study.json")]
    return Kept(found)


def digests(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


# ---- in this process ----


def test_news_come_in_order(first: tuple[Path, list[dict[str, Any]]]) -> None:
    told = first[1]
    kinds = [next(iter(news)) for news in told]
    assert set(kinds) == {"step", "proof", "plan", "point", "done"}
    assert [kinds.count(k) for k in ("plan", "done")] == [1, 1]
    assert kinds[-1] == "done"
    assert max(n for n, k in enumerate(kinds) if k == "proof") < kinds.index("plan") < kinds.index("point")
    stages = [news["step"][0] for news in told if "step" in news]
    order = ["score", "views", "price", "grade", "siting_search", "frontier", "outline", "explore"]
    assert [s for s in dict.fromkeys(stages) if s in order] == order
    assert json.loads(json.dumps(told)) == told  # it can go down the pipe


def test_every_stage_has_its_words(first: tuple[Path, list[dict[str, Any]]]) -> None:
    from planner.text import knows

    for stage in {news["step"][0] for news in first[1] if "step" in news}:
        assert knows(f"progress.{stage}"), stage


def test_everything_is_kept(town: Path, first: tuple[Path, list[dict[str, Any]]]) -> None:
    root, told = first
    here = study_in(root)
    plan = here.plan()
    assert [news["plan"] for news in told if "plan" in news] == [plan.plan_id] == [here.plan_id]
    assert told[-1] == {"done": plan.plan_id}
    points = [news["point"] for news in told if "point" in news]
    assert (
        points
        == here.budgets_yen()
        == [p.municipality_yen for p in plan.frontier if p.sites and p.municipality_yen != OWN_CAPITAL_YEN]
    )
    assert len(points) >= 3
    for yen in points:
        assert here.at(yen).payers.municipality_yen <= yen
    value, bound = next(news["proof"] for news in reversed(told) if "proof" in news)
    assert (value, bound) == pytest.approx((plan.value, plan.bound), abs=1e-9)
    assert show.ALL in here.surfaces()
    assert here.set_aside() == []
    assert here.prepared().inputs.town.code == CODE
    assert kept.find(root, kept.question_of(town, LAYERS)) == here


def test_another_budget_needs_no_new_tables(town: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(study, "prepare", never)
    before = study_in(root)
    wish = {"budget": {"own_capital_yen": 300_000}}
    told = run(town, root, *LAYERS, ("widget", wish))
    assert "views" not in [news["step"][0] for news in told if "step" in news]
    other = kept.find(root, kept.question_of(town, [*LAYERS, ("widget", wish)]))
    assert other is not None
    assert other != before
    assert other.plan().payers.municipality_yen <= 300_000
    assert not (other.folder / "prepared").exists()  # they lie with the first
    assert kept.find_prepared(root, json.loads((other.folder / "study.json").read_text())["key"]) == before


def test_other_limits_and_programmes_are_priced_on_the_tables_at_hand(
    town: Path, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(study, "prepare", never)
    wish = {"retention": {"max_days": 20}, "programmes": {"use": ["half"]}}
    run(town, root, *LAYERS, ("widget", wish))
    other = kept.find(root, kept.question_of(town, [*LAYERS, ("widget", wish)]))
    assert other is not None
    sites = other.plan().sites
    assert sites
    assert {s.max_days for s in sites} == {20}
    assert all(s.kind in ("keep", "remove", "repair") or s.retention_days == 14 for s in sites)
    assert {s.programme_id for s in sites} <= {"", "half"}


def altered(town: Path, folder: Path) -> Path:
    return Path(shutil.copytree(town, folder / "town"))


def study_of(town: Path, root: Path) -> Kept:
    found = kept.find(root, kept.question_of(town, LAYERS))
    assert found is not None
    return found


def test_a_year_without_records_needs_new_tables(root: Path, town: Path, tmp_path: Path) -> None:
    """A file of 2025 in which this town does not occur: the same records, but in four years instead of three."""
    other, three = altered(town, tmp_path), study_in(root)
    path = other / "crime" / "kamimachi_2024hittakuri.csv"
    head, *lines = path.read_text(encoding="utf-8-sig").splitlines()
    lines = [line for line in lines if "鉛筆町" in line]
    assert len(lines) == 1
    text = "\r\n".join([head, *lines, ""])
    (other / "crime" / "kamimachi_2025hittakuri.csv").write_bytes(text.replace("2024-", "2025-").encode("utf-8-sig"))
    run(other, root)
    four = study_of(other, root)
    assert three.plan().expected_offences_per_year == pytest.approx(24)
    assert four.plan().expected_offences_per_year == pytest.approx(24 * 3 / 4)
    assert study_of(town, root) == three != four  # both stand


def test_what_no_table_holds_is_read_anew(root: Path, town: Path, tmp_path: Path) -> None:
    """A row that cannot be used and another name change no table, but the plan must tell of them."""
    other = altered(town, tmp_path)
    path = other / "municipal" / "places.csv"
    path.write_text(path.read_text(encoding="utf-8") + "p2,cycle_park,far,off\n", encoding="utf-8")
    text = (other / "town.toml").read_text(encoding="utf-8")
    (other / "town.toml").write_text(text.replace('name = "紙町（架空）"', 'name = "別紙町"'), encoding="utf-8")
    before = study_in(root)
    run(other, root)
    found = study_of(other, root)
    (places,) = [s for s in found.plan().sources if s.role == "places"]
    assert (places.rows, places.accepted, places.set_aside) == (2, 1, 1)
    assert [Path(row["file"]).name for row in found.set_aside()] == ["places.csv"]
    assert found.plan().town.name == "別紙町"
    assert study_of(town, root) == before
    assert before.plan().town.name == "紙町（架空）"


def test_a_run_stopped_before_a_plan_leaves_nothing(town: Path, tmp_path: Path) -> None:
    for stage in ("score", "views", "grade"):
        with pytest.raises(StoppedError):
            run_until(town, tmp_path, stage)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stage", ["siting_bound", "frontier", "explore"])
def test_a_stopped_run_shows_its_plan_but_is_no_whole_study(town: Path, tmp_path: Path, stage: str) -> None:
    told = run_until(town, tmp_path, stage)
    (folder,) = tmp_path.iterdir()
    here = Kept(folder)
    assert [n for n in told if "point" not in n] == [{"plan": here.plan_id}, {"done": here.plan_id}]
    assert here.plan().value > 0
    assert (here.plan().status == "stopped") == (stage == "siting_bound")
    assert not here.whole
    assert not (folder / "prepared").exists()
    assert kept.find(tmp_path, kept.question_of(town, LAYERS)) is None


def test_a_stopped_run_spoils_no_whole_study(town: Path, root: Path) -> None:
    """The same question under another file (a comment): the study that stands under the same id is the better answer."""
    here = study_in(root)
    before = digests(root)
    told = run_until(town, root, "siting_bound")  # by itself that would be a plan of status stopped, see above
    assert told[-1] == {"done": here.plan_id}
    assert {"plan": here.plan_id} in told
    assert digests(root) == before


def test_after_a_stop_the_question_is_answered_in_full(town: Path, tmp_path: Path, first: tuple[Path, Any]) -> None:
    run_until(town, tmp_path, "explore")
    run(town, tmp_path)
    full, again = study_in(first[0]), study_in(tmp_path)
    assert question_of(again.plan()) == question_of(full.plan())
    assert again.budgets_yen() == full.budgets_yen()


def test_a_stopped_validation_leaves_a_whole_study_and_can_be_made_later(town: Path, tmp_path: Path) -> None:
    told = run_until(town, tmp_path, "risk_validate")
    here = study_in(tmp_path)
    assert told[-1] == {"done": here.plan_id}
    assert here.whole
    assert here.validation() is None
    before = digests(tmp_path)
    again = run(town, tmp_path)
    assert here.validation() is not None
    assert [news for news in again if "point" in news or "proof" in news] == []  # no plan is made again
    assert again[-1] == {"done": here.plan_id}
    assert {name: content for name, content in digests(tmp_path).items() if "validation" not in name} == before


def test_progress_of_the_validation_is_told(first: tuple[Path, list[dict[str, Any]]]) -> None:
    steps = [news["step"] for news in first[1] if "step" in news and news["step"][0] == "risk_validate"]
    assert steps == [["risk_validate", done, 3] for done in range(3)]


# ---- main ----


class Ended:
    """Stands where the worker ends its process; the test waits for it."""

    def __init__(self) -> None:
        self.code: list[int] = []
        self.event = threading.Event()

    def __call__(self, code: int) -> None:
        self.code.append(code)
        self.event.set()


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Iterator[Ended]:
    end = Ended()
    monkeypatch.setattr(worker, "os", SimpleNamespace(_exit=end))
    yield end
    assert end.event.wait(LONG)  # the listening thread is done before the next test


def talk(town: Path, root: Path, *lines: str, layers: Any = LAYERS) -> list[dict[str, Any]]:
    request = json.dumps({"town": str(town), "root": str(root), "layers": layers})
    sink = io.StringIO()
    worker.main(io.StringIO("\n".join([request, *lines]) + "\n"), sink)
    return [json.loads(line) for line in sink.getvalue().splitlines()]


def test_a_missing_town_is_refused(tmp_path: Path, ended: Ended) -> None:
    assert talk(tmp_path / "nowhere", tmp_path)[-1]["refused"] == [["town_missing", {"folder": "nowhere"}]]


def test_every_fault_of_a_town_is_told(town: Path, tmp_path: Path, ended: Ended) -> None:
    broken = Path(shutil.copytree(town, tmp_path / "town"))
    text = (broken / "town.toml").read_text(encoding="utf-8")
    text = text.replace("[town]\n", "[town]\nnmae = 1\n").replace("municipal/mounts.csv", "municipal/gone.csv")
    (broken / "town.toml").write_text(text, encoding="utf-8")
    refused = dict(talk(broken, tmp_path)[-1]["refused"])
    assert refused["unknown_key"] == {"table": "town", "key": "nmae", "nearest": "name"}
    assert len(refused) == 2
    for code, values in refused.items():
        for language in ("ja", "en"):
            assert not fault_reply(code, values, language).sentence.startswith(f"{code}:"), code


def test_rules_that_fight_come_through_the_pipe(town: Path, tmp_path: Path, ended: Ended) -> None:
    layers = [*LAYERS, ("widget", {"rules": {"districts": [{"id": "south", "floor_share": 0.9}]}})]
    ((code, values),) = talk(town, tmp_path, layers=layers)[-1]["refused"]
    assert code == "no_plan_keeps_all_rules"
    assert "district_floor:south" in [rule["rule"] for rule in values["rules"]]
    assert "地区の撮影範囲内の下限 south" in fault_reply(code, values, "ja").sentence
    assert "floor of a district south" in fault_reply(code, values, "en").sentence


def test_wishes_that_cannot_be_are_refused(town: Path, tmp_path: Path, ended: Ended) -> None:
    layers = [("widget", {"retention": {"min_days": 40}})]
    ((code, values),) = talk(town, tmp_path, layers=layers)[-1]["refused"]
    assert (code, values["min_days"], values["max_days"]) == ("retention_conflict", 40, 30)


def test_faults_are_told_with_their_values(tmp_path: Path, ended: Ended, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise InputFaults([InputError("one", "", a=1), InputError("two", "", b="x")], Ledger().account())

    monkeypatch.setattr(worker, "run", fail)
    (told,) = talk(tmp_path, tmp_path)
    assert told["refused"] == [["one", {"a": 1}], ["two", {"b": "x"}]]
    assert told["questions"] == []


@pytest.mark.parametrize("odd", [Path("x"), {1, 2}, b"x"])
def test_values_that_json_does_not_know_are_told_all_the_same(
    tmp_path: Path, ended: Ended, monkeypatch: pytest.MonkeyPatch, odd: object
) -> None:
    def fail(*_: object) -> None:
        raise InputError("one", "", a=odd)

    monkeypatch.setattr(worker, "run", fail)
    assert talk(tmp_path, tmp_path) == [{"refused": [["one", {"a": str(odd)}]]}]


def test_the_unexpected_is_an_internal_error(tmp_path: Path, ended: Ended, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("x" * 1000)

    monkeypatch.setattr(worker, "run", fail)
    (news,) = talk(tmp_path, tmp_path)
    ((code, values),) = news["refused"]
    assert (code, values["kind"]) == ("internal_error", "KeyError")
    assert 100 < len(values["detail"]) <= 300
    assert "KeyError" in fault_reply(code, values, "ja").sentence


def test_the_line_stop_stops_and_the_end_of_input_ends(
    tmp_path: Path, ended: Ended, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(_request: object, work: Work, tell: Any) -> None:
        assert ended.event.wait(LONG)
        tell({"stopped": work.stopped})

    monkeypatch.setattr(worker, "run", answer)
    assert talk(tmp_path, tmp_path, "nonsense") == [{"stopped": False}]
    ended.event.clear()
    assert talk(tmp_path, tmp_path, "nonsense", "stop") == [{"stopped": True}]
    assert ended.code == [0, 0]


# ---- a real process ----


def test_a_real_process_works_to_the_end(paper: Computed) -> None:
    here = paper.kept
    assert here.whole
    assert here.plan().status == "optimal"
    assert kept.find(paper.cache, kept.question_of(paper.town, [])) == here


@POSIX
def test_the_folder_of_studies_is_the_users_alone(paper: Computed) -> None:
    assert stat.S_IMODE(paper.cache.stat().st_mode) == 0o700
    assert stat.S_IMODE(paper.kept.folder.stat().st_mode) == 0o700


def test_the_app_hears_what_the_worker_tells(town: Path, tmp_path: Path) -> None:
    done = Job(town, [("test", {"siting": {"frontier_steps": 3, "resamples": 0}})], tmp_path / "root")
    news = done.wait(LONG)
    assert news.done
    assert news.refused == []
    assert news.kept == study_in(tmp_path / "root")
    assert news.points == len(news.kept.budgets_yen()) > 0
    plan = news.kept.plan()
    assert (news.value, news.bound, news.gap) == pytest.approx((plan.value, plan.bound, plan.gap), abs=1e-9)
    done.stop()  # too late: nothing happens
    assert done.wait(LONG) is news
    assert news.refused == []


def test_a_process_stopped_early_ends_without_a_whole_study(town: Path, tmp_path: Path) -> None:
    stopped = Job(town, [("test", {"siting": {"frontier_steps": 500}})], tmp_path / "root")
    stopped.stop()
    news = stopped.wait(LONG)
    assert news.done
    assert [code for code, _ in news.refused] in ([], ["stopped_reading"], ["stopped_without_plan"])
    assert bool(news.refused) == (news.kept is None)
    assert list((tmp_path / "root").glob("*/study.json")) == []


@POSIX
def test_a_process_that_is_killed_is_an_internal_error(town: Path, tmp_path: Path) -> None:
    killed = Job(town, [], tmp_path / "root")
    os.kill(killed._process.pid, signal.SIGKILL)
    news = killed.wait(LONG)
    assert news.done
    assert news.refused == [("internal_error", {"kind": "worker", "detail": f"exit {-signal.SIGKILL}"})]
    killed.stop()  # and nothing breaks


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A worker made of a few lines of shell."""

    def made(script: str) -> Job:
        path = tmp_path / "worker.sh"
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o700)
        monkeypatch.setattr(job, "sys", SimpleNamespace(executable=str(path)))
        return Job(tmp_path, [], tmp_path / "root")

    return made


@POSIX
@pytest.mark.parametrize("line", ["Running HiGHS 1.9.0", "{ not JSON", "3", '["step"]', '{"step": 3}', r"\377\376"])
def test_what_a_library_prints_is_no_news_and_hangs_nothing(stand_in: Any, tmp_path: Path, line: str) -> None:
    news = stand_in(f"""read request; printf '{line}\\n'; printf '{{"plan": "abc"}}\\n{{"done": "abc"}}\\n'""").wait(
        LONG
    )
    assert news.done
    assert news.refused == []
    assert news.kept == Kept(tmp_path / "root" / "abc")


@POSIX
def test_a_process_that_ends_without_a_last_word_is_an_internal_error(stand_in: Any) -> None:
    news = stand_in("""read request; printf '{"proof": [2, 4]}\\n{"step": ["score", 1, 2]}\\n'; exit 3""").wait(LONG)
    assert news.done
    assert news.refused == [("internal_error", {"kind": "worker", "detail": "exit 3"})]
    assert (news.value, news.bound, news.gap, news.step) == (2, 4, 0.5, ("score", 1, 2))


@POSIX
def test_a_process_that_never_reads_is_no_trouble(stand_in: Any) -> None:
    ended = stand_in("exec 0<&-; exit 0")
    ended.stop()
    assert ended.wait(LONG).done
    ended.stop()


def test_a_gap_needs_value_and_bound() -> None:
    assert News().gap is None
    assert News(value=1.0).gap is None
    assert News(value=3.0, bound=4.0).gap == 0.25
    assert News(value=0.0, bound=0.0).gap == 0.0


def test_the_worker_needs_no_streamlit() -> None:
    code = "import sys, planner.app.worker, planner.scenarios, planner.show; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=Path(__file__).parents[2]).returncode == 0
