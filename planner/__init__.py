"""Where the next street security cameras should go, which ones, for how many days, and who pays."""

__version__ = "0.1.0"

from planner import gdal_guard, kernel_cache  # noqa: F401 - the allow-list must stand, old kernels go, before any room is imported
