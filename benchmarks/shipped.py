"""Writes planner/risk/coefficients.csv: the log-linear models of street offences and burglary, learned from exact points.

``python -m benchmarks.shipped FOLDER`` with ``incidents_2013_2016.parquet``, ``street_blocks.parquet``, ``places.parquet``. Units
are street blocks (hundred-blocks): each incident belongs to the nearest one. Only features that a Japanese town folder has.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree

from benchmarks import city as cities
from benchmarks.risk_update import update
from planner.risk import prior
from planner.risk.features import measure
from planner.risk.surface import summed
from planner.risk.town import SHIPPED_LAYERS

OUT = Path(__file__).parent.parent / "planner" / "risk" / "coefficients.csv"
SOURCE = (
    "City of Chicago incident portal 2013-2016 (public GitHub repository chicagocrimedata/datastore commit aaf7939); licensed food "
    "premises 2011-14 (Chicago/food-inspections-evaluation); penalised Poisson regression on street blocks, benchmarks/shipped.py"
)
LIMITS = "one North American grid city; points displaced within the block; weaker elsewhere; replaced as soon as a town has points"
BLOCK_KM2 = 0.25
UNLIKE = "street_"  # one point per block is not metres of street: length is the size of a unit, not a feature


def main() -> None:
    """Fit both models and write the table."""
    folder = Path(sys.argv[1])
    city = cities.read(folder / "street_blocks.parquet", folder / "places.parquet")
    incidents = cities.table(folder / "incidents_2013_2016.parquet")
    street = city.layers["street"]
    at = np.column_stack([street.east_m, street.north_m])
    layers = {name: city.layers[name] for name in SHIPPED_LAYERS}
    features = measure(city.units, layers, street.east_m, street.north_m)
    features = features.only(tuple(name for name in features.names if not name.startswith(UNLIKE)))
    label = city.areas(BLOCK_KM2, 0)[np.maximum(city.units.cell_of(street.east_m, street.north_m), 0)]
    one = np.ones(len(at))
    rows = []
    for kind in ("street", "burglary"):
        mine = incidents[incidents["kind"] == kind][["east_m", "north_m"]].to_numpy()
        number = np.bincount(cKDTree(at).query(mine)[1], minlength=len(at)).astype(np.float64)
        model = prior.fit_log_linear(features, number, one, prior.RIDGE_POINTS)
        totals = summed(label, number, int(label.max()) + 1)
        made = update(model.intensity(features), label, totals, number, one)
        rows += [(kind, "intercept", model.intercept)]
        rows += [(kind, name, value) for name, value in zip(model.names, model.coefficients, strict=True)]
        rows += [(kind, "dispersion", 1 / made.unit_alpha)]
    with OUT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["kind", "feature", "coefficient", "training_city", "source", "limits"])
        for kind, name, value in rows:
            writer.writerow([kind, name, f"{value:.5f}", "Chicago", SOURCE, LIMITS])


if __name__ == "__main__":
    main()
