"""A plan in; map, tables, files and page out."""

from planner.show.demand import write_demand
from planner.show.doors import Format, export, export_coverage, write_all, write_frontier
from planner.show.draw import draw
from planner.show.files import load, save
from planner.show.mapspec import MapSpec, describe
from planner.show.words import sentence

__all__ = [
    "Format",
    "MapSpec",
    "describe",
    "draw",
    "export",
    "export_coverage",
    "load",
    "save",
    "sentence",
    "write_all",
    "write_demand",
    "write_frontier",
]
