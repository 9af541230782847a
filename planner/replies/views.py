"""What ``look``, ``saw``, ``gaps`` and ``optics`` answer."""

from __future__ import annotations

from typing import Any, Literal

from planner.frames import Imagined, Sightings
from planner.replies.faults import Frozen


class DensityZoneReply(Frozen):
    """One class of pixels per metre of a view, by day or night."""

    task: str
    pixels_per_m: float
    near_m: float
    far_m: float
    light: str
    area_m2: float


class BlockerReply(Frozen):
    """A building that bounds a view: its nearest visible point."""

    wall_id: str
    use: str
    distance_m: float
    bearing_deg: float


class LookedReply(Frozen):
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


class LookReply(Frozen):
    """``look``: the views of a standing camera or of a site, as they are or as asked for."""

    views: list[LookedReply]
    files: list[str]


class SightingReply(Frozen):
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
    contact: str
    use: str
    host: str
    address: str
    retention_days: float | None
    clock_error_s: float | None
    kept_until_low: str
    kept_until_high: str
    overwritten: bool


class SawReply(Frozen):
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


class GapReply(Frozen):
    """One block: what is expected at places, and what of it no standing camera sees."""

    place_per_year: float
    unseen_per_year: float


class GapsReply(Frozen):
    """``gaps``: what no standing camera sees today, offences a year at places, in all and per area_id."""

    mark: str
    place_per_year: float
    unseen_per_year: float
    areas: dict[str, GapReply]
    files: list[str]


class ZoneReply(Frozen):
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


class OpticsReply(Frozen):
    """``optics``: what one camera can do from one height, and what it stores (decimal GB)."""

    zones: list[ZoneReply]
    bitrate_mbps: float
    storage_gb_per_day: float
    storage_gb: float
    shutter_s_at_40_km_h: float
