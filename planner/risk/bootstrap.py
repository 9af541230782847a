"""How much the place model would differ had other records been drawn from the same town: the bootstrap over records and fits."""

from __future__ import annotations

import numpy as np

from planner.risk import prior as place
from planner.risk.masses import PriorMasses, Records, Support
from planner.risk.shrink import pooling
from planner.risk.surface import Numbers, summed

_SEED = 0


def refitted(support: Support, records: Records, found: PriorMasses, rounds: int, group: int) -> Numbers:
    """Prior mass of the units in each round of resampling, shape (rounds, units); no row where nothing was fitted here.

    Parameters
    ----------
    support, records
        Of one offence group.
    found
        Its prior masses: which prior was fitted from the records, and its mass.
    rounds
        Number of resamples, each as many records as there are, drawn with replacement.
    group
        Position of the group: each has its own draws.

    Notes
    -----
    Only the fit is made anew; it is then updated with the records as they are, whose own chance is in the posterior (Laird
    and Louis 1987). The dispersion is that of the records: redrawn ones scatter twice, and a fit that took this for differences between
    blocks would heed them too little. A model from points is log-linear times trees: the log-linear half is refitted, the trees are held, and
    what they miss is in the dispersion around the points.
    """
    rng = np.random.default_rng([_SEED, group])
    features, size = support.features, support.size
    made = np.empty((rounds if found.prior in ("totals", "points") else 0, len(size)))
    if len(made) == 0:
        return made
    if found.prior == "totals":
        totals = records.totals @ records.weight
        alpha = pooling(totals, summed(support.label, found.mass, len(totals)))
        power = support.power(totals)
        for one in made:
            one[:] = support.of_totals(_redrawn(records.totals, rng) @ records.weight, power, alpha)
        return made
    shown = size * records.seen
    known = records.points * (records.seen > 0)[:, None]

    def plain(points: Numbers) -> Numbers:
        return place.fit_log_linear(features, points @ records.weight, shown, place.RIDGE_POINTS).intensity(features)

    whole = plain(known)
    for one in made:
        one[:] = found.mass * np.sqrt(plain(_redrawn(known, rng)) / whole)
    return made


def _redrawn(number: Numbers, rng: np.random.Generator) -> Numbers:
    """As many records as there are in a table of numbers, drawn from it with replacement."""
    total = number.sum()
    drawn = rng.multinomial(round(total), (number / total).ravel())
    return np.asarray(drawn.reshape(number.shape) * (total / max(round(total), 1)), dtype=np.float64)
