"""How large the made-up town is, and where its numbers come from: one stream of random numbers per part."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

PEOPLE = (2_000, 500_000)  # plausible: from one neighbourhood to a core city
PEOPLE_PER_BLOCK = 2_000  # people per 町丁目; plausible: about 900 households each, as in dense suburbs
M2_PER_PERSON = 60.0  # m2 of all land per person; plausible: 16,700 people per km2, a dense suburb of a metropolis
PEOPLE_PER_HOUSEHOLD = 2.2  # people; plausible: a little below the national average of 2020
PEOPLE_PER_DISTRICT = 12_000  # people per elementary school district; plausible
CENTRE_PEOPLE = 60_000  # people for which the sizes in metres of the town centre are stated


@dataclass(frozen=True)
class Scale:
    """The wish: seed and people, and the sizes that follow from them."""

    seed: int
    people: int

    @property
    def area_m2(self) -> float:
        """Land, m2."""
        return self.people * M2_PER_PERSON

    @property
    def blocks(self) -> int:
        """Number of 町丁目 to aim at."""
        return max(2, round(self.people / PEOPLE_PER_BLOCK))

    @property
    def districts(self) -> int:
        """Number of school districts."""
        return max(1, round(self.people / PEOPLE_PER_DISTRICT))

    @property
    def centre(self) -> float:
        """How much larger the centre is than that of a town of ``CENTRE_PEOPLE`` (its radius, as a factor)."""
        return float((self.people / CENTRE_PEOPLE) ** 0.25)

    def stream(self, part: str) -> np.random.Generator:
        """Random numbers of one part of the town; a change in one part leaves the others as they are."""
        return np.random.default_rng([self.seed, self.people, zlib.crc32(part.encode())])
