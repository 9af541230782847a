"""Wishes about single sites as linear rules: pins, bans, changes from a given plan, and rules given as they stand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner import frames
from planner.errors import SettingsError
from planner.settings import Settings
from planner.siting.net import Ints
from planner.siting.rules import Rule

NO_CHANGE = ("keep", "remove")  # a pinned camera is one of which more is made
LOOSE = {  # why_not of an offer -> the rule that took it out
    "below_min_days": "retention_min",
    "above_max_days": "retention_max",
    "local_body_not_confirmed": "local_body_confirmed",
    "programme_min_days": "programme_min_days",
    "programme_max_days": "programme_max_days",
}


@dataclass(frozen=True)
class Linear:
    """``sum(amount[offer] for chosen offers) <= limit``; offers not named count 0."""

    name: str
    amount: Mapping[str, int]
    limit: int

    def rule(self, columns: pd.DataFrame) -> Rule:
        """The same over columns."""
        amount = np.array([self.amount.get(offer, 0) for offer in columns["offer_id"]], np.int64)
        return Rule(self.name, amount, self.limit)


def at_site(offers: pd.DataFrame, site: str, but: Sequence[str] = ("keep",)) -> Ints:
    """Which offers a wish about a site means: exactly that action, or every one at that mount or camera ``but`` some kinds.

    Group ids are ``m:`` or ``c:`` and the name of mount or camera; the whole group id will do as well.
    """
    group = offers["group_id"]
    named = (group == site) | (group == f"m:{site}") | (group == f"c:{site}")
    here = (offers["action_id"] == site) | (named & ~offers["kind"].isin(but))
    return np.asarray(here.to_numpy(bool), np.int64)


def check_sites(offers: pd.DataFrame, settings: Settings) -> None:
    """Refuse a wish about a site that does not exist (``wish_unknown_site``), or a pin of which bans leave nothing.

    By the offers that are meant: one place has several names (an action, a mount, a group).

    Raises
    ------
    SettingsError
        ``wish_unknown_site``, ``wish_contradicts``.
    """
    rules = settings.rules
    for wish in (*rules.pins, *rules.bans):
        if not at_site(offers, wish.site).any():
            raise SettingsError("wish_unknown_site", f"no site {wish.site}", site=wish.site, reason=wish.reason)
    out = banned(offers, settings)
    for wish in rules.pins:
        meant = at_site(offers, wish.site, NO_CHANGE)
        if meant.any() and not (meant > out).any():
            raise SettingsError("wish_contradicts", f"{wish.site} is pinned and banned", site=wish.site)


def banned(offers: pd.DataFrame, settings: Settings) -> Ints:
    """Per offer whether a ban takes it out; what a standing camera is today never is."""
    out = np.zeros(len(offers), np.int64)
    for wish in settings.rules.bans:
        out |= at_site(offers, wish.site)
    return out * (offers["kind"] != "keep").to_numpy(np.int64)


def wish_rules(columns: pd.DataFrame, offers: pd.DataFrame, settings: Settings) -> Iterator[Rule]:
    """Pins (at least one of the site's offers), moves of standing cameras, changes from the given plan, places shared.

    ``shared:K``: with P the places of the K-th plan to be unlike, sum over changes at P of x <= ``most_shared``.
    """
    for wish in settings.rules.pins:
        yield Rule(f"pin:{wish.site}", -at_site(columns, wish.site, NO_CHANGE), -1)
    yield from moving_rules(columns)
    if settings.rules.max_changes is not None:
        amount, limit = changes(columns, offers, settings)
        yield Rule("changes", amount, limit)
    if settings.rules.most_shared is not None:
        for number, sites in enumerate(settings.rules.unlike, start=1):
            places = set(offers.loc[offers["action_id"].isin(sites), "group_id"])
            shared = columns["group_id"].isin(places) & (columns["kind"] != "keep")
            yield Rule(f"shared:{number}", np.asarray(shared, np.int64), settings.rules.most_shared)


def moving_rules(columns: pd.DataFrame) -> Iterator[Rule]:
    """A camera is used again only where one of its model is removed; a mount is free only once its camera is gone.

    ``reuse:MODEL``: cameras of the chosen ``install_reused`` of a model less its chosen removals <= 0.
    ``mount_free:CAMERA``: chosen installs that need the camera gone less its removal <= 0. Tables without the columns
    ``reused_model_id`` and ``needs_removed`` know no moves.
    """
    if "reused_model_id" not in columns:
        return
    again, gone = ((columns["kind"] == kind).to_numpy() for kind in ("install_reused", "remove"))
    for model in sorted(set(columns.loc[again, "reused_model_id"])):
        here = (columns["reused_model_id"] == model).to_numpy()
        cameras = np.where(again & here, columns["cameras"].to_numpy(np.int64), 0)
        yield Rule(f"reuse:{model}", cameras - (gone & here), 0)
    for camera in sorted(set(columns["needs_removed"].tolist()) - {""}):
        needs = (columns["needs_removed"] == camera).to_numpy(np.int64)
        yield Rule(f"mount_free:{camera}", needs - (gone & (columns["group_id"] == f"c:{camera}").to_numpy()), 0)


def changes(columns: pd.DataFrame, offers: pd.DataFrame, settings: Settings) -> tuple[Ints, int]:
    """Amounts and limit of "at most D changes from the given plan" (P13).

    A change is a site of the given plan that is not chosen as it was (mount, model, bearing and days; who pays does
    not matter), or a change where the given plan has none. With G the given actions that is ``|G| - sum over G of
    x + sum over the other sites of x <= D``. What stands in place of a given action at its own site is the same change
    (also where that action is no longer among the columns, so that the sites are those of all ``offers``).
    """
    given = set(settings.rules.given)
    same = columns["action_id"].isin(given).to_numpy()
    touched = set(offers.loc[offers["action_id"].isin(given), "group_id"])
    new = ~same & ~columns["group_id"].isin(touched).to_numpy() & (columns["kind"] != "keep").to_numpy()
    return np.where(same, -1, new.astype(np.int64)), (settings.rules.max_changes or 0) - len(given)


def loosened(
    offers: frames.Offers, settings: Settings, more: Sequence[Linear]
) -> tuple[frames.Offers, tuple[Linear, ...]]:
    """Offers that a ban or one of the reasons ``LOOSE`` alone took out are back, each reason as a rule of its own."""
    table = offers.table
    rules = [Linear(f"ban:{w.site}", _amounts(table, at_site(table, w.site) > 0), 0) for w in settings.rules.bans]
    for reason, name in LOOSE.items():
        back = (table["why_not"] == reason).to_numpy()
        own = sorted(set(table.loc[back, "programme_id"])) if name.startswith("programme_") else [""]
        for programme in own:  # a rule of one programme bears its name
            here = back & (table["programme_id"] == programme).to_numpy() if programme else back
            if here.any():
                rules.append(Linear(f"{name}:{programme}".rstrip(":"), _amounts(table, here), 0))
    known = table["why_not"].mask(table["why_not"].isin(LOOSE), "")
    return replace(offers, table=table.assign(why_not=known)), (*more, *rules)


def _amounts(table: pd.DataFrame, here: NDArray[np.bool_]) -> dict[str, int]:
    """1 for each of these offers but keep."""
    return dict.fromkeys(table.loc[here & (table["kind"] != "keep").to_numpy(), "offer_id"], 1)
