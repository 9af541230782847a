"""Words that stand in the tables' columns, and what the tables' columns are named by."""

from __future__ import annotations

from typing import Literal

Kind = Literal["text", "number", "whole", "flag", "date"]
PLACE_KINDS = ("road", "parking", "detached_house", "low_flats", "high_flats", "other", "unknown")
PRECISIONS = ("point", "area", "city")
MATCH_LEVELS = ("point", "street_block", "area", "town", "city", "none")  # how closely an address or name was found
DATE_PRECISIONS = ("day", "month", "year")  # a month or a year stands as its first day
BETWEEN_IDS = "\n"
SHIPPED_NOTE = "shipped "  # note of a source that came with the program; the day follows on which it was last checked
MEASURES = ("place", "front", "owner_only")
TIERS = ("A", "B", "C")  # blocks that the records cannot tell apart share a letter
PRIORS = ("points", "totals", "shipped", "length")  # what told the risk model where inside a block
SURFACES = ("planar", "network")  # how exact points are spread: in the plane, along the streets
SPLITS = ("time", "space")
UNITS = ("area", "cell")
METHODS = ("ours", "count", "uniform", "kde_200")
MOUNT_KINDS = ("utility_pole", "street_light", "signal_pole", "wall", "own_pole", "assumed")
USES = ("own", "agreed", "on_request", "unknown")
ZONE_RULES = ("no_install", "min_days", "max_days")
STEPS = (  # in the order of an installation; the last three end or change it (P15)
    *("candidate", "site_checked", "host_consent", "neighbours_told", "police_opinion", "permit", "grant_decision"),
    *("contract", "installed", "inspected", "operating", "renewed", "moved", "removed"),
)
OUTCOMES = ("supplied", "overwritten", "broken", "out_of_view", "unknown")  # of a request for footage (P29)
TARGET_KINDS = ("school_route", "entrance", "park", "station_front")
ACTION_KINDS = ("keep", "install", "extend", "renew", "repair", "remove", "install_reused")
INSTALLS = ("install", "install_reused")  # what puts a camera where none hangs
COST_CATEGORIES = ("camera", "recorder", "installation", "pole", "cable", "signage", "repair", "removal")
YEARLY_CATEGORIES = ("electricity", "maintenance", "pole_attachment_fee", "running")  # the last: a device's own figure
MICRO = 1_000_000  # row weights are whole numbers of 1e-6 offences a year, so that proofs hold
