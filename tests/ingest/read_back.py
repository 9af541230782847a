"""How each exported list of sites is named in ``town.toml`` so that it is read back as standing cameras; docs/data.md shows it."""

from __future__ import annotations

READ_BACK = {
    "geojson": """[standing]
file = "sites.geojson"
""",
    "gpkg": """[standing]
file = "plan.gpkg"
layer = "sites"
""",
    "csv": """[standing]
file = "sites.csv"
""",
    "xlsx": """[standing]
file = "plan.xlsx"
layer = "設置箇所"
""",
}
READ_BACK["csv_cp932"] = READ_BACK["csv"].replace("sites.csv", "sites_cp932.csv")
