"""What today's cameras see, as intervals, and which of them could go: part ``today`` of the plan."""

from __future__ import annotations

from planner.frames import Demand, Today
from planner.plan import document as doc
from planner.plan.recount import records
from planner.plan.values import share_of
from planner.settings import Settings


def today_part(found: Today, demand: Demand, settings: Settings) -> doc.TodayPart:
    """Shares before the plan with what is unknown at its worst, as assumed and at its best, and each camera's own.

    ``spare``: cameras of ours without which at most ``coverage.spare_per_year`` would be lost, smallest loss first.
    """
    total = float(demand.expected.sum())
    shares = {
        f"covered_share_{end}": share_of(float(found.offences[f"{end}_per_year"].sum()), total)
        for end in ("low", "assumed", "high")
    }
    cameras = [doc.TodayCamera(**{**row, "unknown": row["unknown"].split()}) for row in records(found.cameras)]
    limit = settings.coverage.spare_per_year
    spare = sorted(
        (c for c in cameras if c.removable and c.alone_per_year <= limit), key=lambda c: (c.alone_per_year, c.camera_id)
    )
    return doc.TodayPart(
        **shares,
        offences=[doc.TodayOffence(**row) for row in records(found.offences)],
        cameras=cameras,
        spare=[c.camera_id for c in spare],
        spare_per_year=limit,
        repairs=[doc.RepairPart(**row) for row in records(found.repairs)],
    )
