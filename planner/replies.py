"""What each command answers with ``--json``: one value on one line, in these forms (``docs/cli.md``)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict

from planner import assumptions
from planner.frames import Imagined, Sightings
from planner.plan import Change, Cutbacks, Difference, PhasePart, PlacePart, Plan, Verdict, place_of
from planner.programmes import Programme
from planner.text import Language, knows, say

if TYPE_CHECKING:
    from planner.store import Review, Soundness, Version


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FaultReply(_Frozen):
    """One refusal: a code, the values it is about, and the sentence."""

    code: str
    sentence: str
    values: dict[str, Any]


def fault_reply(code: str, values: Mapping[str, Any], language: Language) -> FaultReply:
    """A refusal in the user's language; the code and its values where no sentence fits (never a crash over words)."""
    sentence = f"{code}: {dict(values)}"
    key = next((k for k in (f"error.{code}", f"question.{code}") if knows(k)), "")
    if key:
        with suppress(KeyError, ValueError, TypeError, IndexError, AttributeError):  # values that do not fit it
            sentence = say(language, key, **_in_words(values, language))
    return FaultReply(code=code, sentence=sentence, values=dict(values))


def _in_words(values: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """The values of a refusal, with the rules that fight named in the user's language."""
    if isinstance(limit := values.get("limit"), str) and knows(f"assumption.{limit}"):
        values = {**values, "limit": say(language, f"assumption.{limit}")}
    if isinstance(values.get("offences"), list):
        names = {row["offence"]: row[f"name_{language}"] for row in assumptions.rows("offences")}
        values = {**values, "offences": ("、" if language == "ja" else ", ").join(names[o] for o in values["offences"])}
    if "purpose" in values:
        values = {**values, "purpose": say(language, f"purpose.{values['purpose']}")}
    if isinstance(values.get("missing"), list):
        fields = [say(language, f"programme_field.{name}") for name in values["missing"]]
        values = {**values, "missing": ("、" if language == "ja" else ", ").join(fields)}
    if not isinstance(values.get("rules"), list):
        return dict(values)
    parts = []
    for rule in values["rules"]:
        name, _, about = rule["rule"].partition(":")
        facts = [say(language, f"rule.{k}", **{k: rule[k]}) for k in ("limit", "needed") if rule[k] is not None]
        told = (say(language, f"rule.{name}"), about, f"({', '.join(facts)})" if facts else "")
        parts.append(" ".join(p for p in told if p))
    return {**values, "listed": "; ".join(parts), "fight": _fight(values["rules"], parts, language)}


def _fight(rules: list[dict[str, Any]], parts: list[str], language: Language) -> str:
    """Own money against the cheapest plan that keeps the other rules, where that is what fights ("" otherwise)."""
    for at, rule in enumerate(rules):
        if rule["rule"] == "municipality_budget" and rule["needed"] is not None and len(rules) > 1:
            others = ("、" if language == "ja" else ", ").join(parts[:at] + parts[at + 1 :])
            return say(language, "rule.fight_budget", limit=rule["limit"], needed=rule["needed"], others=others)
    return ""


class ErrorReply(_Frozen):
    """Instead of any other reply when a command refuses (exit codes 1, 2, 3, 130)."""

    error: str
    exit_code: int
    faults: list[FaultReply]


class NoteReply(_Frozen):
    """Something odd but bearable."""

    code: str
    sentence: str
    values: dict[str, Any]


class FileReply(_Frozen):
    """Where the rows of one input file went; the four add up to ``rows``."""

    role: str
    file: str
    rows: int
    accepted: int
    set_aside: int
    duplicate: int
    outside: int
    encoding: str
    sha256: str


class ChoiceReply(_Frozen):
    """One answer to a question; ``preview``: how the first rows would be read."""

    value: str
    name: str
    preview: tuple[str, ...]


class QuestionReply(_Frozen):
    """What the planner must decide; any text may be the answer where there are no choices."""

    key: str
    code: str
    role: str
    file: str
    sentence: str
    proposal: str
    lasting: bool
    choices: list[ChoiceReply]


class CorrectionReply(_Frozen):
    """Cells that were read otherwise than they stand, of one kind."""

    code: str
    number: int
    sentence: str


class AsideReply(_Frozen):
    """Rows that are not used, of one role and reason; ``remedy`` may be empty."""

    role: str
    reason: str
    number: int
    sentence: str
    remedy: str


class CheckReply(_Frozen):
    """``check``: what is refused, asked, corrected, set aside and assumed.

    It is given with exit code 2 too (something is refused or unanswered); the town is null then.
    """

    exit_code: int
    town: str | None
    code: str | None
    epsg: int | None
    files: list[FileReply]
    rows: int
    accepted: int
    set_aside: int
    duplicate: int
    outside: int
    placed_in_area: int
    placed_in_city: int
    placed_at_point: int
    faults: list[FaultReply]
    questions: list[QuestionReply]
    corrections: list[CorrectionReply]
    set_aside_by_reason: list[AsideReply]
    notes: list[NoteReply]
    written: list[str]
    answers_file: str


class ValidationReply(_Frozen):
    """The last year held out; rows of ``validation_scores``, ``_deciles``, ``_districts`` (docs/glossary.md), unknown: null."""

    tested_from: str
    tested_until: str
    history_years: float
    level_predicted: float
    level_observed: float
    interval_share: float
    scores: list[dict[str, Any]]
    deciles: list[dict[str, Any]]
    districts: list[dict[str, Any]]
    notes: list[NoteReply]


class ScoreReply(_Frozen):
    """``score``: expected recorded offences a year; ``validation`` only where it was asked for."""

    out: str | None
    spots: int
    areas: int
    expected_offences_per_year: float
    by_offence: dict[str, float]
    by_measure: dict[str, float]
    validation: ValidationReply | None
    notes: list[NoteReply]
    seconds: float


class DensityZoneReply(_Frozen):
    """One class of pixels per metre of a view, by day or night."""

    task: str
    pixels_per_m: float
    near_m: float
    far_m: float
    light: str
    area_m2: float


class BlockerReply(_Frozen):
    """A building that bounds a view: its nearest visible point."""

    wall_id: str
    use: str
    distance_m: float
    bearing_deg: float


class LookedReply(_Frozen):
    """One view; offences a year at places by offence: by day, within view, counted, added to today's cameras."""

    east_m: float
    north_m: float
    height_m: float
    bearing_deg: float
    angle_deg: float
    model_id: str
    near_m: float
    far_m: float
    pixels_per_m: float  # at far_m
    night_far_m: float
    plate_near_m: float  # number plates are read from here
    plate_far_m: float  # to here; below plate_near_m: nowhere
    inside: bool
    zones: list[DensityZoneReply]
    blockers: list[BlockerReply]
    offences: list[dict[str, Any]]

    @classmethod
    def of(cls, seen: Imagined) -> LookedReply:
        """From what the coverage room gives."""
        view = seen.view
        names = ("east_m", "north_m", "height_m", "bearing_deg", "angle_deg", "model_id", "night_far_m")
        zones = seen.zones.drop(columns=["geometry", "view_id"]).to_dict("records")
        return cls(
            **{name: getattr(view, name) for name in names},
            near_m=seen.near_m,
            far_m=seen.far_m,
            pixels_per_m=seen.pixels_per_m,
            plate_near_m=seen.plate_near_m,
            plate_far_m=seen.plate_far_m,
            inside=seen.inside,
            zones=[DensityZoneReply(**{str(k): v for k, v in z.items()}) for z in zones],
            blockers=[BlockerReply(**{str(k): v for k, v in b.items()}) for b in seen.blockers.to_dict("records")],
            offences=[{str(k): v for k, v in o.items()} for o in seen.offences.to_dict("records")],
        )


class LookReply(_Frozen):
    """``look``: the views of a standing camera or of a site, as they are or as asked for."""

    views: list[LookedReply]
    files: list[str]


class SightingReply(_Frozen):
    """One camera that sees the place (``part`` place) or a street that leads away from it (way)."""

    camera_id: str
    part: Literal["place", "way"]
    certain: bool
    distance_m: float
    by_day: bool
    by_night: bool
    working: bool | None
    unknown: list[str]
    owner: str
    use: str
    host: str
    address: str
    retention_days: float | None
    clock_error_s: float | None
    kept_until_low: str
    kept_until_high: str
    overwritten: bool


class SawReply(_Frozen):
    """``saw``: the cameras to ask, and how much of the streets that lead away is in view (m)."""

    at: str
    cameras: list[SightingReply]
    ways_seen_m: float
    ways_m: float
    procedure: list[str]

    @classmethod
    def of(cls, found: Sightings, procedure: list[str]) -> SawReply:
        """From what the coverage room gives."""
        cameras = [
            SightingReply(
                **{str(k): v for k, v in row.items() if k not in _SIGHTING_WORDS},
                working=None if row["working"] not in (True, False) else bool(row["working"]),
                unknown=str(row["unknown"]).split(),
                retention_days=None if row["retention_days"] != row["retention_days"] else row["retention_days"],
                clock_error_s=None if row["clock_error_s"] != row["clock_error_s"] else row["clock_error_s"],
                kept_until_low=row["kept_until_low"].isoformat(),
                kept_until_high=row["kept_until_high"].isoformat(),
            )
            for row in found.cameras.drop(columns="geometry").astype({"working": object}).to_dict("records")
        ]
        length, seen = found.ways["length_m"], found.ways["seen"]
        return cls(
            at=found.at.isoformat(),
            cameras=cameras,
            ways_seen_m=float(length[seen].sum()),
            ways_m=float(length.sum()),
            procedure=procedure,
        )


_SIGHTING_WORDS = {"working", "unknown", "retention_days", "clock_error_s", "kept_until_low", "kept_until_high"}


class GapReply(_Frozen):
    """One block: what is expected at places, and what of it no standing camera sees."""

    place_per_year: float
    unseen_per_year: float


class GapsReply(_Frozen):
    """``gaps``: what no standing camera sees today, offences a year at places, in all and per area_id."""

    mark: str
    place_per_year: float
    unseen_per_year: float
    areas: dict[str, GapReply]
    files: list[str]


class RecordsReply(_Frozen):
    """``records``: what the records say; each table as rows (columns: docs/glossary.md); hour and weekday -1: unknown."""

    tables: dict[str, list[dict[str, Any]]]
    notes: list[NoteReply]


class ProgrammeReply(_Frozen):
    """One programme of a file: what it pays, what is missing before it can be priced, and what its source does not state."""

    id: str
    name_ja: str
    name_en: str
    payer: str
    recipient: str
    rate: str | None
    amount_per_site_yen: int | None
    cap_per_camera_yen: int | None
    cap_per_site_yen: int | None
    cap_total_yen: int | None
    eligible_cost_cap_per_camera_yen: int | None
    eligible_categories: list[str] | None
    first_fiscal_year: int | None
    last_fiscal_year: int | None
    priceable: bool
    missing: list[str]
    unknown: list[str]
    notes: list[NoteReply]

    @classmethod
    def of(cls, programme: Programme, notes: list[NoteReply]) -> ProgrammeReply:
        """One programme and what is doubtful about it."""
        return cls(
            **programme.model_dump(mode="json", include=set(cls.model_fields) - {"notes"}),
            priceable=not programme.missing,
            missing=list(programme.missing),
            unknown=list(programme.unknown),
            notes=notes,
        )


class ProgrammesReply(_Frozen):
    """``programmes``: every programme of a file."""

    file: str
    programmes: list[ProgrammeReply]


class StepReply(_Frozen):
    """One rule of a subsidy and what it made of the amount."""

    rule: str
    before_yen: int
    after_yen: int


class SubsidyReply(_Frozen):
    """``subsidy``: one camera at one site in one application; ``payers`` add up to all costs given."""

    id: str
    eligible_yen: int
    subsidy_yen: int
    payers: dict[str, int]
    steps: list[StepReply]
    notes: list[NoteReply]


class ZoneReply(_Frozen):
    """From where to where a camera does one task; m on the ground; ``far_m`` below ``near_m``: nowhere."""

    standard: str
    task: str
    pixels_per_m: float
    steepest_deg: float
    near_m: float
    far_m: float
    infrared_far_m: float
    lit_far_m: float
    usable: bool


class OpticsReply(_Frozen):
    """``optics``: what one camera can do from one height, and what it stores (decimal GB)."""

    zones: list[ZoneReply]
    bitrate_mbps: float
    storage_gb_per_day: float
    storage_gb: float
    shutter_s_at_40_km_h: float


class RuleReply(_Frozen):
    """One rule: its limit and what it costs in covered offences a year, with a proven interval."""

    rule: str
    limit: str
    cost_per_year: float
    low_per_year: float
    high_per_year: float


class RulesReply(_Frozen):
    """``rules``: the plan's value under all rules, and what each of them costs, dearest first."""

    value: float
    rules: list[RuleReply]


class PlanReply(_Frozen):
    """``plan``: the plan in figures; amounts in yen, offences a year."""

    plan_id: str
    status: Literal["optimal", "within_gap", "stopped", "infeasible"]
    value: float
    bound: float
    gap: float
    sites: int
    cameras: int
    national_yen: int
    prefecture_yen: int
    municipality_yen: int
    local_body_yen: int
    running_yen_per_year: int
    expected_offences_per_year: float
    covered_share_before: float
    covered_share_after: float
    covered_share_by_measure: dict[str, float]  # after the plan; measures are never summed
    value_by_offence: dict[str, float]
    phases: list[PhasePart]
    seconds: float
    files: list[str]

    @classmethod
    def of(cls, plan: Plan, files: list[str]) -> PlanReply:
        """The figures of one plan."""
        return cls(
            plan_id=plan.plan_id,
            status=plan.status,
            value=plan.value,
            bound=plan.bound,
            gap=plan.gap,
            sites=len(plan.sites),
            cameras=plan.cameras,
            **plan.payers.model_dump(),
            running_yen_per_year=plan.running_yen_per_year,
            expected_offences_per_year=plan.expected_offences_per_year,
            covered_share_before=plan.covered_share_before,
            covered_share_after=plan.covered_share_after,
            covered_share_by_measure={m.measure: m.covered_share_after for m in plan.measures if not m.district_id},
            value_by_offence={o.offence_group: o.after_per_year - o.before_per_year for o in plan.offences},
            phases=plan.phases,
            seconds=plan.run.seconds,
            files=files,
        )


class FrontierPointReply(_Frozen):
    """The best plan found for one municipal budget."""

    municipality_yen: int
    spent_yen: int
    sites: int
    value: float
    bound: float
    gap: float
    status: str
    marginal_per_million_yen: float | None
    knee: bool


class FrontierReply(_Frozen):
    """``frontier``: one point per budget."""

    out: str
    points: list[FrontierPointReply]
    seconds: float


class CellReply(_Frozen):
    """A cell that the file's encoding cannot hold as it stands: line of the file, heading, text."""

    line: int
    heading: str
    text: str


class ExportReply(_Frozen):
    """``export``: the files written, and the cells whose characters the encoding lacks."""

    plan_id: str
    files: list[str]
    unencodable: list[CellReply]


class ChangeReply(Change):
    """One place that the second plan treats otherwise, and why in words."""

    sentence: str


class CompareReply(Difference):
    """``compare``: what the second plan changes against the first."""

    changes: list[ChangeReply]


class PlaceReply(_Frozen):
    """One place; ``code``: ``chosen`` or why it is not; ``place``: the numbers behind the words, null where it is chosen."""

    place_id: str
    name: str
    distance_m: float | None
    site_id: str
    code: str
    sentences: list[str]
    place: PlacePart | None


class WhyReply(_Frozen):
    """``why``: of one place, or of those nearest to a point: chosen (``site_id``) or not, by which code, and why in words."""

    plan_id: str
    places: list[PlaceReply]


class AlternativeReply(_Frozen):
    """One plan: its value, bound and gap, what it loses against the first, and sites at places that the first uses too."""

    plan_id: str
    status: str
    value: float
    bound: float
    gap: float
    loss_per_year: float
    sites: int
    shared: int
    municipality_yen: int
    file: str


class AlternativesReply(_Frozen):
    """``alternatives``: the best plan first; fewer than asked for where no other plan keeps the rules."""

    most_shared: int
    plans: list[AlternativeReply]

    @classmethod
    def of(cls, plans: list[Plan], files: list[Path], most_shared: int) -> AlternativesReply:
        """Plans as they were made, the best first."""
        first = {place_of(s) for s in plans[0].sites}
        return cls(
            most_shared=most_shared,
            plans=[
                AlternativeReply(
                    **{name: getattr(made, name) for name in ("plan_id", "status", "value", "bound", "gap")},
                    loss_per_year=plans[0].value - made.value,
                    sites=len(made.sites),
                    shared=sum(place_of(s) in first for s in made.sites),
                    municipality_yen=made.payers.municipality_yen,
                    file=str(file),
                )
                for made, file in zip(plans, files, strict=True)
            ],
        )


class VerifyReply(Verdict):
    """``verify``: the stored plan counted again on the town's files, and its bound proven anew."""


class ExampleReply(_Frozen):
    """``example``: the made-up town folder that was written; ``bytes`` of all its files."""

    folder: str
    seed: int
    people: int
    files: list[str]
    bytes: int


class SeenReply(_Frozen):
    """One file (or layer) that ``init`` looked at; cells under ``hidden`` headings are not shown."""

    file: str
    layer: str | None
    kind: str
    role: str | None
    why: str
    rows: int
    headings: list[str]
    first_rows: list[list[str]]
    hidden: list[str]


class MissingReply(_Frozen):
    """A role without a file: what it is for, where to get it, what is assumed without it."""

    role: str
    required: bool
    meaning: str
    source: str
    absent: str


class InitReply(_Frozen):
    """``init``: what each file is, what is missing, and the settings file that was written."""

    written: str
    town: str | None
    code: str | None
    crs: str | None
    complete: bool
    files: list[SeenReply]
    missing: list[MissingReply]


class VersionReply(_Frozen):
    """``store save``: one saved version; it never changes."""

    plan_name: str
    number: int
    version_sha256: str
    parent_sha256: str
    remark: str
    author: str
    saved_at: str
    plan_id: str

    @classmethod
    def of(cls, version: Version) -> VersionReply:
        """The header of a version."""
        return cls(**{name: getattr(version, name) for name in cls.model_fields})


class VersionsReply(_Frozen):
    """``store list``: every version of every plan."""

    store: str
    versions: list[VersionReply]


class AnswerReply(_Frozen):
    """What a station said of one site, or suggested for a place (metres in the plan's CRS)."""

    site_id: str
    opinion: str
    comment: str
    station: str
    answered_on: str
    received_at: str
    east_m: float | None
    north_m: float | None

    @classmethod
    def of(cls, review: Review) -> AnswerReply:
        """One answer."""
        return cls(**{name: getattr(review, name) for name in cls.model_fields})


class StoredReply(_Frozen):
    """``store show``: one version and the answers to it."""

    version: VersionReply
    reviews: list[AnswerReply]
    out: str | None


class SoundnessReply(_Frozen):
    """``store verify`` and ``store backup``: what a store holds and what is wrong with it."""

    store: str
    plans: int
    versions: int
    reviews: int
    uploads: int
    records: int
    audit_sha256: str
    faults: list[NoteReply]

    @classmethod
    def of(cls, store: Path, found: Soundness, faults: list[NoteReply]) -> SoundnessReply:
        """One examination."""
        numbers = {name: getattr(found, name) for name in ("plans", "versions", "reviews", "uploads", "records")}
        return cls(store=str(store), **numbers, audit_sha256=found.audit_sha256, faults=faults)


class RestoreReply(_Frozen):
    """``store restore``: the store restored, and the file that keeps what stood there."""

    store: str
    former: str | None
    versions: int
    audit_sha256: str


class DoctorCheck(_Frozen):
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str


class DoctorReply(_Frozen):
    """``doctor``: whether this installation is whole."""

    ok: bool
    checks: list[DoctorCheck]


class CutbackReply(Cutbacks):
    """``cutback``: the plans beside the plan, and the files written."""

    files: list[str]
    seconds: float


REPLIES: dict[str, type[BaseModel]] = {
    "check": CheckReply,
    "score": ScoreReply,
    "look": LookReply,
    "saw": SawReply,
    "gaps": GapsReply,
    "records": RecordsReply,
    "programmes": ProgrammesReply,
    "subsidy": SubsidyReply,
    "optics": OpticsReply,
    "plan": PlanReply,
    "rules": RulesReply,
    "frontier": FrontierReply,
    "export": ExportReply,
    "compare": CompareReply,
    "why": WhyReply,
    "alternatives": AlternativesReply,
    "verify": VerifyReply,
    "cutback": CutbackReply,
    "example": ExampleReply,
    "init": InitReply,
    "doctor": DoctorReply,
    "store save": VersionReply,
    "store list": VersionsReply,
    "store show": StoredReply,
    "store verify": SoundnessReply,
    "store backup": SoundnessReply,
    "store restore": RestoreReply,
}
