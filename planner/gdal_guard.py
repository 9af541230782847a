"""Only five GDAL drivers may ever open a file: the allow-list, set before GDAL registers its drivers.

GDAL picks the driver by content: a text that names another file or an address (VRT, GDALG, WFS, ...) would be
followed whatever the file is called. ``OGR_SKIP`` is read once, when pyogrio is first imported, so
``set_environment`` must run before; ``require`` then proves that the list holds.
"""

from __future__ import annotations

import os

from planner.errors import InputError

ALLOWED = ("ESRI Shapefile", "FlatGeobuf", "GPKG", "GeoJSON", "OSM")

# The other vector drivers of the locked pyogrio (0.13, GDAL 3.12), by the names GDAL itself gives them (naming one that
# is not there makes GDAL complain). A driver that another build brings is found by `require`, which refuses to read.
SKIPPED = (
    *("ADBC", "AIVector", "AVCBin", "AVCE00", "AmigoCloud", "CSV", "CSW", "Carto", "DGN", "DXF", "EDIGEO", "EEDA"),
    *("ESRIJSON", "Elasticsearch", "GDALG", "GML", "GPSBabel", "GPX", "GTFS", "GeoJSONSeq", "GeoRSS", "HTTP", "Idrisi"),
    *("JML", "JSONFG", "KML", "LIBKML", "LVBAG", "MBTiles", "MEM", "MVT", "MapInfo File", "MapML", "MiraMonVector"),
    *("NGW", "OAPIF", "ODS", "OGCAPI", "OGR_GMT", "OGR_PDS", "OGR_VRT", "OpenFileGDB", "PCIDSK", "PDF", "PDS4"),
    *("PGDUMP", "PLSCENES", "PMTiles", "S57", "SQLite", "SXF", "Selafin", "TopoJSON", "VDV", "VFK", "VICAR", "WAsP"),
    *("WFS", "XLSX"),
)


def set_environment() -> None:
    """Name the drivers that GDAL shall leave out; without effect once GDAL stands in memory."""
    os.environ["OGR_SKIP"] = ",".join(SKIPPED)


def require() -> None:
    """Make sure that no driver but the allowed ones is there.

    Raises
    ------
    InputError
        ``gdal_unguarded``: pyogrio was imported before this package, or GDAL knows a driver that we do not.
    """
    import pyogrio

    others = sorted(set(pyogrio.list_drivers()) - set(ALLOWED))
    if others:
        raise InputError(
            "gdal_unguarded",
            f"GDAL holds {len(others)} drivers outside the allow-list: {others[:5]}",
            number=len(others),
            drivers=", ".join(others[:5]),
        )


set_environment()
