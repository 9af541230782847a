"""How each exported list of sites is named in ``town.toml`` so that it is read back as standing cameras; docs/data.md shows it."""

from __future__ import annotations

READ_BACK = {
    "geojson": """[standing]
file = "sites.geojson"
columns = {camera_id = "id"}
""",
    "gpkg": """[standing]
file = "plan.gpkg"
layer = "sites"
columns = {camera_id = "id"}
""",
    "csv": """[standing]
file = "sites.csv"
columns = {camera_id = "箇所番号", lon = "経度（度）", lat = "緯度（度）", mount_id = "取付箇所番号", bearing_deg = "方位1（度）", \
angle_deg = "画角（度）", retention_days = "保存期間（日）"}
""",
    "xlsx": """[standing]
file = "plan.xlsx"
layer = "設置箇所"
columns = {camera_id = "箇所番号", lon = "経度（度）", lat = "緯度（度）", mount_id = "取付箇所番号", bearing_deg = "方位1（度）", \
angle_deg = "画角（度）", retention_days = "保存期間（日）"}
""",
}
READ_BACK["csv_cp932"] = READ_BACK["csv"].replace("sites.csv", "sites_cp932.csv")
