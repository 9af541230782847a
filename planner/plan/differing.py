"""What a second plan changes against a first, with a reason for each; and what an earlier plan asks the next one to keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict

from planner.frames import STEPS
from planner.plan.document import Plan, Site
from planner.plan.hosts import NO_DAY, hosts
from planner.settings import RulesSettings

_RUNNING = STEPS.index("operating")


class Change(BaseModel):
    """One place that the second plan treats otherwise.

    ``how``: ``added``, ``removed``, ``changed`` (same place, another action). ``reason``: ``pinned`` or ``banned`` (``because``: the wish's
    reason code), ``gain`` (what it adds for its money), ``differs`` (``because``: the words of what differs), ``gone`` (no longer
    among the candidates), or why the second plan left the place out (a code of ``PlacePart``).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    how: Literal["added", "removed", "changed"]
    site_id: str
    place_id: str
    reason: str
    because: str = ""


def place_of(site: Site) -> str:
    """The place of a site as groups name it."""
    return f"c:{site.camera_id}" if site.camera_id else f"m:{site.mount_id}"


def changes(first: Plan, second: Plan) -> list[Change]:
    """Every place treated otherwise by the second plan: in its rank order, then what it no longer has."""
    before, after = ({place_of(s): s for s in plan.sites} for plan in (first, second))
    pins, bans = (_wished(second, kind) for kind in ("pins", "bans"))
    found = list(_new(before, after, pins))
    for place, site in before.items():
        if place in after:
            continue
        ids = (site.site_id, place, place[2:])
        wish = next((bans[i] for i in ids if i in bans), "")
        left = second.advice.place(place) if second.advice else None
        reason = "banned" if wish else left.code if left else "gone"
        found.append(Change(how="removed", site_id=site.site_id, place_id=place, reason=reason, because=wish))
    return found


def _new(before: Mapping[str, Site], after: Mapping[str, Site], pins: Mapping[str, str]) -> Iterator[Change]:
    """Places that the second plan has anew or otherwise."""
    for place, site in after.items():
        old = before.get(place)
        if old is not None and old.offer_id == site.offer_id:
            continue
        wish = next((pins[i] for i in (site.site_id, place, place[2:]) if i in pins), "")
        how: Literal["added", "changed"] = "added" if old is None else "changed"
        reason, because = (
            ("pinned", wish) if wish else ("gain", "") if old is None else ("differs", _differs(old, site))
        )
        yield Change(how=how, site_id=site.site_id, place_id=place, reason=reason, because=because)


def _differs(old: Site, new: Site) -> str:
    """Words for what is otherwise at one place, joined by spaces."""
    parts = {
        "kind": (old.kind, new.kind),
        "specification": (old.model_id, new.model_id),
        "bearing": ([v.bearing_deg for v in old.views], [v.bearing_deg for v in new.views]),
        "retention": (old.retention_days, new.retention_days),
        "programme": (old.programme_id, new.programme_id),
    }
    return " ".join(word for word, (one, two) in parts.items() if one != two)


def _wished(plan: Plan, kind: str) -> dict[str, str]:
    """Site and reason of the pins or bans that a plan was made with."""
    wishes: Sequence[Mapping[str, Any]] = plan.setting(f"rules.{kind}") or ()
    return {str(wish["site"]): str(wish["reason"]) for wish in wishes}


def negotiated(earlier: Plan, steps: pd.DataFrame | None = None) -> list[Site]:
    """Sites of a plan that are under negotiation or in work: a step is recorded, and they do not run yet (P13).

    Parameters
    ----------
    earlier
        The plan; what it knows of steps counts too.
    steps
        Table ``steps`` as it is today.
    """
    known = list(earlier.duties.hosts) if earlier.duties else []
    if steps is not None:
        known += hosts(earlier.sites, steps, NO_DAY)
    furthest: dict[str, int] = {}
    for host in known:
        done = [STEPS.index(step.step) for step in host.steps]
        furthest[host.site_id] = max([furthest.get(host.site_id, 0), *done])
    asked = {s.site_id for s in earlier.sites if s.mount_state == "asked"}
    return [s for s in earlier.sites if s.site_id in asked or 0 < furthest.get(s.site_id, 0) < _RUNNING]


def keeping_to(
    earlier: Plan, rules: RulesSettings, max_changes: int | None, steps: pd.DataFrame | None = None
) -> dict[str, Any]:
    """The wishes with which the next plan keeps to an earlier one: at most so many changes, negotiations pinned.

    Parameters
    ----------
    earlier
        The plan to keep to.
    rules
        In force so far: their pins stay, and what they pin or ban is not pinned again.
    max_changes
        From the earlier plan's sites; None: no limit, only what is under negotiation is kept.
    steps
        As of ``negotiated``.
    """
    wished = {w.site for w in (*rules.pins, *rules.bans)}
    pins = [w.model_dump() for w in rules.pins]
    pins += [
        {"site": place_of(site), "reason": "negotiation", "who": "", "when": ""}
        for site in negotiated(earlier, steps)
        if not wished & {site.site_id, place_of(site), place_of(site)[2:]}
    ]
    told: dict[str, Any] = {"given": [s.site_id for s in earlier.sites], "pins": pins}
    return {"rules": told if max_changes is None else {**told, "max_changes": max_changes}}
