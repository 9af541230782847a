"""On what prices rest: consumption tax, day and number of quotations (P17); how long devices last; what leasing them costs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner import assumptions
from planner.errors import Note
from planner.frames import Inputs

Whole = NDArray[np.int64]
_PER_MILLE = 1000  # tax rates are told to a thousandth


def with_tax(prices: pd.DataFrame) -> pd.DataFrame:
    """A table of prices (``models``, ``tiers``) with tax in all its yen columns; what says nothing is with tax.

    Formula: ``floor(price * (1 + rate))``, rate = ``tax_share`` of the row, else the assumption ``consumption_tax_share``.
    """
    without = ~prices["tax_included"].fillna(value=True).to_numpy(dtype=bool)
    if not without.any():
        return prices
    shares = prices["tax_share"].fillna(assumptions.number("consumption_tax_share")).to_numpy(dtype=np.float64)
    factor = np.where(without, _PER_MILLE + np.rint(shares * _PER_MILLE), _PER_MILLE).astype(np.int64)
    yen = [c for c in prices.columns if c.endswith(("_yen", "_yen_per_year"))]
    return prices.assign(**{c: _raised(prices[c], factor) for c in yen})


def _raised(column: pd.Series[int], factor: Whole) -> pd.Series[int]:
    """Each price times its factor, cut to whole yen; what is not known stays so."""
    raised: pd.Series[int] = column * factor // _PER_MILLE
    return raised.astype(column.dtype)


def life_years(prices: pd.DataFrame, row: NDArray[np.intp], category: str) -> NDArray[np.float64]:
    """Years until renewal of the device in each row of a table of prices (-1: no device, the standard), shape of ``row``.

    What a table does not say is taken from ``cost_categories.csv``.
    """
    standard = next(
        float(r["service_life_years"]) for r in assumptions.rows("cost_categories") if r["category"] == category
    )
    lives = prices["service_life_years"].fillna(standard).to_numpy(dtype=np.float64)
    return np.asarray(np.append(lives, standard)[row], dtype=np.float64)


def lease(prices: pd.DataFrame, row: NDArray[np.intp], price: Whole, number: Whole) -> Whole:
    """What leasing devices costs a year instead of their ``price``, yen, shape of ``row``; 0 where there is no device.

    Parameters
    ----------
    prices
        ``lease_yen_per_year`` of one device; where unknown the price times the assumption ``lease_share_per_year``, rounded up.
    row
        Row of ``prices``, -1 where there is none.
    price, number
        Of all devices of the action together, yen; how many they are.
    """
    stated = np.append(prices["lease_yen_per_year"].fillna(-1).to_numpy(dtype=np.int64), -1)[row]
    estimated = np.ceil(price * assumptions.number("lease_share_per_year")).astype(np.int64)
    return np.asarray(np.where(price == 0, 0, np.where(stated >= 0, stated * number, estimated)), dtype=np.int64)


def basis_notes(inputs: Inputs) -> tuple[Note, ...]:
    """How many prices of models and tiers are undated, old, without tax or from too few quotations."""
    quoted = pd.concat([inputs.models["quoted_on"], inputs.tiers["quoted_on"]])
    included = pd.concat([inputs.models["tax_included"], inputs.tiers["tax_included"]]).fillna(value=True)
    quotations = pd.concat([inputs.models["quotations"], inputs.tiers["quotations"]])
    today = pd.Timestamp.now(tz="Asia/Tokyo").tz_localize(None)
    old = quoted < today - pd.Timedelta(days=assumptions.number("price_age_days"))
    few = quotations < assumptions.number("quotations_number")
    first = str(quoted[old].min().date()) if old.any() else "-"
    found: tuple[tuple[str, int, dict[str, str]], ...] = (
        ("prices_undated", int(quoted.isna().sum()), {}),
        ("prices_old", int(old.sum()), {"date": first}),
        ("prices_without_tax", int((~included.astype(bool)).sum()), {}),
        ("prices_few_quotations", int(few.sum()), {}),
    )
    return tuple(Note(code, {"number": number, **more}) for code, number, more in found if number)
