"""Only four GDAL drivers may ever open a file: the allow-list, set before GDAL registers its drivers.

GDAL picks the driver by content: a text that names another file or an address (VRT, GDALG, WFS, ...) would be
followed whatever the file is called. ``OGR_SKIP`` and ``GDAL_SKIP`` are read once, when pyogrio is first imported,
so ``set_environment`` must run before; ``require`` then proves that the list holds.
"""

from __future__ import annotations

import os

from planner.errors import InputError

ALLOWED = ("ESRI Shapefile", "FlatGeobuf", "GPKG", "GeoJSON")

# All drivers known to GDAL 3.6-3.12 builds of pyogrio and of the distributions; one that is new and not named
# here is found by `require`, which refuses to read rather than to trust.
SKIPPED = (
    *("ADBC", "AIVector", "AmigoCloud", "AVCBin", "AVCE00", "BAG", "CAD", "Carto", "CSV", "CSW", "DGN", "DWG", "DXF"),
    *("EDIGEO", "EEDA", "Elastic", "Elasticsearch", "ESRIJSON", "FileGDB", "GDALG", "Geoconcept", "GeoJSONSeq"),
    *("GeoRSS", "GML", "GMLAS", "GPSBabel", "GPX", "GTFS", "HANA", "HTTP", "IDB", "Idrisi", "INGRES", "Interlis 1"),
    *("Interlis 2", "JML", "JP2ECW", "JP2OpenJPEG", "JSONFG", "KML", "LIBKML", "LVBAG", "MapInfo File", "MapML"),
    *("MBTiles", "MEM", "Memory", "MiraMonVector", "MongoDBv3", "MSSQLSpatial", "MVT", "MySQL", "NAS", "netCDF", "NGW"),
    *("OAPIF", "OCI", "ODBC", "ODS", "OGCAPI", "OGDI", "OGR_GMT", "OGR_PDS", "OGR_VRT", "OpenFileGDB", "OSM"),
    *("Parquet", "Arrow", "PCIDSK", "PDF", "PDS4", "PGDUMP", "PGeo", "PLSCENES", "PMTiles", "PostgreSQL", "REC"),
    *("S57", "Selafin", "SOSI", "SQLite", "SVG", "SXF", "TIGER", "TopoJSON", "UK .NTF", "VDV", "VFK", "VICAR", "VRT"),
    *("Walk", "WAsP", "WFS", "XLS", "XLSX", "XODR"),
)


def set_environment() -> None:
    """Name the drivers that GDAL shall leave out; without effect once GDAL stands in memory."""
    os.environ["OGR_SKIP"] = ",".join(SKIPPED)
    os.environ["GDAL_SKIP"] = ",".join(SKIPPED)


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
