"""What a plan is bound to besides coverage: days to keep, hosts to ask, goals to report. Parts of the document."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from planner.programmes import Programme


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Warned(_Frozen):
    """A sentence by code: ``warning.<code>`` in the text catalogues."""

    code: str
    values: dict[str, Any] = {}


class OutsidePart(_Frozen):
    """A standing camera that does not keep what the limits ask, and what would mend it (保存期間不適合).

    ``fault``: too_short, too_long, unknown. ``remedy``: extend (a longer recorder, or a new card), shorten (a setting), ask (the
    owner states the days), none (no recorder of the list fits). ``cost_yen``: at list price, None where nothing is bought.
    """

    camera_id: str
    owner: str
    use: str
    address: str
    nominal_days: float | None
    min_days: float | None
    max_days: float | None
    limit_origin: str
    fault: str
    remedy: str
    tier_days: float | None
    cost_yen: int | None
    running_yen_per_year: int | None
    decision: str


class KeptPart(_Frozen):
    """Share of one group's offences whose footage is still there after so many days, with its band."""

    offence_group: str
    days: float
    share: float
    low: float
    high: float


class StoragePart(_Frozen):
    """Footage of the sites of one kind: cameras on one recorder, bit rate of one, days, gigabytes with their band."""

    width_px: int
    cameras: int
    days: float
    sites: int
    mbit_per_s: float
    size_gb: float
    low_gb: float
    high_gb: float
    carrier: str


class AddedPart(_Frozen):
    """What one change would add: expected offences a year within view whose footage is still there, and its cost."""

    gain_per_year: float
    low_per_year: float
    high_per_year: float
    cost_yen: int | None
    running_yen_per_year: int | None
    days: float | None = None
    address: str = ""  # where one camera more would stand
    allowed: bool = True  # within the limits on days


class WeighedPart(_Frozen):
    """One place (or, with no id, the whole plan): longer footage against an agreement that shortens the handling."""

    place_id: str
    kind: str
    address: str
    retention_days: float | None
    longer: AddedPart
    agreement: AddedPart


class StepPart(_Frozen):
    """One step that was done."""

    step: str
    done_on: str
    document_number: str


class HostPart(_Frozen):
    """How far one site is, what is still to do, and when it can be ready (dates empty: no day to count from)."""

    site_id: str
    state: str
    steps: list[StepPart]
    remaining: list[str]
    days: int
    low_days: int
    high_days: int
    ready_on: str
    latest_on: str
    warnings: list[Warned]


class RemovedPart(_Frozen):
    """Offers that a rule took away (``programme_id`` empty: own money)."""

    rule: str
    programme_id: str
    offers: int
    actions: int


class KpiPart(_Frozen):
    """One indicator that the municipality controls; None: not known, or only the municipality can state it."""

    code: str
    unit: str
    baseline: float | None
    targets: list[float | None]


class DetectablePart(_Frozen):
    """Recorded offences as a reference: the smallest fall that a comparison of two equal periods can tell from chance."""

    offence_group: str
    expected_per_year: float
    years: int
    detectable_share: float | None  # None: not even a fall to nothing could be told


class Duties(_Frozen):
    """The parts together."""

    kept: list[KeptPart] = []
    handling_days: tuple[float, float, float] = (0.0, 0.0, 0.0)  # least, assumed, most
    agreement_days: float = 0.0
    outside: list[OutsidePart] = []
    storage: list[StoragePart] = []
    weighed: list[WeighedPart] = []
    one_more: AddedPart | None = None
    hosts: list[HostPart] = []
    kpi: list[KpiPart] = []
    fiscal_years: list[int] = []  # of the targets; empty: the first, second ... year of the plan
    detectable: list[DetectablePart] = []
    removed: list[RemovedPart] = []
    programmes: list[Programme] = []
