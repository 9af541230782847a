"""Numbers the user chooses: unit, range, default. One field feeds check, widget, flag and docs.

``merge`` lays wishes over the defaults in order (defaults < town.toml < --settings < flags < widgets) and
remembers where each value came from.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from planner import assumptions
from planner.errors import SettingsError
from planner.programmes import Share, Yen

NO_LIMIT = "none"  # lifts what a weaker layer set, where the setting may be without a value: files know no null
MOST_DAYS = 365  # of handling: the longest that table ``tiers`` lets a recorder keep footage


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RiskSettings(_Frozen):
    """How recorded offences become expected offences."""

    spot_spacing_m: float = Field(5.0, ge=1.0, le=20.0, json_schema_extra={"unit": "m"})
    interval_share: float = Field(0.9, ge=0.5, le=0.99, json_schema_extra={"unit": "share"})
    bootstrap_rounds: int = Field(20, ge=0, le=500, json_schema_extra={"unit": "rounds"})


class PurposeSettings(_Frozen):
    """Which offences the plan is for (``purposes.csv``)."""

    profile: Literal["any_crime", "burglary_robbery", "street_crime", "school_route", "cycle_parking"] = "any_crime"


class CoverageSettings(_Frozen):
    """What counts as seen."""

    standard: Literal["iec_62676_4_2025", "dori_2014"] = "iec_62676_4_2025"
    task: str = "discern"
    night_required: bool = True
    handling_days: int = Field(3, ge=0, le=MOST_DAYS, json_schema_extra={"unit": "days"})
    handling_low_days: int | None = Field(None, ge=0, le=MOST_DAYS, json_schema_extra={"unit": "days"})
    handling_high_days: int | None = Field(None, ge=0, le=MOST_DAYS, json_schema_extra={"unit": "days"})
    agreement_days: int | None = Field(None, ge=0, le=60, json_schema_extra={"unit": "days"})
    on_request_share: float = Field(0.0, ge=0.0, le=1.0, json_schema_extra={"unit": "share"})
    unknown_use_share: float = Field(0.0, ge=0.0, le=1.0, json_schema_extra={"unit": "share"})
    spare_per_year: float = Field(0.01, ge=0.0, le=1000.0, json_schema_extra={"unit": "offences/year"})
    quality_steps: int = Field(16, ge=1, le=16, json_schema_extra={"unit": "steps"})

    @property
    def handling_band(self) -> tuple[float, float, float]:
        """Days from recognition to the copy: least, assumed, most. What is not stated comes from assumption ``handling_days``."""
        known, assumed = assumptions.all_assumptions()["handling_days"], float(self.handling_days)
        low = known.low if self.handling_low_days is None else float(self.handling_low_days)
        high = known.high if self.handling_high_days is None else float(self.handling_high_days)
        return min(low, assumed), assumed, max(high, assumed)


class BudgetSettings(_Frozen):
    """Limits on money."""

    own_capital_yen: int = Field(0, ge=0, le=100_000_000_000, json_schema_extra={"unit": "yen"})
    running_yen_per_year: int | None = Field(None, ge=0, le=10_000_000_000, json_schema_extra={"unit": "yen/year"})
    local_body_yen: int | None = Field(None, ge=0, le=100_000_000_000, json_schema_extra={"unit": "yen"})


class FundingSettings(_Frozen):
    """The fiscal year that the plan is for, and how its money is written down."""

    fiscal_year: int | None = Field(None, ge=2000, le=2100, json_schema_extra={"unit": "-"})  # None: today's
    horizon_years: int = Field(10, ge=1, le=30, json_schema_extra={"unit": "years"})
    bond_yen: int = Field(0, ge=0, le=100_000_000_000, json_schema_extra={"unit": "yen"})
    sections: dict[str, str] = {}  # cost category -> 節, where the municipality books otherwise

    @field_validator("sections")
    @classmethod
    def _known_sections(cls, value: dict[str, str]) -> dict[str, str]:
        rows = assumptions.rows("cost_categories")
        known = {r["category"] for r in rows}, {r[c] for r in rows for c in ("section", "yearly_section")} - {""}
        for named, allowed in zip((set(value), set(value.values())), known, strict=True):
            if named - allowed:
                raise ValueError(f"{sorted(named - allowed)}; known are {', '.join(sorted(allowed))}")
        return value


class RetentionSettings(_Frozen):
    """Footage must be kept this long and no longer, and who says so."""

    min_days: int | None = Field(None, ge=1, le=365, json_schema_extra={"unit": "days"})
    min_origin: str = ""
    max_days: int | None = Field(None, ge=1, le=365, json_schema_extra={"unit": "days"})
    max_origin: str = ""

    @model_validator(mode="after")
    def _min_not_above_max(self) -> RetentionSettings:
        if self.min_days is not None and self.max_days is not None and self.min_days > self.max_days:
            raise SettingsError(
                "retention_conflict",
                f"min_days {self.min_days} > max_days {self.max_days}",
                min_days=self.min_days,
                max_days=self.max_days,
                min_origin=self.min_origin or "-",
                max_origin=self.max_origin or "-",
            )
        return self


class DistrictRule(_Frozen):
    """What one district must get: numbers of changed sites, share of its place demand within view."""

    id: str
    min_sites: int | None = Field(None, ge=0, json_schema_extra={"unit": "sites"})
    max_sites: int | None = Field(None, ge=0, json_schema_extra={"unit": "sites"})
    floor_share: float | None = Field(None, ge=0.0, le=1.0, json_schema_extra={"unit": "share"})


class FloorRule(_Frozen):
    """Share of a measure that must be within view: offences at the place or in front, or spots of a policy target (P3).

    ``measure``: ``place``, ``front``, or ``target:`` and a kind of target or the id of one. ``district`` empty: everywhere.
    """

    measure: str = Field(pattern=r"^(place|front|target:.+)$")
    district: str = ""
    share: float = Field(ge=0.0, le=1.0, json_schema_extra={"unit": "share"})

    @property
    def name(self) -> str:
        """The name of the rule."""
        return f"floor:{self.measure}" + (f":{self.district}" if self.district else "")


class Wish(_Frozen):
    """A site that must (pin) or must not (ban) be chosen: who said so, when, and why (P14).

    ``site``: exactly one action, or a mount or standing camera: a pin asks for any installation, extension, repair or
    renewal there, a ban forbids every change.
    """

    site: str = Field(min_length=1)
    reason: Literal["police_opinion", "local_request", "not_feasible", "owner_refused", "policy", "negotiation"]
    who: str = ""
    when: str = ""


class ViewWish(_Frozen):
    """A view to be weighed beside those that the survey proposes: at a mount or standing camera, a model, a direction."""

    site: str = Field(min_length=1)
    model: str = Field(min_length=1)
    bearing_deg: float = Field(ge=0.0, lt=360.0, json_schema_extra={"unit": "deg"})


class RulesSettings(_Frozen):
    """Rules between sites.

    ``given``: the sites (action ids) of an earlier plan, from which at most ``max_changes`` may differ (P13). ``unlike``: the
    sites of each of several plans, of whose places at most ``most_shared`` may be used again: a clearly different plan.
    """

    spacing_m: float = Field(0.0, ge=0.0, le=5000.0, json_schema_extra={"unit": "m"})
    max_per_mount: int = Field(1, ge=1, le=2, json_schema_extra={"unit": "views"})
    moves: bool = False  # standing cameras of ours may be taken down and hung elsewhere
    districts: tuple[DistrictRule, ...] = ()
    floors: tuple[FloorRule, ...] = ()
    pins: tuple[Wish, ...] = ()
    bans: tuple[Wish, ...] = ()
    views: tuple[ViewWish, ...] = ()
    given: tuple[str, ...] = ()
    max_changes: int | None = Field(None, ge=0, json_schema_extra={"unit": "sites"})
    unlike: tuple[tuple[str, ...], ...] = ()
    most_shared: int | None = Field(None, ge=0, json_schema_extra={"unit": "sites"})

    @model_validator(mode="after")
    def _each_rule_once(self) -> RulesSettings:
        names = [*(f"district {rule.id}" for rule in self.districts), *(floor.name for floor in self.floors)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise SettingsError(
                "rule_twice", f"given twice: {twice[:5]}", number=len(twice), rules=", ".join(twice[:5])
            )
        return self


class ScheduleSettings(_Frozen):
    """The administrative year: when the work is done, when the grant is decided, how long the plan runs."""

    as_of: dt.date | None = Field(None, json_schema_extra={"unit": "-"})
    grant_decision_on: dt.date | None = Field(None, json_schema_extra={"unit": "-"})
    plan_years: int = Field(3, ge=1, le=10, json_schema_extra={"unit": "years"})
    # own capital of each of the plan's years; None: all of it in the first
    yearly_own_yen: int | None = Field(None, ge=1, le=100_000_000_000, json_schema_extra={"unit": "yen/year"})


class CriteriaSettings(_Frozen):
    """By which criteria sites are to be chosen, and the day on which they were settled, before the plan is computed (P14)."""

    text: str = Field("", max_length=2000)
    decided_on: dt.date | None = Field(None, json_schema_extra={"unit": "-"})


class Contract(_Frozen):
    """What a tender made of one site's price: the contract, and the municipality's part as it was planned and as it is."""

    site: str = Field(min_length=1)
    planned_yen: int = Field(ge=0, json_schema_extra={"unit": "yen"})
    contract_yen: int = Field(ge=0, json_schema_extra={"unit": "yen"})
    municipality_yen: int = Field(ge=0, json_schema_extra={"unit": "yen"})


class TenderSettings(_Frozen):
    """Contracts behind a plan that spends what a tender left: told in the plan, whose own amounts stay the planned ones (P18)."""

    contracts: tuple[Contract, ...] = ()


class ReviewSettings(_Frozen):
    """Whom to ask about which site: district -> police station, for areas of which the files do not tell it (P33)."""

    police_stations: dict[str, str] = {}


class ProgrammeEdit(_Frozen):
    """What the user knows better about one programme, and from where."""

    rate: Share | None = None
    cap_per_camera_yen: Yen | None = None
    cap_per_site_yen: Yen | None = None
    cap_total_yen: Yen | None = None
    max_units: int | None = Field(None, ge=0)
    max_units_of: Literal["camera", "site"] | None = None
    min_retention_days: int | None = Field(None, ge=1)
    max_retention_days: int | None = Field(None, ge=1)
    min_public_share: Share | None = None
    min_distance_m: float | None = Field(None, ge=0.0)
    stackable: bool | None = None
    stacks_on: tuple[str, ...] | None = None
    joint: bool | None = None
    power: Literal["mains", "solar"] | None = None
    public_share: Share | None = None
    origin: str = ""


class ProgrammesSettings(_Frozen):
    """Which of the town's programmes may pay (None: every one), and terms that the user states otherwise."""

    use: tuple[str, ...] | None = None
    edit: dict[str, ProgrammeEdit] = Field({})


