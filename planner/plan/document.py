"""The finished plan as a document: everything an export needs, and nothing that must stay inside.

Coordinates are ``[east_m, north_m]`` in the study's metric CRS (``town.epsg``); no spots and no offence
points are stored. Amounts are whole yen, offences are recorded offences a year.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from planner.frames import UNPLANNED
from planner.plan.advice import Advice
from planner.plan.duties import Duties
from planner.plan.money import Ledgers, Payers
from planner.plan.years import PhasePart

Ring = list[tuple[float, float]]
Polygons = list[list[Ring]]  # polygons -> rings (the outer one first) -> points


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Remark(_Frozen):
    """A sentence by code: ``note.<code>`` or ``why.<code>`` in the text catalogues."""

    code: str
    values: dict[str, Any] = {}


class TownPart(_Frozen):
    """Which municipality, in which metric CRS."""

    name: str
    code: str
    epsg: int
    applicant: str


class ZonePart(_Frozen):
    """What one camera sees in one class of pixels per metre, by day or what remains of it at night, simplified for drawing."""

    task: str
    pixels_per_m: float
    light: Literal["day", "night"]
    near_m: float
    far_m: float
    area_m2: float  # of the exact polygon
    polygons: Polygons


class ViewPart(_Frozen):
    """What one camera sees: an exact polygon between its near and far limit.

    ``plate_near_m``, ``plate_far_m``: from where to where it reads number plates (a far below near: nowhere); None in a plan
    written before that was told.
    """

    view_id: str
    bearing_deg: float
    angle_deg: float
    near_m: float
    far_m: float
    pixels_per_m: float  # at far_m
    area_m2: float
    polygons: Polygons
    plate_near_m: float | None = None
    plate_far_m: float | None = None
    storage_gb_per_day: float | None = None  # decimal GB of one camera recorded all day; None: model unknown
    zones: list[ZonePart] = []


class Site(_Frozen):
    """One place where something changes."""

    site_id: str
    offer_id: str
    rank: int
    priority: Literal["A", "B", "C"]
    kind: str
    east_m: float
    north_m: float
    mount_id: str
    mount_kind: str
    mount_state: str
    host: str
    camera_id: str
    area_id: str
    area_name: str
    district_id: str
    model_id: str
    model_name: str
    width_px: int | None
    tier_id: str
    retention_days: float | None
    min_days: float | None
    max_days: float | None
    limit_origin: str
    cameras: int
    views: list[ViewPart]
    programme_id: str
    cost_yen: dict[str, int]  # by cost category
    total_yen: int
    subsidy_yen: int
    payers: Payers
    running_yen_per_year: int  # difference from leaving everything as it is
    in_view_per_year: dict[str, float]  # by offence group, measure place: what this site sees
    front_per_year: dict[str, float]  # by offence group, measure front: seen in front of, never summed with place
    gain_per_year: float
    gain_low_per_year: float
    gain_high_per_year: float
    cumulative_gain_per_year: float
    precision: str
    nearest_standing_m: float | None
    reason: Remark
    address: str = ""  # nearest 地先 (a plan written before addresses were known has none)
    pole_number: str = ""
    fiscal_year: int | None = None  # when it is built, where the money comes a year at a time
    again_share: float | None = None  # of resamples of the demand: how often a plan made anew has a site here


class StandingPart(_Frozen):
    """One camera of today and what the plan does with it."""

    camera_id: str
    east_m: float
    north_m: float
    owner: str
    use: str
    working: bool | None
    retention_days: float | None
    locked_until: str
    count_share: float
    within_limits: bool | None
    decision: str  # keep, extend, renew, repair, remove
    views: list[ViewPart]
    in_view_per_year: dict[str, float]


class TodayCamera(_Frozen):
    """What one camera of today sees alone (place offences a year), with what is unknown at either end."""

    camera_id: str
    low_per_year: float
    assumed_per_year: float
    high_per_year: float
    alone_per_year: float  # lost without it, the others staying
    removable: bool
    unknown: list[str]  # bearing, angle, range, days, working


class TodayOffence(_Frozen):
    """All cameras of today together, one offence group."""

    offence_group: str
    low_per_year: float
    assumed_per_year: float
    high_per_year: float


class RepairPart(_Frozen):
    """A broken camera of ours and what it would add if it were repaired (place offences a year)."""

    camera_id: str
    gain_per_year: float


class TodayPart(_Frozen):
    """What today's cameras see, as an interval, and those of ours whose removal loses next to nothing."""

    covered_share_low: float
    covered_share_assumed: float
    covered_share_high: float
    offences: list[TodayOffence]
    cameras: list[TodayCamera]
    spare: list[str]
    spare_per_year: float
    repairs: list[RepairPart] = []  # most first


class AreaPart(_Frozen):
    """One town block: what was recorded, what is expected, what is within view."""

    area_id: str
    name: str
    district_id: str
    households: float | None
    recorded: float
    expected_per_year: float
    low_per_year: float
    high_per_year: float
    uniform_per_year: float
    place_per_year: float
    before_per_year: float
    after_per_year: float
    polygons: Polygons
    police_station: str = ""  # whose jurisdiction it is; "" where nothing tells


