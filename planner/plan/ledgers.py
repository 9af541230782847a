"""Makes the ledgers of a plan: payers x programmes x fiscal years in whole yen, the budget request, costs over the horizon.

Rules, so that whoever checks can follow. Capital is of the plan's fiscal year; running costs begin in the year after and
run for ``horizon_years``; a device with a life of L years is renewed in years L, 2L ... before the horizon ends, at today's
price and without a programme. Who receives a programme's money bears what it does not pay, running costs and renewals.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pandas as pd

from planner import assumptions
from planner.errors import Note
from planner.frames import COST_CATEGORIES, PAYERS, YEARLY_CATEGORIES
from planner.plan.money import Commitment, HorizonSite, LedgerRow, Ledgers, Nature, Outreach, Payers, Source
from planner.plan.recount import Prepared, records
from planner.plan.renewals import Baseline
from planner.plan.request import Revenue, Spending, budget
from planner.plan.wishes import subsidies
from planner.programmes import Programme, fiscal_year_today, parts_of
from planner.settings import Settings

_GRANTORS: tuple[Source, Source] = ("national", "prefecture")
LEASED = ("camera", "recorder", "installation")  # what a lessor brings


def keep_books(
    prepared: Prepared, settings: Settings, chosen: list[dict[str, Any]], built: Mapping[str, int] | None = None
) -> tuple[Ledgers, tuple[Note, ...]]:
    """The ledgers of the chosen offers.

    Parameters
    ----------
    prepared
        Offers, upkeep and caps; programmes and standing cameras.
    settings
        ``funding``: fiscal year, horizon, local bond, sections.
    chosen
        Rows of ``offers`` in rank order.
    built
        Per offer the year in which it is built, counted from the plan's fiscal year (none: all in that year).

    Returns
    -------
    tuple
        The document's part, and notes: ``bond_above_capital``, ``renewal_year_unknown``.
    """
    books, by_year = _Books(prepared, settings, chosen), _books_by_year(prepared, settings, chosen, built or {})
    spending = [line for b in by_year for line in b.spending()]
    revenues = [line for b in by_year for line in b.revenues()]
    sheets, notes = budget(spending, revenues, books.years, settings.funding)
    rank = {offer["offer_id"]: n for n, offer in enumerate(chosen, 1)}
    horizon = [b.horizon(rank[offer["offer_id"]], offer) for b in by_year for offer in b.chosen]
    return (
        Ledgers(
            fiscal_year=books.first,
            horizon_years=settings.funding.horizon_years,
            rows=_added(row for b in by_year for row in b.rows()),
            budget=sheets,
            horizon=sorted(horizon, key=lambda site: site.rank),
            baseline=books.baseline.years(),
            renewals=books.baseline.cameras,
            lease=books.lease(),
            outreach=books.outreach(),
        ),
        (*notes, *books.baseline.notes()),
    )


def _books_by_year(
    prepared: Prepared, settings: Settings, chosen: list[dict[str, Any]], built: Mapping[str, int]
) -> list[_Books]:
    """One set of books per year of building; a programme's yearly charge begins with the first year that uses it."""
    found: list[_Books] = []
    for year in sorted({built.get(o["offer_id"], 0) for o in chosen}) or [0]:
        charged = {name for books in found for name in books.paid()}
        here = [o for o in chosen if built.get(o["offer_id"], 0) == year]
        found.append(_Books(prepared, settings, here, year, charged))
    return found


