"""Made-up covering instances for the siting tests: tables only, no town."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import sparse

from planner import frames
from planner.settings import Settings

STEPS = 16


def offer(offer_id: str, action_id: str, kind: str, group_id: str, **values: object) -> dict[str, object]:
    """One row of the offers table, zero money unless said."""
    row: dict[str, object] = {
        "offer_id": offer_id,
        "action_id": action_id,
        "kind": kind,
        "group_id": group_id,
        "district_id": "D1",
        "programme_id": "",
        "cameras": 1 if kind == "install" else 0,
    }
    row |= dict.fromkeys(
        (
            *(f"{c}_yen" for c in frames.COST_CATEGORIES),
            *(f"{p}_yen" for p in frames.PAYERS),
            "subsidy_yen",
            "second_subsidy_yen",
            "running_yen_per_year",
        ),
        0,
    )
    row |= {"why_not": ""} | values
    return {"municipality_running_yen_per_year": row["running_yen_per_year"]} | row


def offers_of(rows: list[dict[str, object]], caps: list[tuple[str, int | None, int | None]] = []) -> frames.Offers:  # noqa: B006
    """The offers table and programme caps."""
    names = [c.name for c in frames.TABLES["offers"].columns]
    table = pd.DataFrame(rows, columns=names)
    whole = [c.name for c in frames.TABLES["offers"].columns if c.kind == "whole"]
    table = table.astype({**dict.fromkeys(names, "str"), **dict.fromkeys(whole, "int64")})
    cap = pd.DataFrame(
        {
            "programme_id": pd.Series([c[0] for c in caps], dtype="str"),
            "cap_total_yen": pd.array([c[1] for c in caps], dtype="Int64"),
            "max_units": pd.array([c[2] for c in caps], dtype="Int64"),
        }
    )
    return frames.Offers(table, cap)


def rows_of(
    weights: np.ndarray,
    levels: dict[str, dict[int, int]],
    districts: list[str] | None = None,
    measures: list[str] | None = None,
) -> frames.Rows:
    """Rows with whole weights; ``levels[action][row]`` on the ladder of 16."""
    n = len(weights)
    table = pd.DataFrame(
        {
            "row_id": np.arange(n, dtype=np.int64),
            "spot_id": pd.Series([f"s{i}" for i in range(n)], dtype="str"),
            "offence_group": pd.Series(["theft"] * n, dtype="str"),
            "area_id": pd.Series(["A"] * n, dtype="str"),
            "district_id": pd.Series(districts or ["D1"] * n, dtype="str"),
            "measure": pd.Series(measures or ["place"] * n, dtype="str"),
            "weight_micro": np.asarray(weights, np.int64),
        }
    )
    ids = tuple(levels)
    r = [i for i, a in enumerate(ids) for _ in levels[a]]
    c = [j for a in ids for j in levels[a]]
    v = [k / STEPS for a in ids for k in levels[a].values()]
    return frames.Rows(table, sparse.csr_matrix((v, (r, c)), shape=(len(ids), n)), ids, STEPS)


def cliques_of(*pairs: tuple[str, str]) -> pd.DataFrame:
    """Clique table from (clique, group) pairs."""
    return pd.DataFrame(
        {
            "clique_id": pd.Series([p[0] for p in pairs], dtype="str"),
            "group_id": pd.Series([p[1] for p in pairs], dtype="str"),
        }
    )


def settings_of(own: int, **sections: dict[str, object]) -> Settings:
    """Settings with an own-capital limit."""
    budget = {"own_capital_yen": own, **sections.pop("budget", {})}
    return Settings.model_validate({"budget": budget, **sections})


def city(
    mounts: int, seed: int = 0, *, areas: int = 40, spacing_m: float = 0.0, groups: int = 7
) -> tuple[frames.Rows, frames.Offers, pd.DataFrame]:
    """A town's shape: mounts along a street grid, 4 bearings x 3 models x 2 tiers, spots every 5 m, own money or a programme.

    Weights are tiny and nearly uniform within an area; areas differ. Each view sees 3 to 12 spots.
    """
    g = np.random.default_rng(seed)
    side = max(2, int(np.sqrt(mounts / 2)))
    block = 80.0
    per_street = int(side * block / 5.0)
    lines = side
    # spots on horizontal then vertical streets
    t = np.arange(per_street) * 5.0
    sx = np.concatenate([np.tile(t, lines), np.repeat(np.arange(lines) * block, per_street)])
    sy = np.concatenate([np.repeat(np.arange(lines) * block, per_street), np.tile(t, lines)])
    spots = sx.size
    k = int(np.sqrt(areas))
    area = (np.minimum(k - 1, sx // (side * block / k)) * k + np.minimum(k - 1, sy // (side * block / k))).astype(int)
    risk = g.lognormal(0.0, 1.0, k * k)[area] * g.uniform(0.9, 1.1, spots) * 2e-3
    share = g.dirichlet(np.ones(groups), k * k)[area]
    weight = np.rint(risk[:, None] * share * 1e6).astype(np.int64)
    # mounts on streets
    horizontal = g.random(mounts) < 0.5
    along = g.integers(0, per_street, mounts)
    line = g.integers(0, lines, mounts)
    mx = np.where(horizontal, t[along], line * block)
    my = np.where(horizontal, line * block, t[along])
    reach = [18.0, 30.0, 45.0]
    price = [250_000, 320_000, 450_000]
    tier_level = g.integers(8, 17, (2, groups))
    tier_level[1] = np.minimum(16, tier_level[0] + g.integers(0, 6, groups))
    index = np.arange(spots)
    half = spots // 2
    indptr, indices, data, ids, rows = [0], [], [], [], []
    for m in range(mounts):
        base = line[m] * per_street if horizontal[m] else half + line[m] * per_street
        cross = (half if horizontal[m] else 0) + int(min(lines - 1, t[along[m]] // block)) * per_street
        for bearing in range(4):
            for model in range(3):
                n = int(reach[model] // 5)
                if bearing < 2:
                    step = 1 if bearing == 0 else -1
                    at = along[m] + step * np.arange(1, n + 1)
                    seen = base + at[(at >= 0) & (at < per_street)]
                else:
                    at = line[m] * 16 + (1 if bearing == 2 else -1) * np.arange(1, n + 1)
                    near = abs(t[along[m]] - (t[along[m]] // block) * block) <= 15.0
                    seen = cross + at[(at >= 0) & (at < per_street)] if near else base + along[m] + np.arange(-1, 2)
                    seen = seen[(seen >= 0) & (seen < spots)]
                seen = index[seen]
                for tier in range(2):
                    action = f"m{m:05d}b{bearing}c{model}t{tier}"
                    ids.append(action)
                    cols = (seen[:, None] * groups + np.arange(groups)).ravel()
                    indices.append(cols)
                    data.append(np.tile(tier_level[tier] / STEPS, seen.size))
                    indptr.append(indptr[-1] + cols.size)
                    cost = price[model] + (60_000 if tier else 0) + 10_000 * (m % 7)
                    run = 12_000 + 6_000 * tier + 2_000 * model
                    district = f"D{1 + (area[base + along[m]] % 8)}"
                    shared = {"district_id": district, "running_yen_per_year": run}
                    rows.append(offer(f"{action}-own", action, "install", f"m{m:05d}", municipality_yen=cost, **shared))
                    grant = min(cost // 2, 150_000)
                    rows.append(
                        offer(
                            f"{action}-g",
                            action,
                            "install",
                            f"m{m:05d}",
                            municipality_yen=cost - grant,
                            prefecture_yen=grant,
                            subsidy_yen=grant,
                            programme_id="G",
                            **shared,
                        )
                    )
    quality = sparse.csr_matrix(
        (np.concatenate(data), np.concatenate(indices), np.array(indptr)), shape=(len(ids), spots * groups)
    )
    n = spots * groups
    table = pd.DataFrame(
        {
            "row_id": np.arange(n, dtype=np.int64),
            "spot_id": pd.Series(np.repeat(index, groups).astype(str), dtype="str"),
            "offence_group": pd.Series(np.tile([f"g{i}" for i in range(groups)], spots), dtype="str"),
            "area_id": pd.Series(np.repeat(area, groups).astype(str), dtype="str"),
            "district_id": pd.Series(np.repeat([f"D{1 + a % 8}" for a in area], groups), dtype="str"),
            "measure": pd.Series(["place"] * n, dtype="str"),
            "weight_micro": weight.ravel(),
        }
    )
    cliques = cliques_of()
    if spacing_m:
        cell = spacing_m / np.sqrt(2)
        pairs = [
            (f"{shift}:{int((x + shift * cell / 2) // cell)}:{int((y + shift * cell / 2) // cell)}", f"m{i:05d}")
            for shift in (0, 1)
            for i, (x, y) in enumerate(zip(mx, my, strict=True))
        ]
        cliques = cliques_of(*pairs)
    return frames.Rows(table, quality, tuple(ids), STEPS), offers_of(rows, [("G", 3_000_000, 15)]), cliques
