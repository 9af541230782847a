"""Every constraint of the covering model written out alone and held against a kept file (``kept/NAME.lp``).

``python tests/siting/test_kept.py`` from the root writes the files anew; read the difference before you keep it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # where it is run as a program

import towns

from planner import siting
from planner.siting import cuts, variants
from planner.siting.model import CoverModel, Multipliers
from planner.siting.wished import Linear
from planner.work import Work

KEPT = Path(__file__).with_name("kept")
OWN = {"district_id": "D1"}


def case() -> CoverModel:
    """Four mounts, one of them banned, and two standing cameras, one of which may be moved, under every rule that there is."""
    offers = [
        towns.offer("m1-own", "m1a", "install", "m:1", municipality_yen=300, running_yen_per_year=20, **OWN),
        towns.offer("m1-g", "m1a", "install", "m:1", municipality_yen=100, prefecture_yen=200, subsidy_yen=200, programme_id="G", running_yen_per_year=20, **OWN),
        towns.offer("m2-own", "m2a", "install", "m:2", municipality_yen=250, running_yen_per_year=15, district_id="D2"),
        towns.offer("m2-body", "m2a", "install", "m:2", local_body_yen=90, municipality_yen=160, subsidy_yen=160, programme_id="G", running_yen_per_year=15, district_id="D2"),
        towns.offer("m3-reused", "m3a", "install_reused", "m:3", municipality_yen=80, cameras=1, reused_model_id="wide", needs_removed="k1", **OWN),
        towns.offer("m4-own", "m4a", "install", "m:4", municipality_yen=90, **OWN),
        towns.offer("m4-short", "m4b", "install", "m:4", municipality_yen=60, why_not="below_min_days", **OWN),
        towns.offer("k1-keep", "k1k", "keep", "c:k1", **OWN),
        towns.offer("k1-remove", "k1r", "remove", "c:k1", municipality_yen=30, running_yen_per_year=-10, reused_model_id="wide", **OWN),
        towns.offer("k2-keep", "k2k", "keep", "c:k2", district_id="D2"),
        towns.offer("k2-extend", "k2e", "extend", "c:k2", municipality_yen=40, district_id="D2"),
    ]  # fmt: skip
    table = towns.offers_of(offers, [("G", 300, 1)])
    moves = pd.DataFrame(offers).reindex(columns=["reused_model_id", "needs_removed"]).fillna("").astype("str")
    caps = table.caps.assign(
        min_total_yen=pd.array([150], dtype="Int64"), fixed_municipality_yen=[70], fixed_running_yen_per_year=[5]
    )
    table = type(table)(table.table.assign(**moves), caps)
    levels = {
        "m1a": {0: 16, 1: 8},
        "m2a": {1: 16, 2: 12, 5: 16},
        "m3a": {3: 16, 4: 16},
        "m4a": {0: 4, 4: 8},
        "m4b": {4: 8},
        "k1k": {3: 8},
        "k1r": {},
        "k2k": {2: 4, 6: 8},
        "k2e": {2: 10, 6: 12},
    }
    districts = ["D1", "D1", "D2", "D1", "D1", "D2", "D2"]
    measures = ["place", "place", "place", "place", "front", "target:school_route", "place"]
    rows = towns.rows_of([9, 5, 7, 4, 3, 1, 6], levels, districts, measures)
    settings = towns.settings_of(
        900,
        budget={"running_yen_per_year": 30, "local_body_yen": 80},
        rules={
            "spacing_m": 30.0,
            "districts": [{"id": "D1", "min_sites": 1, "max_sites": 1, "floor_share": 0.3}],
            "floors": [{"measure": "front", "share": 0.5}, {"measure": "target:school_route", "share": 0.5}],
            "pins": [{"site": "k2", "reason": "policy"}],
            "bans": [{"site": "m:4", "reason": "owner_refused"}],
            "unlike": [["m1a", "m2a"]],
            "most_shared": 1,
            "given": ["m1a", "k2e"],
            "max_changes": 2,
        },
    )
    more = (Linear("as_it_stands", {"m1-own": 2, "m2-own": 3}, 4),)
    model = siting.build(rows, table, towns.cliques_of(("q", "m:1"), ("q", "m:2")), settings, more)
    used = [v for v in variants.variants(model) if v.used]
    return used[0].model


def written(model: CoverModel) -> dict[str, str]:
    """Name -> the constraint (or the objective) alone, with the offers by name."""
    net, ids = model.net, model.offer_ids
    covers = [
        sorted(ids[c] for c in range(model.columns) if _covers(model, c, layer)) for layer in range(net.weight.size)
    ]
    parts = {
        "objective": ["maximise"]
        + [f"  {int(w)} y[{' | '.join(c)}]" for w, c in sorted(zip(net.weight.tolist(), covers, strict=True), key=str)]
        + [f"  - {model.base} of all-keep"],
        "one_per_group": [
            " + ".join(ids[net.group_start[g] : net.group_start[g + 1]])
            + (" = 1" if net.group_keep[g] >= 0 else " <= 1")
            for g in range(net.group_keep.size)
        ],
        "spacing": [
            " + ".join(ids[c] for c in range(model.columns) if net.column_spaced[c] and q in _cliques(model, c))
            + " <= 1"
            for q in range(net.cliques)
        ],
    }
    for r, name in enumerate(model.rules):
        terms = [f"{a:+d} {ids[c]}" for c in range(model.columns) for at, a in _uses(model, c) if at == r]
        terms += [
            f"-{net.need[layer]} y[{' | '.join(covers[layer])}]"
            for layer in range(net.weight.size)
            if net.floor[layer] == r and net.need[layer]
        ]
        parts[name.replace(":", "_")] = [*terms, f"<= {net.limit[r]}"]
    return {name: "\n".join(lines) + "\n" for name, lines in parts.items()}


def _covers(model: CoverModel, column: int, layer: int) -> bool:
    p = model.net.column_pattern[column]
    return layer in model.net.pattern_layer[model.net.pattern_start[p] : model.net.pattern_start[p + 1]]


def _cliques(model: CoverModel, column: int) -> list[int]:
    g = model.net.column_group[column]
    return model.net.clique_of[model.net.clique_start[g] : model.net.clique_start[g + 1]].tolist()


def _uses(model: CoverModel, column: int) -> list[tuple[int, int]]:
    here = slice(model.net.use_start[column], model.net.use_start[column + 1])
    return list(zip(model.net.use_rule[here].tolist(), model.net.use_amount[here].tolist(), strict=True))


def loosely(model: CoverModel) -> dict[str, str]:
    """The rules that a model has only where it is asked which rules fight: bans, and what took offers out."""
    given = model.given
    loose = siting.build(given.rows, given.offers, given.cliques, given.settings, given.more, loose=True)
    lines = written(loose)
    return {name.replace(":", "_"): lines[name.replace(":", "_")] for name in loose.rules if name not in model.rules}


def with_cuts(model: CoverModel) -> dict[str, str]:
    """The cuts of the floors, at prices of 1."""
    net = model.net
    prices = Multipliers(np.zeros(net.weight.size), np.ones(net.limit.size), np.zeros(net.cliques))
    cut = cuts.with_floor_cuts(model, prices, 1, Work())
    lines = written(cut)
    return {name.replace(":", "_"): lines[name.replace(":", "_")] for name in cut.rules if name not in model.rules}


CASE = case()
WRITTEN = written(CASE) | loosely(CASE) | with_cuts(CASE)


@pytest.mark.parametrize("name", sorted(WRITTEN))
def test_the_constraint_is_the_kept_one(name: str) -> None:
    assert WRITTEN[name] == (KEPT / f"{name}.lp").read_text(encoding="utf-8")


def test_every_kind_of_rule_is_kept_and_none_besides() -> None:
    assert {p.stem for p in KEPT.glob("*.lp")} == set(WRITTEN)
    kinds = {name.split("_G")[0].split("_D1")[0] for name in WRITTEN}
    assert kinds >= {
        "municipality_budget", "running_budget", "local_body_budget", "programme_total", "programme_units", "programme_min",
        "district_min", "district_max", "district_floor", "floor_front", "floor_target_school_route", "pin_k2", "reuse_wide",
        "mount_free_k1", "changes", "as_it_stands", "spacing", "one_per_group", "objective", "shared_1", "ban_m_4",
        "retention_min", "floor_cut_floor_front",
    }  # fmt: skip


if __name__ == "__main__":
    KEPT.mkdir(exist_ok=True)
    for name, text in WRITTEN.items():
        (KEPT / f"{name}.lp").write_text(text, encoding="utf-8")
