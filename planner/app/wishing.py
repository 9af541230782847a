"""Wishes on screen: what a page's form changes against the plan in view, kept over every page."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import streamlit as st

from planner.app import session
from planner.app.session import say
from planner.plan import Plan, keeping_to
from planner.programmes import fiscal_year_today
from planner.settings import NO_LIMIT, Contract, RulesSettings, Settings, merge

JAPAN = dt.timezone(dt.timedelta(hours=9))
MAN_YEN = 10_000  # Japanese budgets are spoken of in 万円
PROOF_NODES = 100_000  # of branch and bound: far more than a plan needs to be good; the planner stops it
Kind = Literal["pin", "ban"]
Rules = Literal["districts", "floors", "views"]
Beyond = Literal["keep", "differ", "prove"]
KINDS: tuple[Kind, ...] = ("pin", "ban")
Wishes = dict[str, dict[str, Any]]
# what there need not be: an emptied field lifts it
LIMITS = (
    "budget.running_yen_per_year",
    "retention.min_days",
    "retention.max_days",
    "schedule.as_of",
    "schedule.grant_decision_on",
    "schedule.yearly_own_yen",
)


def label(key: str, unit: str = "") -> str:
    """The name of a setting as the settings table has it, with its unit where the field has one."""
    name = say(f"setting.{key}")
    return say("app.plan.in_unit", name=name, unit=say(f"unit.{unit}")) if unit else name


def unset(key: str) -> str:
    """What an empty field of a setting means."""
    return say("show.no_rule" if key in LIMITS else "app.plan.as_it_is")


def with_changes(plan: Plan, given: Mapping[str, Any]) -> Wishes:
    """The wishes so far and what the form says otherwise than they or, where they are silent, the plan.

    An emptied limit is lifted; any other emptied field leaves things as they are.
    """
    before = session.draft()
    wishes = {section: dict(values) for section, values in before.items()}
    for key, value in given.items():
        section, name = key.split(".")
        now = before.get(section, {}).get(name, plan.setting(key))
        if value == (None if now == NO_LIMIT else now) or (value is None and key not in LIMITS):
            continue
        wished = wishes.setdefault(section, {})
        if value is None:
            _lift(wished, section, name)
            continue
        wished[name] = value
        if section == "retention" and name.endswith("_days"):  # whoever set the old limit did not set this one
            wished[name.replace("_days", "_origin")] = say("origin.widget")
    return wishes


def _lift(wished: dict[str, Any], section: str, name: str) -> None:
    """No limit any more: nothing wished, and where the town's file sets one, the word that lifts it."""
    if _of_town().get(section, {}).get(name) is None:
        wished.pop(name, None)
    else:
        wished[name] = NO_LIMIT


def begun(plan: Plan, widget: str, now: Any) -> str:
    """Begin a field with what is in force, anew for each plan, and give its key back.

    By its state: Streamlit knows a field by its key alone, so that a new default would not be shown (what an earlier plan had would be
    sent as a wish), and lets a field be emptied only where its own value is none.
    """
    of = f"{widget} of"
    if st.session_state.get(of) != plan.plan_id or widget not in st.session_state:
        st.session_state[of], st.session_state[widget] = plan.plan_id, now
    return widget


def yen(place: Any, plan: Plan, key: str, step: int, help_of: str, prefix: str = "w", empty: str = "") -> int | None:
    """An amount asked for in 10,000 yen; None when left empty (``empty``: what that means; "": no limit, or as it is)."""
    now, widget = plan.setting(key), f"{prefix}-{key}"
    man = None if now is None else now / MAN_YEN
    given = place.number_input(
        say("app.plan.in_man", name=label(key)),
        0.0,
        10_000_000.0,
        None,
        float(step),
        format="%.0f" if now is None or now % MAN_YEN == 0 else "%.4f",
        key=begun(plan, widget, man),
        placeholder=empty or unset(key),
        help=say(f"app.plan.help_{help_of}"),
    )
    return None if given is None else round(given * MAN_YEN)


