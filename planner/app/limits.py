"""What each district and each measure must get: rules added and taken away on the page of the plan (P3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from planner import show
from planner.app import session, wishing
from planner.app.session import language, say
from planner.plan import Plan
from planner.settings import FloorRule
from planner.text import measure_name

_DISTRICT = ("min_sites", "max_sites", "floor_share")


def section(plan: Plan) -> None:
    """The rules in force with the next computation, each with a button that takes it away, and two forms to add one."""
    with st.expander(say("app.limits.open")):
        st.html(f"<p>{show.safe(say('app.limits.intro'))}</p>")
        words = show.Words(language())
        for name in ("districts", "floors"):
            for at, rule in enumerate(wishing.of_rules(name)):
                left, right = st.columns([5, 1], vertical_alignment="center")
                told = show.safe(show.rule_sentence(plan, rule, words))
                left.html(f"<p>{told}{_priced(plan, rule)}</p>")
                right.button(
                    say("app.pin.take_away"), key=f"unrule-{name}-{at}", on_click=wishing.without_rule, args=(name, at)
                )
        left, right = st.columns(2)
        with left:
            _district(plan, words)
        with right:
            _measure(plan, words)


def _priced(plan: Plan, rule: Mapping[str, Any]) -> str:
    """What a floor on a measure costs, as HTML; "" of other rules, which have no price of their own, and where it is not computed."""
    if "measure" not in rule:
        return ""
    asked = (FloorRule.model_validate(rule).name, f"{rule['share']:g}")
    prices = plan.advice.prices if plan.advice else []
    price = next((p for p in prices if (p.rule, p.limit) == asked), None)
    return f"<br>{show.safe(show.price_sentence(price, language()))}" if price else ""


def _district(plan: Plan, words: show.Words) -> None:
    """Least and most sites of a district, and the least share of what can be filmed there."""
    with st.form("district-rule"):
        known = [d.district_id for d in plan.districts]
        district = st.selectbox(
            say("column.district"),
            known,
            format_func=words.district,
            key=session.lasting("limit-district"),
            help=say("app.hint.district"),
        )
        numbers: dict[str, Any] = {
            name: st.number_input(
                say(f"app.limits.{name}"),
                0,
                None,
                None,
                key=f"limit-{name}",
                help=say("app.hint.district_number"),
                placeholder=say("app.pin.no_limit"),
            )
            for name in _DISTRICT[:2]
        }
        percent = _percent("limit-floor", say("app.limits.floor_share"))
        if st.form_submit_button(say("app.limits.add_district")):
            asked = numbers | {"floor_share": percent}
            rule = {"id": district} | {name: value for name, value in asked.items() if value is not None}
            others = [r for r in wishing.of_rules("districts") if r["id"] != district]
            wishing.put_rules("districts", [*others, *([rule] if len(rule) > 1 else [])])
            st.rerun()


def _measure(plan: Plan, words: show.Words) -> None:
    """The least share of one measure, in a district or everywhere."""
    with st.form("floor-rule"):
        measures = list(dict.fromkeys(m.measure for m in plan.measures))
        measure = st.selectbox(
            say("column.measure"),
            measures,
            format_func=lambda m: measure_name(m, words.language),
            key=session.lasting("limit-measure"),
            help=say("app.hint.measure"),
        )
        district = st.selectbox(
            say("column.district"),
            ["", *(d.district_id for d in plan.districts)],
            format_func=lambda name: words.district(name or "all"),
            key=session.lasting("limit-where"),
            help=say("app.hint.district"),
        )
        percent = _percent("limit-share", say("app.limits.share"))
        if st.form_submit_button(say("app.limits.add_floor")) and measure and percent is not None:
            floor = {"measure": measure, "district": district, "share": percent}
            same = (measure, district)
            others = [r for r in wishing.of_rules("floors") if (r["measure"], r.get("district", "")) != same]
            wishing.put_rules("floors", [*others, floor])
            st.rerun()


def _percent(key: str, name: str) -> float | None:
    """A share asked for in percent."""
    percent = st.number_input(
        name, 0.0, 100.0, None, 1.0, key=key, help=say("app.hint.floor"), placeholder=say("app.pin.no_limit")
    )
    return None if percent is None else round(percent / 100, 4)
