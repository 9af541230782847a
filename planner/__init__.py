"""Where the next street security cameras should go, which ones, for how many days, and who pays."""

__version__ = "0.1.0"

from planner import gdal_guard  # noqa: F401 - GDAL's allow-list must stand before any room imports pyogrio