def days_limit(place: Any, plan: Plan, end: Literal["min", "max"], widget: str) -> int | None:
    """A limit on days; None when there is none."""
    key = f"retention.{end}_days"
    widget = begun(plan, widget, plan.setting(key))
    given: int | None = place.number_input(
        label(key, "days"), 1, 365, None, key=widget, placeholder=unset(key), help=say(f"app.plan.help_{end}_days")
    )
    return given


def of_sites(kind: Kind) -> list[dict[str, str]]:
    """Pins or bans in force with the next computation: as wished on screen, else those of the town's own settings."""
    wished = session.draft().get("rules", {})
    if f"{kind}s" not in wished:
        wished = _of_town().get("rules", {})
    return [{name: str(value) for name, value in wish.items()} for wish in wished.get(f"{kind}s", [])]


def of_rules(name: Rules) -> list[dict[str, Any]]:
    """Rules on districts or measures in force with the next computation: as wished on screen, else the town's own."""
    wished = session.draft().get("rules", {})
    if name not in wished:
        wished = _of_town().get("rules", {})
    return [dict(rule) for rule in wished.get(name, [])]


def put_rules(name: Rules, rules: Sequence[Mapping[str, Any]]) -> None:
    """Wish these rules on districts or measures with the next computation."""
    _put({name: list(rules)})


def without_rule(name: Rules, at: int) -> None:
    """Take one of these rules away."""
    rules = of_rules(name)
    put_rules(name, [*rules[:at], *rules[at + 1 :]])


def propose(site: str, kind: Kind, reason: str, who: str, when: str, known_as: str = "") -> None:
    """Pin or ban a site with the next "compute again", which also tells the price.

    What was wished of the same site (or of it as it is ``known_as`` too) before gives way. ``site`` and ``reason`` as in ``settings.Wish``; ``when``: ISO day.
    """
    propose_all(kind, [{"site": site, "reason": reason, "who": who, "when": when}], [known_as])


def propose_all(kind: Kind, wishes: Sequence[Mapping[str, str]], known_as: Sequence[str] = ()) -> None:
    """Pin or ban several sites, which one "undo" takes back."""
    names = [*(wish["site"] for wish in wishes), *known_as]
    _put({f"{k}s": [*_of_others(k, *names), *(map(dict, wishes) if k == kind else [])] for k in KINDS})


def conditions_of(plan: Plan) -> dict[str, dict[str, Any]]:
    """The wishes under which the town in view has the conditions of a saved plan.

    What the town's own file says today need not be what it said then: every setting whose value differs from it is wished, also
    that it has none. Settings of the town's log of requests follow from its table, which is the same.
    """
    told = _of_town()
    own = {
        section: {key: value for key, value in told[section].items() if key in type(field.default).model_fields}
        for section, field in Settings.model_fields.items()
        if isinstance(told.get(section), Mapping)
    }
    year = ("today", {"funding": {"fiscal_year": fiscal_year_today()}})
    today = {section: group.model_dump(mode="json") for section, group in merge(year, ("town.toml", own)).settings}
    wishes: dict[str, dict[str, Any]] = {}
    for part in plan.settings:
        section, name = part.key.split(".", 1)
        if name not in today.get(section, {}) or part.value == today[section][name] or part.origin == "footage_log":
            continue
        wishes.setdefault(section, {})[name] = NO_LIMIT if part.value is None else part.value
    return wishes


def take_up(plan: Plan, kind: Kind, wishes: Sequence[Mapping[str, str]], known_as: Sequence[str]) -> None:
    """Pin or ban what answers to a saved plan suggest, under the conditions of that plan; one "undo" takes it back."""
    with session.one_step():
        if not session.started_from(plan.plan_id):
            session.start_from(plan.plan_id, conditions_of(plan))
        propose_all(kind, wishes, known_as)


def propose_view(view: Mapping[str, Any], action: str, at: str, reason: str, who: str, when: str) -> None:
    """Pin a view that no survey proposed: it is weighed beside the others, and chosen.

    ``view`` and ``action`` as of `trying.turn`; ``at``: what was wished of that site so far gives way.
    """
    views = [v for v in of_rules("views") if v != view]
    _put({"views": [*views, dict(view)], "pins": _of_others("pin", at), "bans": _of_others("ban", view["site"])})
    session.tell_turned(action, view)
    propose(action, "pin", reason, who, when)


