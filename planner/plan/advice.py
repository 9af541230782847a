"""What else could be done, as parts of the document: exchanges, places left out, prices of wishes, answers to requests."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict

Code = Literal[
    "spacing", "seen", "rule", "outbid", "room", "banned", "not_buyable", "nothing", "refused", "zone", "unusable"
]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExchangePart(_Frozen):
    """One site given up: the best plan that undoes just this change and makes at most one other elsewhere.

    ``change_per_year``: of covered offences; None: no single exchange keeps the rules (``instead_id`` is empty then, and
    where nothing that fits adds anything). ``least_loss_per_year``: no plan without a change at this place loses less (proven).
    ``year_over``: there is one, but it would pass the own capital of a fiscal year, so that it is not told.
    """

    site_id: str
    instead_id: str
    place_id: str
    address: str
    change_per_year: float | None
    municipality_yen: int | None  # more (or less) own capital than now
    least_loss_per_year: float
    year_over: bool = False


class PlacePart(_Frozen):
    """A mount or standing camera at which the plan changes nothing, and why.

    ``code``: ``refused`` (its owner), ``zone`` (no_install), ``unusable`` (in a building or outside every area), ``not_buyable``
    (rules took every offer out: ``rules``), ``banned``, ``nothing`` (films nothing that counts and is not filmed already),
    ``spacing`` (``near_site_id``), ``seen`` (all it would film is within view already), ``rule`` (``rules``), ``outbid`` (no
    money left: others cover more for it), ``room`` (it would fit: the search was cut). The most promising offer there:
    what it would add to the plan as it is, its own capital, who would have to go for it (``out_site_id``), how the value
    would change by that, and what any plan with a change there loses at least (proven; 0: the bound cannot tell). ``year_over``
    as of an exchange. ``replaced``: other options at the place that it stands for, as they cover no more and cost no less.
    """

    place_id: str
    east_m: float
    north_m: float
    address: str
    code: Code
    rules: list[str] = []
    site_id: str = ""
    gain_per_year: float | None = None
    municipality_yen: int | None = None
    near_site_id: str = ""
    out_site_id: str = ""
    change_per_year: float | None = None
    least_loss_per_year: float | None = None
    year_over: bool = False
    replaced: int = 0


class PricePart(_Frozen):
    """What a pin, a ban, a floor or keeping to an earlier plan costs in covered offences a year (P14), as an interval."""

    rule: str
    limit: str
    who: str
    when: str
    cost_per_year: float
    low_per_year: float
    high_per_year: float


class RequestPart(_Frozen):
    """One request of the register, answered: 採択, 予備 or 不採択, and why (P37).

    ``reason``: ``site`` (a planned site films the place), ``standing`` (a camera of today does), ``near`` (a planned site is near by), ``instead`` (next
    after ``site_id``), ``at_budget`` (planned with ``budget_yen``), ``no_candidate``, or a code of ``PlacePart`` for ``place_id``.
    """

    request_id: str
    received_on: str
    requester: str
    wish: str
    east_m: float
    north_m: float
    answer: Literal["adopted", "reserve", "declined"]
    reason: str
    place_id: str = ""
    site_id: str = ""
    camera_id: str = ""
    budget_yen: int | None = None
    nearest_site_id: str = ""
    nearest_m: float | None = None


class Advice(_Frozen):
    """The parts together."""

    exchanges: list[ExchangePart] = []
    places: list[PlacePart] = []
    prices: list[PricePart] = []
    requests: list[RequestPart] = []

    def place(self, place_id: str) -> PlacePart | None:
        """A place by the id of its mount or camera, or of its group (``m:`` or ``c:`` and that id)."""
        return next((p for p in self.places if place_id in (p.place_id, p.place_id[2:])), None)


class _Placed(Protocol):
    @property
    def east_m(self) -> float: ...
    @property
    def north_m(self) -> float: ...


Placed = TypeVar("Placed", bound=_Placed)


def nearest(parts: Iterable[Placed], east_m: float, north_m: float) -> list[tuple[float, Placed]]:
    """Parts by their distance from a point, m."""
    away = [(math.hypot(p.east_m - east_m, p.north_m - north_m), p) for p in parts]
    return sorted(away, key=lambda pair: pair[0])
