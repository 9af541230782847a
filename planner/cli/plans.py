"""Commands that make a plan or count one again: ``plan``, ``rules``, ``frontier``, ``alternatives``, ``verify``, ``cutback``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner import screen
from planner.cli.head import (
    Budget,
    Json,
    KeptIn,
    PlanPath,
    SettingsFile,
    TownPath,
    app,
    audit_of,
    layers_of,
    running,
    wished,
)
from planner.errors import SettingsError
from planner.screen import t


@app.command(help=t("cli.plan.help"))
def plan(
    town: TownPath,
    budget_yen: Budget = None,
    settings: SettingsFile = None,
    seconds: Annotated[float | None, typer.Option(min=0.0, help=t("cli.seconds"))] = None,
    out: Annotated[Path, typer.Option(help=t("cli.plan.out"))] = Path("out"),
    from_plan: Annotated[Path | None, typer.Option(help=t("cli.plan.from_plan"), metavar="PLAN")] = None,
    max_changes: Annotated[int | None, typer.Option(min=0, help=t("cli.plan.max_changes"))] = None,
    json: Json = False,
) -> None:
    """A funded camera plan with a proven bound, as files; with ``--from-plan`` one that keeps to an earlier plan."""
    from planner import alternatives as others
    from planner import show, study
    from planner.replies import PlanReply

    if max_changes is not None and from_plan is None:
        raise SettingsError("changes_from_nothing", "--max-changes without --from-plan", max_changes=max_changes)
    earlier = None if from_plan is None else show.load(from_plan)
    with running(seconds) as work:
        inputs, merged = wished(town, work, settings, budget_yen)
        if earlier is None:
            made = study.decide(study.prepare(inputs, merged.settings, work), merged, work)
        else:
            made = others.keep_to(inputs, layers_of(settings, budget_yen), earlier, max_changes, work)
        work.step("write")
        files = show.write_all(made, out, screen.LANG, show.ground(inputs))
    screen.answer(PlanReply.of(made, [str(f) for f in files]), json, lambda: screen.print_plan(made, files))


@app.command(help=t("cli.rules.help"))
def rules(town: TownPath, budget_yen: Budget = None, settings: SettingsFile = None, json: Json = False) -> None:
    """What each rule costs in covered offences."""
    from planner import study, weighing
    from planner.replies import RuleReply, RulesReply

    with running() as work:
        inputs, merged = wished(town, work, settings, budget_yen)
        wishes = merged.settings
        found = weighing.weigh(study.prepare(inputs, wishes, work), wishes, work, study.wishes(inputs).settings)
    reply = RulesReply(**{**vars(found), "rules": [RuleReply(**vars(w)) for w in found.rules]})
    screen.answer(reply, json, lambda: screen.print_rules(reply, inputs.programmes))


@app.command(help=t("cli.frontier.help"))
def frontier(
    town: TownPath,
    out: Annotated[Path, typer.Option(help=t("cli.frontier.out"), metavar="FILE.csv")],
    steps: Annotated[int, typer.Option(min=1, max=500, help=t("cli.frontier.steps"))] = 50,
    budget_yen: Budget = None,
    settings: SettingsFile = None,
    json: Json = False,
) -> None:
    """Value and bound over the municipal budget."""
    from planner import show, study
    from planner.replies import FrontierPointReply, FrontierReply

    layers = (*layers_of(settings, budget_yen), ("flag", {"siting": {"frontier_steps": steps}}))
    with running() as work:
        made = study.make(town, layers, work)
    points = [FrontierPointReply(**p.model_dump(exclude={"offer_ids"})) for p in made.frontier]
    show.write_frontier(made, out, screen.LANG)
    reply = FrontierReply(out=str(out), points=points, seconds=made.run.seconds)
    lines = [
        [
            *(f"{p.municipality_yen:,}", f"{p.value:.2f}", f"{p.bound:.2f}", f"{p.gap:.1%}", t(f"status.{p.status}")),
            *(f"{p.marginal_per_million_yen or 0:.2f}", t("show.knee_here") if p.knee else ""),
        ]
        for p in points
    ]
    heads = [t(f"cli.head.{h}") for h in ("municipality_yen", "value", "bound", "gap", "status", "marginal", "knee")]
    screen.answer(reply, json, lambda: screen.table(heads, lines), lambda: print(out))


@app.command(help=t("cli.alternatives.help"))
def alternatives(
    town: TownPath,
    number: Annotated[int, typer.Option(min=1, max=10, help=t("cli.alternatives.number"))] = 3,
    most_shared_share: Annotated[
        float, typer.Option(min=0.0, max=1.0, help=t("cli.alternatives.most_shared_share"))
    ] = 0.5,
    out: Annotated[Path, typer.Option(help=t("cli.alternatives.out"))] = Path("out"),
    budget_yen: Budget = None,
    settings: SettingsFile = None,
    json: Json = False,
) -> None:
    """The best plan and clearly different ones near it, as plan files."""
    from planner import alternatives as others
    from planner import show, study
    from planner.replies import AlternativesReply

    with running() as work:
        inputs, merged = wished(town, work, settings, budget_yen)
        prepared = study.prepare(inputs, merged.settings, work)
        plans = list(others.alternatives(prepared, merged, number, most_shared_share, work))
    files = [show.save(made, out / f"alternative_{at}.json") for at, made in enumerate(plans)]
    reply = AlternativesReply.of(plans, files, others.most_shared(most_shared_share, len(plans[0].sites)))
    heads = [
        t(f"cli.head.{h}")
        for h in ("plan", "value", "loss", "bound", "gap", "site_number", "shared", "municipality_yen")
    ]
    lines = [
        [
            p.file,
            *(f"{v:.2f}" for v in (p.value, p.loss_per_year, p.bound)),
            f"{p.gap:.1%}",
            str(p.sites),
            str(p.shared),
            f"{p.municipality_yen:,}",
        ]
        for p in reply.plans
    ]
    screen.answer(reply, json, lambda: screen.table(heads, lines))


@app.command(help=t("cli.verify.help"))
def verify(plan: PlanPath, town: TownPath, json: Json = False) -> None:
    """Count a stored plan again on the town's files and prove its bound anew."""
    from planner import show, study
    from planner.replies import VerifyReply

    stored = show.load(plan)
    with running() as work:
        verdict = study.verify(stored, town, work)
    reply = VerifyReply(**verdict.model_dump())
    sentence = t("cli.verify.fine", value=verdict.stored_value, bound=verdict.stored_bound, again=verdict.bound_again)
    screen.answer(reply, json, lambda: print(sentence))