class SitingSettings(_Frozen):
    """When the search may end, counted in work, never in time."""

    gap_goal: float = Field(0.02, ge=0.0, le=1.0, json_schema_extra={"unit": "share"})
    search_rounds: int = Field(60, ge=0, le=100_000_000, json_schema_extra={"unit": "rounds"})
    dual_rounds: int = Field(400, ge=1, le=100_000, json_schema_extra={"unit": "rounds"})
    mip_nodes: int = Field(200, ge=0, le=10_000_000, json_schema_extra={"unit": "nodes"})
    # resamples of the demand in which the plan is made again, and plans made to find the best worst of them (0: neither)
    resamples: int = Field(10, ge=0, le=50, json_schema_extra={"unit": "rounds"})
    robust_rounds: int = Field(0, ge=0, le=50, json_schema_extra={"unit": "rounds"})
    frontier_steps: int = Field(50, ge=0, le=500, json_schema_extra={"unit": "budgets"})
    seed: int = Field(0, ge=0, le=2**31 - 1, json_schema_extra={"unit": "-"})


class Settings(_Frozen):
    """Everything the user may choose."""

    risk: RiskSettings = RiskSettings()
    purpose: PurposeSettings = PurposeSettings()
    coverage: CoverageSettings = CoverageSettings()
    budget: BudgetSettings = BudgetSettings()
    funding: FundingSettings = FundingSettings()
    retention: RetentionSettings = RetentionSettings()
    rules: RulesSettings = RulesSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    programmes: ProgrammesSettings = ProgrammesSettings()
    tender: TenderSettings = TenderSettings()
    criteria: CriteriaSettings = CriteriaSettings()
    review: ReviewSettings = ReviewSettings()
    siting: SitingSettings = SitingSettings()

    @model_validator(mode="after")
    def _robust_at_once(self) -> Settings:
        if self.siting.robust_rounds and self.schedule.yearly_own_yen is not None:
            raise SettingsError("robust_in_years", "robust_rounds and yearly_own_yen together")
        return self