def _added(rows: Iterable[LedgerRow]) -> list[LedgerRow]:
    """Rows of one year, nature and programme as one."""
    sums: dict[tuple[int, Nature, str], dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        shares = sums[row.fiscal_year, row.nature, row.programme_id]
        for payer in PAYERS:
            shares[payer] += getattr(row.payers, f"{payer}_yen")
    return [_row(year, nature, name, shares) for (year, nature, name), shares in sums.items()]


def due_years(life_years: float, horizon_years: int) -> list[int]:
    """In which years after installation a device is renewed: L, 2L ... before the horizon ends (life 0: never)."""
    life = int(life_years)
    return list(range(life, horizon_years, life)) if life > 0 else []


class _Books:
    """The chosen offers with all that a ledger asks about them."""

    def __init__(
        self,
        prepared: Prepared,
        settings: Settings,
        chosen: list[dict[str, Any]],
        after: int = 0,
        charged: Collection[str] = (),
    ) -> None:
        self.offers, self.chosen, self.settings, self._charged = prepared.offers, chosen, settings, charged
        self.first = (settings.funding.fiscal_year or fiscal_year_today()) + after
        self.horizon_years = settings.funding.horizon_years - after
        self.years = [self.first + n for n in range(self.horizon_years + 1)]
        self.applicant = prepared.inputs.town.applicant
        self.programmes: dict[str, Programme] = {p.id: p for p in prepared.inputs.programmes}
        ids = {o["action_id"] for o in chosen}
        self.upkeep = {r["action_id"]: r for r in records(_of(prepared.offers.upkeep, ids))}
        self.paid_yearly: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in records(_of(prepared.offers.running_paid, ids)):
            self.paid_yearly[row["action_id"]].append(row)
        self.life = {r["category"]: float(r["service_life_years"]) for r in assumptions.rows("cost_categories")}
        self.baseline = Baseline(prepared, self.first, self.years)

    def rows(self) -> list[LedgerRow]:
        """Every row of these books."""
        return [*self.capital(), *self.cuts(), *self.fixed(), *self.running(), *self.renewals()]

    def bearer(self, offer: Mapping[str, Any]) -> str:
        """Who bears what no programme pays: the municipality, or the local body that installs."""
        parts = parts_of(offer["programme_id"])
        own = not parts or self.programmes[parts[0]].to_municipality(self.applicant)
        return "municipality" if own else "local_body"

    def handed(self, offer: Mapping[str, Any]) -> dict[str, int]:
        """What reaches a local body through the municipality's budget, by payer: of programmes that it funds itself."""
        yen = dict.fromkeys(PAYERS, 0)
        for name, subsidy in subsidies(offer):
            programme = self.programmes[name]
            if _through(programme):
                for payer, part in programme.split(subsidy).items():
                    yen[payer] += part
        return yen

    def by_programme(self) -> dict[str, list[dict[str, Any]]]:
        """The chosen offers of each programme, "" for none."""
        groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for offer in self.chosen:
            groups[offer["programme_id"]].append(offer)
        return groups

    def paid(self) -> dict[str, list[int]]:
        """What each single programme pays towards each chosen offer that it pays for."""
        found: dict[str, list[int]] = defaultdict(list)
        for offer in self.chosen:
            for name, yen in subsidies(offer):
                found[name].append(yen)
        return found

    def capital(self) -> list[LedgerRow]:
        """What is bought, by programme."""
        return [
            _row(self.first, "capital", name, {p: sum(o[f"{p}_yen"] for o in offers) for p in PAYERS})
            for name, offers in self.by_programme().items()
        ]

    def cuts(self) -> list[LedgerRow]:
        """What each application as a whole loses to rounding: from the funder with most to the municipality (if it is not itself)."""
        rows = []
        for name, paid in self.paid().items():
            programme = self.programmes[name]
            if not programme.as_one_application(self.applicant):
                continue
            cut = sum(paid) % (programme.rounding_yen or 1)
            shares = programme.split(sum(paid))
            funder = max(shares, key=shares.__getitem__)
            if cut and funder != "municipality":
                rows.append(_row(self.first, "rounding", name, {funder: -cut, "municipality": cut}))
        return rows

    def fixed(self) -> list[LedgerRow]:
        """What using a programme costs the municipality once and by the year."""
        rows = []
        for name in self.paid():
            programme = self.programmes[name]
            yearly = 0 if name in self._charged else programme.fixed_running_yen_per_year
            amounts = [(self.first, programme.fixed_cost_yen), *((year, yearly) for year in self.years[1:])]
            rows += [_row(year, "fixed", name, {"municipality": yen}) for year, yen in amounts if yen]
        return rows

    def yearly(self, offer: Mapping[str, Any]) -> tuple[str, dict[str, int]]:
        """The programme that pays most of a site's running costs ("": none), and who pays how much a year."""
        bearer, whole = self.bearer(offer), offer["running_yen_per_year"]
        fitting = [
            r
            for r in self.paid_yearly.get(offer["action_id"], [])
            if self.programmes[r["programme_id"]].to_municipality(self.applicant) == (bearer == "municipality")
        ]
        if not fitting:
            return "", {bearer: whole}
        best = max(fitting, key=lambda r: (r["subsidy_yen_per_year"], r["programme_id"]))
        shares = {p: int(best[f"{p}_yen_per_year"]) for p in PAYERS}
        shares[bearer] += whole - sum(shares.values())
        return best["programme_id"], shares

    def running(self) -> list[LedgerRow]:
        """What keeping it running adds, year by year."""
        sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for offer in self.chosen:
            name, shares = self.yearly(offer)
            for payer, yen in shares.items():
                sums[name][payer] += yen
        return [
            _row(year, "running", name, shares)
            for year in self.years[1:]
            for name, shares in sums.items()
            if any(shares.values())
        ]

    def devices(self, offer: Mapping[str, Any]) -> list[tuple[str, int, float]]:
        """Category, price and life of what an offer buys."""
        kept = self.upkeep.get(offer["action_id"], {})
        told = {"camera": kept.get("camera_life_years"), "installation": kept.get("camera_life_years")}
        told["recorder"] = kept.get("recorder_life_years")
        prices = [(c, int(offer[f"{c}_yen"]), told.get(c)) for c in COST_CATEGORIES]
        return [(c, yen, self.life[c] if life is None else life) for c, yen, life in prices if yen]

    def renewals(self) -> list[LedgerRow]:
        """What is renewed within the horizon, by whoever bears it."""
        sums: dict[tuple[int, str], int] = defaultdict(int)
        for offer in self.chosen:
            for _, yen, life in self.devices(offer):
                for after in due_years(life, self.horizon_years):
                    sums[self.first + after, self.bearer(offer)] += yen
        return [_row(year, "renewal", "", {payer: yen}) for (year, payer), yen in sorted(sums.items())]

    def horizon(self, rank: int, offer: Mapping[str, Any]) -> HorizonSite:
        """One site over the years, bought and leased."""
        years = self.horizon_years
        renewed = {c: yen * len(due_years(life, years)) for c, yen, life in self.devices(offer)}
        purchase = sum(offer[f"{c}_yen"] for c in COST_CATEGORIES)
        running = offer["running_yen_per_year"] * years
        avoided = self.baseline.avoided_yen(offer)
        leased = int(self.upkeep.get(offer["action_id"], {}).get("lease_yen_per_year", 0))
        bought = sum(offer[f"{c}_yen"] + renewed.get(c, 0) for c in COST_CATEGORIES if c not in LEASED)
        return HorizonSite(
            site_id=offer["action_id"],
            rank=rank,
            purchase_yen=purchase,
            running_yen=running,
            renewal_yen=sum(renewed.values()),
            avoided_yen=avoided,
            total_yen=purchase + running + sum(renewed.values()) - avoided,
            lease_yen_per_year=leased,
            lease_total_yen=bought + running + leased * years - avoided,
        )

    def lease(self) -> Commitment | None:
        """The promise that a lease of all the municipality's new devices would be."""
        own = [o["action_id"] for o in self.chosen if self.bearer(o) == "municipality"]
        yearly = sum(int(self.upkeep.get(a, {}).get("lease_yen_per_year", 0)) for a in own)
        years = round(assumptions.number("lease_years"))
        if not yearly:
            return None
        return Commitment(
            first_fiscal_year=self.first, years=years, yen_per_year=yearly, limit_yen=yearly * (years - 1)
        )

    def spending(self) -> list[Spending]:
        """The municipality's budget by category and year, what it hands on to local bodies included."""
        found: list[Spending] = []
        for offer in self.chosen:
            own = self.bearer(offer) == "municipality"
            handed = sum(self.handed(offer).values())
            found += [Spending(self.first, c, offer[f"{c}_yen"]) for c in COST_CATEGORIES if own]
            found += [] if own else [Spending(self.first, "subsidy", handed)]
            found += [spent for year in self.years[1:] for spent in self._yearly_spending(offer, year, own=own)]
            for category, yen, life in self.devices(offer) if own else []:
                found += [Spending(self.first + n, category, yen) for n in due_years(life, self.horizon_years)]
        found += [Spending(r.fiscal_year, "application", r.total_yen, first=False) for r in self.fixed()]
        return [s for s in found if s.yen]

    def revenues(self) -> list[Revenue]:
        """What state and prefecture pay into the municipality's budget, the cuts of whole applications taken off."""
        found = []
        for offer in self.chosen:
            own = self.bearer(offer) == "municipality"
            name, shares = self.yearly(offer)
            handed = self.handed(offer)
            for payer in _GRANTORS:
                found.append(Revenue(self.first, payer, offer[f"{payer}_yen"] if own else handed[payer]))
                if own or _through(self.programmes.get(name)):
                    found += [Revenue(year, payer, shares.get(payer, 0)) for year in self.years[1:]]
        for row in self.cuts():
            found += [Revenue(row.fiscal_year, p, getattr(row.payers, f"{p}_yen")) for p in _GRANTORS]
        return found

    def _yearly_spending(self, offer: Mapping[str, Any], year: int, *, own: bool) -> list[Spending]:
        """Running costs of one site in one year as the municipality books them."""
        if own:
            kept = self.upkeep.get(offer["action_id"], {})
            parts = {c: int(kept.get(f"{c}_yen_per_year", 0)) for c in YEARLY_CATEGORIES}
            parts["running"] += offer["running_yen_per_year"] - sum(parts.values())
            return [Spending(year, c, yen, first=False) for c, yen in parts.items()]
        name, shares = self.yearly(offer)
        handed = sum(yen for p, yen in shares.items() if p != "local_body")
        return [Spending(year, "subsidy", handed, first=False)] if _through(self.programmes.get(name)) else []

    def outreach(self) -> list[Outreach]:
        """For each site what is cheapest for the municipality if a local body agreed to install it."""
        table = self.offers.table
        here = _of(table, {o["action_id"] for o in self.chosen})
        open_ = here[here["why_not"] == "local_body_not_confirmed"].sort_values(["municipality_yen", "offer_id"])
        best = {r["action_id"]: r for r in reversed(records(open_))}
        return [
            Outreach(
                site_id=offer["action_id"],
                programme_id=asked["programme_id"],
                municipality_yen=asked["municipality_yen"],
                local_body_yen=asked["local_body_yen"],
                other_yen=asked["national_yen"] + asked["prefecture_yen"],
            )
            for offer in self.chosen
            if (asked := best.get(offer["action_id"])) is not None
        ]


def _through(programme: Programme | None) -> bool:
    """Whether what a programme pays to a local body passes through the municipality: where it is one of the funders."""
    return programme is not None and "municipality" in (set(programme.funders) or {programme.payer})


def _row(year: int, nature: Nature, programme_id: str, shares: Mapping[str, int]) -> LedgerRow:
    """One row of the ledger."""
    amounts = {f"{p}_yen": int(shares.get(p, 0)) for p in PAYERS}
    return LedgerRow(
        fiscal_year=year,
        nature=nature,
        programme_id=programme_id,
        payers=Payers(**amounts),
        total_yen=sum(amounts.values()),
    )


def _of(table: pd.DataFrame, action_ids: Iterable[str]) -> pd.DataFrame:
    """The rows of some actions."""
    return table[table["action_id"].isin(set(action_ids))]