@app.command(help=t("cli.cutback.help"))
def cutback(
    town: TownPath,
    plan: Annotated[Path | None, typer.Option("--plan", help=t("cli.cutback.plan"), metavar="PLAN")] = None,
    refused: Annotated[list[str] | None, typer.Option("--refused", help=t("cli.cutback.refused"), metavar="ID")] = None,
    contracts: Annotated[Path | None, typer.Option(help=t("cli.cutback.contracts"), metavar="FILE.csv")] = None,
    budget_yen: Budget = None,
    settings: SettingsFile = None,
    out: Annotated[Path, typer.Option(help=t("cli.cutback.out"))] = Path("out"),
    store: KeptIn = None,
    json: Json = False,
) -> None:
    """Cut-backs, the plan without its grant, what a tender surplus buys, the reserve list."""
    from planner import scenarios, show
    from planner.replies import CutbackReply

    prices = None if contracts is None else scenarios.read_contracts(contracts)
    with running() as work:
        stored = None if plan is None else show.load(plan)
        audit = "" if stored is None else audit_of(stored, store)
        made, found = scenarios.of_town(town, stored, layers_of(settings, budget_yen), work, refused, prices)
        work.step("write")
        files = show.write_cutbacks(found, made, out, screen.LANG, audit)
    reply = CutbackReply(**found.model_dump(), files=[str(f) for f in files], seconds=round(work.elapsed_seconds, 1))
    said, tables = show.cutbacks_lines(found, made, screen.LANG)
    screen.answer(
        reply,
        json,
        lambda: print(*said, sep="\n"),
        lambda: screen.print_records(tables),
        lambda: print(*reply.files, sep="\n"),
    )