def withdraw(site: str, kind: Kind) -> None:
    """Wish nothing of a site any more; a view that was turned for a pin goes with it."""
    turned = session.turned(site)
    views = {"views": [view for view in of_rules("views") if view != turned]} if turned else {}
    _put({f"{kind}s": _of_others(kind, site), **views})


def beyond_sites() -> dict[Beyond, dict[str, int]]:
    """What else is in force with the next computation, beside pins and bans, with its numbers."""
    rules = {**_of_town().get("rules", {}), **session.draft().get("rules", {})}
    found: dict[Beyond, dict[str, int]] = {}
    if rules.get("given") and isinstance(rules.get("max_changes"), int):
        found["keep"] = {"number": rules["max_changes"]}
    if rules.get("unlike") and isinstance(rules.get("most_shared"), int):
        found["differ"] = {"number": rules["most_shared"], "plans": len(rules["unlike"])}
    if "gap_goal" in session.draft().get("siting", {}):
        found["prove"] = {}
    return found


def lift(what: Beyond) -> None:
    """Take one of these back."""
    if what == "prove":
        siting = {k: v for k, v in session.draft()["siting"].items() if k not in ("gap_goal", "mip_nodes")}
        session.redraft({**session.draft(), "siting": siting})
        return
    sites, number = ("given", "max_changes") if what == "keep" else ("unlike", "most_shared")
    wished = {**session.draft().get("rules", {}), sites: []}
    _lift(wished, "rules", number)
    session.redraft({**session.draft(), "rules": wished})


def keep(plan: Plan, max_changes: int | None) -> None:
    """Keep to a plan: at most so many changes (None: as many as one likes), what is under negotiation pinned (P13)."""
    rules = RulesSettings.model_validate({f"{kind}s": of_sites(kind) for kind in KINDS})
    wished = {**session.draft().get("rules", {}), **keeping_to(plan, rules, max_changes)["rules"]}
    if max_changes is None:
        _lift(wished, "rules", "max_changes")
    session.redraft({**session.draft(), "rules": wished})


def differ(plan: Plan, most_shared: int) -> None:
    """Ask for a plan that shares at most so many places with this one, and with those asked to differ from before."""
    before = session.draft().get("rules", {}).get("unlike", plan.setting("rules.unlike")) or []
    unlike = [*before, [s.site_id for s in plan.sites]]
    _put({"unlike": unlike, "most_shared": most_shared})


def after_tender(plan: Plan, own_yen: int, contracts: Sequence[Contract]) -> None:
    """Hold every site of a plan and spend what a tender left; its contracts stand in the plan from then on (P18)."""
    today = dt.datetime.now(JAPAN).date().isoformat()
    pins = [{"site": s.site_id, "reason": "policy", "who": "", "when": today} for s in plan.sites]
    held = [pin for pin in pins if pin["site"] not in {p["site"] for p in of_sites("pin")}]
    told = [contract.model_dump(mode="json") for contract in contracts]
    with session.one_step():
        budget = {**session.draft().get("budget", {}), "own_capital_yen": own_yen}
        session.redraft({**session.draft(), "budget": budget, "tender": {"contracts": told}})
        _put({"pins": [*of_sites("pin"), *held]})


def prove(plan: Plan) -> None:
    """Search until the gap is closed, or until stopped."""
    nodes = max(PROOF_NODES, int(plan.setting("siting.mip_nodes") or 0))
    session.redraft(
        {**session.draft(), "siting": {**session.draft().get("siting", {}), "gap_goal": 0.0, "mip_nodes": nodes}}
    )


def _of_town() -> dict[str, Any]:
    """What the town's own file wishes."""
    return tomllib.loads((session.town() / "town.toml").read_text(encoding="utf-8-sig"))


def _of_others(kind: Kind, *names: str) -> list[dict[str, str]]:
    return [wish for wish in of_sites(kind) if wish["site"] not in names]


def _put(rules: Mapping[str, Any]) -> None:
    """Put rules among the wishes that are being changed."""
    session.redraft({**session.draft(), "rules": {**session.draft().get("rules", {}), **rules}})
