"""Shapes made fit for use before anything else touches them: ordinates, dimensions, kinds, validity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from planner.assumptions import number
from planner.errors import InputError, Question
from planner.ingest.ledger import TEXT_LIMIT, Ledger

_FAMILY = {0: "point", 4: "point", 1: "line", 2: "line", 5: "line", 3: "polygon", 6: "polygon"}  # by shapely type id
_COLLECTION = 7
_POLYGONS = (3, 6)
_PAIRS = 4_000_000  # pairs of segments looked at in one go
_SHOWN = 10


@dataclass(frozen=True)
class Layer:
    """What a message about a layer names."""

    role: str
    file: str
    allowed: tuple[str, ...]  # geometry types of the role's table
    common: bool = False  # drawn by the public (OpenStreetMap): nobody here can be asked about a shape


def kept(shapes: NDArray[Any], which: NDArray[np.bool_]) -> NDArray[Any]:
    """The shapes, None where they are not kept."""
    out = shapes.copy()
    out[~which] = None
    return out


def ordinate_reasons(shapes: NDArray[Any], layer: Layer) -> list[str]:
    """Per geometry why it must not reach GEOS: ``coordinate_absurd`` or ``geometry_too_large``; "" when it may.

    Only the coordinates are looked at: predicates of GEOS have been seen to fail on NaN and on ordinates that no
    map has.

    Raises
    ------
    InputError
        ``layer_too_large``: more vertices than the assumption ``layer_vertices``.
    """
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    if len(xy) > number("layer_vertices"):
        told = {"role": layer.role, "file": layer.file, "number": len(xy), "limit": number("layer_vertices")}
        raise InputError("layer_too_large", f"{layer.file}: {len(xy)} vertices", **told)
    reasons = np.full(len(shapes), "", dtype=object)
    reasons[np.bincount(owner, minlength=len(shapes)) > number("geometry_vertices")] = "geometry_too_large"
    odd = ~(np.abs(xy) <= number("ordinate_limit_m")).all(axis=1)  # NaN is no more than anything
    reasons[np.unique(owner[odd])] = "coordinate_absurd"
    return [str(r) for r in reasons]


def flattened(shapes: NDArray[Any], layer: Layer, ledger: Ledger) -> tuple[NDArray[Any], NDArray[np.float64] | None]:
    """Two dimensions, and the highest z of each shape (m, NaN where it has none); None when no shape has a height."""
    deep = shapely.has_z(shapes) | shapely.has_m(shapes)
    if not deep.any():
        return shapes, None
    ledger.corrected(
        "heights_flattened",
        layer.role,
        layer.file,
        "geometry",
        [(int(at) + 1, "3D", "2D") for at in np.flatnonzero(deep)],
    )
    xyz, owner = shapely.get_coordinates(shapes, include_z=True, return_index=True)
    z_m = np.full(len(shapes), -np.inf)
    known = np.isfinite(xyz[:, 2])
    np.maximum.at(z_m, owner[known], xyz[known, 2])
    return np.asarray(shapely.force_2d(shapes)), np.where(np.isfinite(z_m), z_m, np.nan)


def sorted_kinds(shapes: NDArray[Any], layer: Layer, ledger: Ledger) -> NDArray[Any]:
    """Collections opened, and shapes of a kind that is not this role's asked about.

    Of a collection the parts of the role's kind stay (B078). Several kinds in one layer are a question (B076): what
    is not chosen is set aside later as another kind of geometry.
    """
    wanted = {_FAMILY[int(shapely.GeometryType[kind.upper()])] for kind in layer.allowed}
    out = shapes.copy()
    types = shapely.get_type_id(shapes)
    opened = []
    for at in np.flatnonzero(types == _COLLECTION):
        parts = [p for p in shapely.get_parts(shapes[at]) if _FAMILY.get(shapely.get_type_id(p)) in wanted]
        if parts and len({_FAMILY[shapely.get_type_id(p)] for p in parts}) == 1:
            out[at] = _gathered(parts)
            opened.append((int(at) + 1, shapes[at].wkt[:TEXT_LIMIT], out[at].wkt[:TEXT_LIMIT]))
    ledger.corrected("collection_opened", layer.role, layer.file, "geometry", opened)
    families = [_FAMILY.get(int(t), "") for t in shapely.get_type_id(out)]
    present = sorted(set(families) - {""})
    usable = [family for family in present if family in wanted]
    if usable and len(usable) < len(present):
        told = {"role": layer.role, "file": layer.file, **{f"{f}s": families.count(f) for f in set(_FAMILY.values())}}
        ours = "_".join(usable)
        ledger.ask(Question("kinds_mixed", layer.role, layer.file, ours, (ours,), told))
    return out


def _gathered(parts: list[Any]) -> Any:
    """One shape of several of one family."""
    if len(parts) == 1:
        return parts[0]
    singles = shapely.get_parts(np.array(parts, dtype=object))
    made = {"point": shapely.multipoints, "line": shapely.multilinestrings, "polygon": shapely.multipolygons}
    return made[_FAMILY[shapely.get_type_id(singles[0])]](singles)


def repaired(shapes: NDArray[Any], why: list[str], layer: Layer, ledger: Ledger) -> tuple[NDArray[Any], list[str]]:
    """Polygons made valid: what they cover stays, ring by ring (shells united, holes taken out).

    Parameters
    ----------
    shapes
        In the study's CRS (m).
    why
        Reason per shape so far.
    layer
        For the messages.
    ledger
        Takes the correction ``polygon_repaired`` with the area before and after, and the question ``repair_area``
        where a repair changes an area by more than the assumption ``repair_share`` (not of a common source: nobody in
        the town hall drew it or could say).

    Returns
    -------
    (NDArray, list[str])
        The shapes and the reasons, with ``geometry_zero_area`` for what encloses nothing, ``geometry_too_complex``
        where a repair would cost too much, ``geometry_invalid`` where the planner does not want it.
    """
    out, reasons = shapes.copy(), list(why)
    usable = np.array([not r for r in why], dtype=bool) & np.isin(shapely.get_type_id(shapes), _POLYGONS)
    bad = np.flatnonzero(usable & ~shapely.is_valid(kept(shapes, usable)))
    doubtful: list[tuple[float, int, tuple[int, str, str]]] = []
    mended: list[tuple[int, str, str]] = []
    for at in bad.tolist():
        if _tangled(shapes[at]):
            reasons[at] = "geometry_too_complex"
            continue
        whole = shapely.make_valid(_without_stray_holes(shapes[at]), method="structure", keep_collapsed=False)
        if whole.is_empty or whole.area == 0:
            reasons[at] = "geometry_zero_area"
            continue
        before_m2, after_m2 = float(shapes[at].area), float(whole.area)
        change = abs(after_m2 - before_m2) / after_m2
        entry = (at + 1, f"{before_m2:.1f} m2 {shapes[at].wkt}", f"{after_m2:.1f} m2 {whole.wkt}")
        out[at] = whole
        if change > number("repair_share"):
            doubtful.append((change, at, entry))
        else:
            mended.append(entry)
    if doubtful and (layer.common or _ask_repair(doubtful, layer, ledger) == "repair"):
        mended += [entry for _, _, entry in doubtful]
    else:
        for _, at, _ in doubtful:
            out[at], reasons[at] = shapes[at], "geometry_invalid"
    ledger.corrected("polygon_repaired", layer.role, layer.file, "geometry", sorted(mended))
    return out, reasons


def _without_stray_holes(shape: Any) -> Any:
    """A polygon without holes that lie outside its shell (the repair would fill them)."""
    if shape.geom_type != "Polygon":
        return shape
    shell = shapely.Polygon(shape.exterior)
    holes = [hole for hole in shape.interiors if shapely.box(*hole.bounds).intersects(shapely.box(*shell.bounds))]
    return shapely.Polygon(shape.exterior, holes)


def _ask_repair(doubtful: list[tuple[float, int, tuple[int, str, str]]], layer: Layer, ledger: Ledger) -> str:
    """Ask about repairs that change an area: repaired or set aside."""
    largest = max(change for change, _, _ in doubtful)
    listed = tuple(
        f"{line}: {before.split(' P')[0]} -> {after.split(' P')[0]}" for _, _, (line, before, after) in doubtful
    )
    preview = {"repair": tuple(text.split(" M")[0] for text in listed[:_SHOWN])}
    told = {"role": layer.role, "file": layer.file, "number": len(doubtful), "share": largest}
    choices = ("repair", "set_aside")
    return ledger.ask(Question("repair_area", layer.role, layer.file, "repair", choices, told, preview=preview))


def _tangled(shape: Any) -> bool:
    """Whether its edges cross so often that a repair would not end in time or memory (assumption ``repair_crossings``)."""
    xy, ring = shapely.get_coordinates(shapely.get_parts(shapely.boundary(shape)), return_index=True)
    edges = shapely.linestrings(np.stack([xy[:-1], xy[1:]], axis=1)[ring[:-1] == ring[1:]])
    tree = shapely.STRtree(edges)
    crossings = -3 * len(edges)  # an edge meets itself and its two neighbours
    step = max(1, _PAIRS // max(1, len(edges)))
    for begin in range(0, len(edges), step):
        crossings += tree.query(edges[begin : begin + step], predicate="intersects").shape[1]
        if crossings > 2 * number("repair_crossings"):
            return True
    return False