class LimitZone(_Frozen):
    """One zone in which cameras are refused or their days are limited, and who says so."""

    zone_id: str
    rule: str  # of frames.ZONE_RULES
    limit_days: float | None
    origin: str
    polygons: Polygons


class DistrictPart(_Frozen):
    """One district: sites, and the burden and benefit it gets."""

    district_id: str
    sites: int
    cameras: int
    standing: int
    households: float | None
    expected_per_year: float
    place_per_year: float
    before_per_year: float
    after_per_year: float


class MeasurePart(_Frozen):
    """What is within view of one measure, before and after; measures are never summed.

    ``measure``: ``place``, ``front``, or ``target:`` and a kind of target or the id of one; ``district_id`` "": everywhere.
    """

    measure: str
    district_id: str
    covered_share_before: float
    covered_share_after: float
    floor_share: float | None  # the least share that was asked for


class Offence(_Frozen):
    """One offence group over the whole municipality (offences a year)."""

    offence_group: str
    expected_per_year: float
    place_per_year: float
    front_per_year: float
    owner_only_per_year: float
    before_per_year: float
    after_per_year: float
    front_before_per_year: float
    front_after_per_year: float


class LedgerPart(_Frozen):
    """Money of one programme (id empty: own money only)."""

    programme_id: str
    name_ja: str
    name_en: str
    sites: int
    cameras: int
    cost_yen: int
    subsidy_yen: int
    payers: Payers
    source: str


class FrontierPart(_Frozen):
    """The best plan found for one municipal budget, and what no plan can exceed."""

    municipality_yen: int
    spent_yen: int
    sites: int
    value: float
    bound: float
    gap: float
    status: str
    offer_ids: list[str]
    marginal_per_million_yen: float | None = None  # a plan written before it was told has neither
    knee: bool = False

    @property
    def planned(self) -> bool:
        """Whether there is a plan for this budget (one that changes nothing is one too)."""
        return self.status not in UNPLANNED


class SettingPart(_Frozen):
    """One setting in force and where it came from."""

    key: str
    value: Any
    origin: str
    unit: str


class SourcePart(_Frozen):
    """One input file and where its rows went."""

    role: str
    file: str
    sha256: str
    rows: int
    accepted: int
    set_aside: int
    duplicate: int
    outside: int
    encoding: str
    note: str


class AssumptionPart(_Frozen):
    """One number from the world."""

    name: str
    value: float
    unit: str
    low: float
    high: float
    source: str


class RunPart(_Frozen):
    """When and how long; stands outside plan_id."""

    created_at: str
    seconds: float
    work: dict[str, int]


class RobustPart(_Frozen):
    """The worst of ``number`` resamples of the demand, offences a year.

    Of this plan, a bound on that of every plan, and of the plan for expected demand.
    """

    number: int
    worst: float
    bound: float
    gap: float
    expected_worst: float


class Plan(_Frozen):
    """A funded camera plan with a proven bound."""

    schema_version: Literal[1] = 1
    plan_id: str
    mark: Literal["internal_draft"] = "internal_draft"
    code_version: str
    town: TownPart
    status: Literal["optimal", "within_gap", "stopped", "infeasible"]
    value: float
    bound: float
    gap: float
    proven_by: Literal["prices", "cuts", "tree", ""] = (
        ""  # `frames.ProvenBy`; a plan written before it was told does not say
    )
    expected_offences_per_year: float
    covered_share_before: Annotated[float, Field(ge=0, le=1)]
    covered_share_after: Annotated[float, Field(ge=0, le=1)]
    payers: Payers
    total_yen: int
    running_yen_per_year: int
    cameras: int
    offences: list[Offence]
    sites: list[Site]
    standing: list[StandingPart]
    areas: list[AreaPart]
    districts: list[DistrictPart]
    ledger: list[LedgerPart]
    frontier: list[FrontierPart]
    settings: list[SettingPart]
    sources: list[SourcePart]
    table_hashes: dict[str, str]
    assumptions: list[AssumptionPart]
    notes: list[Remark]
    duties: Duties | None = None  # a plan of the frontier, and one written before they were known, has none
    run: RunPart
    today: TodayPart | None = None
    ledgers: Ledgers | None = None  # a plan written before ledgers were kept has none
    measures: list[MeasurePart] = []  # a plan written before other measures were counted has none
    robust: RobustPart | None = None  # where the worst case was made best
    advice: Advice | None = None  # a plan of the frontier, and one written before it was known, has none
    phases: list[PhasePart] = []  # by fiscal year, where the money comes a year at a time
    limit_zones: list[LimitZone] = []  # a plan written before they were told has none

    def setting(self, key: str) -> Any:
        """The value of a setting that the plan was made with; None: not set, or not known then."""
        return next((s.value for s in self.settings if s.key == key), None)

    def police_station(self, site: Site) -> str:
        """The police station in whose jurisdiction a site stands; "" where nothing tells."""
        return next((a.police_station for a in self.areas if a.area_id == site.area_id), "")