@dataclass(frozen=True)
class Merged:
    """The settings in force and where each value came from (``"budget.own_capital_yen" -> "flag"``)."""

    settings: Settings
    origins: Mapping[str, str]


def nearest(name: str, known: Sequence[str]) -> str:
    """The known name most like a mistyped one ("-" when none is near)."""
    return next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.5)), "-")


def _check_keys(layer: Mapping[str, Any], origin: str) -> None:
    for section, values in layer.items():
        field = Settings.model_fields.get(section)
        if field is None or not isinstance(values, Mapping):
            raise SettingsError(
                "unknown_setting",
                f"{section} is not a settings table",
                key=section,
                origin=origin,
                nearest=nearest(section, list(Settings.model_fields)),
            )
        known = list(type(field.default).model_fields)
        for key in values:
            if key not in known:
                raise SettingsError(
                    "unknown_setting",
                    f"{section}.{key} is not a setting",
                    key=f"{section}.{key}",
                    origin=origin,
                    nearest=nearest(key, known),
                )


def _may_be_unset(section: str, key: str) -> bool:
    """Whether a setting has no value until somebody gives it one."""
    return type(Settings.model_fields[section].default).model_fields[key].default is None


def merge(*layers: tuple[str, Mapping[str, Any]]) -> Merged:
    """Lay wishes over the defaults; later layers win.

    Parameters
    ----------
    layers
        ``(origin, {"budget": {"own_capital_yen": 1}})`` pairs, weakest first. None is no wish; ``"none"`` lifts what weaker
        layers set, where a setting may be without a value.

    Raises
    ------
    SettingsError
        ``unknown_setting`` (with the nearest name), ``setting_refused`` (type or range),
        ``retention_conflict`` (min_days > max_days), ``rule_twice`` (two rules of one district, two floors on one measure).
    """
    wishes: dict[str, dict[str, Any]] = {}
    origins = {
        f"{section}.{key}": "default"
        for section, field in Settings.model_fields.items()
        for key in type(field.default).model_fields
    }
    for origin, layer in layers:
        _check_keys(layer, origin)
        for section, values in layer.items():
            for key, value in values.items():
                if value is not None:
                    lifted = value == NO_LIMIT and _may_be_unset(section, key)
                    wishes.setdefault(section, {})[key] = None if lifted else value
                    origins[f"{section}.{key}"] = origin
    try:
        settings = Settings.model_validate(wishes)
    except ValidationError as error:
        first = error.errors()[0]
        told = first.get("ctx", {}).get("error")
        if isinstance(told, SettingsError):  # a rule between settings, raised by its own model
            raise told from error
        key = ".".join(str(part) for part in first["loc"])
        raise SettingsError(
            "setting_refused",
            f"{key}: {first['msg']}",
            key=key,
            value=str(first["input"])[:80],
            reason=first["msg"],
            origin=origins.get(".".join(str(p) for p in first["loc"][:2]), "-"),
        ) from error
    return Merged(settings, origins)


def at_budget(merged: Merged, own_capital_yen: int, origin: str) -> Merged:
    """The same settings with another limit on the municipality's own money."""
    budget = merged.settings.budget.model_copy(update={"own_capital_yen": own_capital_yen})
    settings = merged.settings.model_copy(update={"budget": budget})
    return Merged(settings, {**merged.origins, "budget.own_capital_yen": origin})
