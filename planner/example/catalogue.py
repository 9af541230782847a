"""What can be bought, who pays towards it, and what the town wishes: models, tiers, programmes, ``town.toml``."""

from __future__ import annotations

from planner.example.names import CODE, TOWN, district_id
from planner.example.scale import Scale

EPSG = 6677
# plausible: within 200,000 to 360,000 yen a camera in all, the range of published municipal totals
MODELS = [
    ("c2w", "広角 200万画素・画角100度（架空）", 1920, 100, 30, 50_000, 115_000, 15_000, 8_000, 13_000, "架空"),
    ("c4w", "標準 400万画素・画角90度（架空）", 2560, 90, 30, 78_000, 115_000, 15_000, 8_000, 13_000, "架空"),
    ("c4n", "狭角 400万画素・画角45度（架空）", 2560, 45, 45, 92_000, 120_000, 15_000, 8_000, 13_000, "架空"),
]
MODELS_HEAD = [
    "model_id",
    "name",
    "width_px",
    "angle_deg",
    "infrared_m",
    "camera_yen",
    "installation_yen",
    "cable_yen",
    "signage_yen",
    "running_yen_per_year",
    "source",
]
TIERS = [  # plausible: the longer, the dearer
    ("d7", 7, 38_000, 0, "架空"),
    ("d14", 14, 52_000, 0, "架空"),
    ("d30", 30, 76_000, 1_500, "架空"),
]
TIERS_HEAD = ["tier_id", "retention_days", "recorder_yen", "running_yen_per_year", "source"]
# plausible, for CENTRE_PEOPLE people: some forty sites with what the programmes add
OWN_YEN_PER_PERSON = 100
RUNNING_YEN_PER_PERSON = 14
LOCAL_BODY_YEN_PER_PERSON = 10
ENVELOPE_YEN_PER_PERSON = 25
STATE_CAP_YEN_PER_PERSON = 55
FLOOR_SHARE = 0.02
TIGHT_RUNNING_YEN_PER_PERSON = 6  # two programmes less than the town has, so that running money binds
SPACING_M = 30


def _money(scale: Scale, per_person: int) -> int:
    """An amount in round 10,000 yen."""
    return max(1, round(scale.people * per_person / 10_000)) * 10_000


def programmes(scale: Scale) -> str:
    """The six made-up programmes; their shapes are those of grants.yaml."""
    envelope, cap = _money(scale, ENVELOPE_YEN_PER_PERSON), _money(scale, STATE_CAP_YEN_PER_PERSON)
    return f"""# 架空の補助・交付金制度（実在しません） / made-up programmes, none of them exists
programmes:
- id: kuni_half
  name_ja: 架空の国・地域安全交付金（2分の1、総額上限）
  name_en: made-up state grant for local safety (one half, capped in total)
  payer: national
  rate: 1/2
  cap_total_yen: {cap}
  rounding_yen: 1000
  eligible_categories: [camera, recorder, installation, cable, signage]
  kinds: [install, renew]
  source: 架空
- id: kuni_waku
  name_ja: 架空の国・重点支援交付金（定額、交付限度額まで）
  name_en: made-up state envelope (all of the cost, up to the sum allotted)
  payer: national
  rate: 1
  cap_total_yen: {envelope}
  eligible_categories: [camera, recorder, installation, signage]
  kinds: [install, extend]
  min_retention_days: 14
  source: 架空
- id: ken_gaitou
  name_ja: 架空の県・街頭防犯カメラ補助（3分の2、1台12万円まで、8台まで）
  name_en: made-up prefectural street camera subsidy (two thirds, up to 120,000 yen a camera, 8 cameras)
  payer: prefecture
  rate: 2/3
  cap_per_camera_yen: 120000
  max_units: 8
  rounding_yen: 1000
  eligible_categories: [camera, installation, signage]
  kinds: [install]
  source: 架空
- id: ken_koushin
  name_ja: 架空の県・防犯カメラ更新修繕補助（2分の1、1台6万円まで）
  name_en: made-up prefectural subsidy for renewal and repair (one half, up to 60,000 yen a camera)
  payer: prefecture
  rate: 1/2
  cap_per_camera_yen: 60000
  rounding_yen: 1000
  eligible_categories: [camera, recorder, installation, repair]
  kinds: [renew, repair, extend]
  source: 架空
- id: ken_chouki
  name_ja: 架空の県・長期保存促進補助（3分の1、対象経費は1台24万円まで、保存30日以上）
  name_en: made-up prefectural subsidy for long retention (one third of at most 240,000 yen a camera, 30 days or more)
  payer: prefecture
  rate: 1/3
  eligible_cost_cap_per_camera_yen: 240000
  max_units: 12
  rounding_yen: 1000
  eligible_categories: [camera, recorder, installation]
  kinds: [install, extend]
  min_retention_days: 30
  source: 架空
- id: shi_jichikai
  name_ja: 架空の市・自治会等防犯カメラ設置補助（4分の3、1箇所22万円まで、5箇所まで）
  name_en: made-up municipal subsidy for residents' associations (three quarters, up to 220,000 yen a site, 5 sites)
  payer: municipality
  recipient: local_body
  rate: 3/4
  cap_per_site_yen: 220000
  max_units: 5
  max_units_of: site
  rounding_yen: 1000
  eligible_categories: [camera, recorder, installation, signage]
  kinds: [install]
  max_retention_days: 30
  source: 架空
"""


def _floors(scale: Scale) -> str:
    """Floors of the two districts farthest from the station, as TOML."""
    ends = (0, scale.districts - 1) if scale.districts > 2 else ()
    return ", ".join(f'{{ id = "{district_id(d)}", floor_share = {FLOOR_SHARE} }}' for d in ends)


def thirty_days(scale: Scale) -> str:
    """Wishes for ``planner rules``: two programmes, the minimum raised to 30 days, running money that binds."""
    return f"""# 保存期間の下限を30日に引き上げたとき、どの規則が何件の代償を持つか（架空の条件）
# The minimum raised to 30 days: which rule costs what (made-up terms).
# planner rules DIR --settings DIR/thirty_days.toml

[programmes]
use = ["kuni_half", "ken_gaitou"]

[programmes.edit.ken_gaitou]
cap_per_camera_yen = 150000
max_units = 16
max_retention_days = 14
origin = "県の補助要綱（架空）"

[budget]
own_capital_yen = {_money(scale, OWN_YEN_PER_PERSON)}
running_yen_per_year = {_money(scale, TIGHT_RUNNING_YEN_PER_PERSON)}

[retention]
min_days = 30
min_origin = "緊急対策による警察の要望（架空）"
max_days = 30
max_origin = "市の防犯カメラ運用基準（架空）"

[rules]
spacing_m = {SPACING_M}
districts = [{_floors(scale)}]
"""


def town(scale: Scale) -> str:
    """The text of ``town.toml``."""
    rules = _floors(scale)
    return f"""# {TOWN}：実在しない市です。町並み、犯罪統計、制度、金額は全て作りものです。
# A made-up city: streets, records, programmes and prices are all invented.
# planner example DIR --seed {scale.seed} --people {scale.people}

[town]
name = "{TOWN}"
code = "{CODE}"
crs = "EPSG:{EPSG}"
applicant = "municipality"

[crime]
files = ["crime/*.csv"]
note = "架空の警察オープンデータ"

[counts]
file = "municipal/counts.csv"
columns = {{ area = "町丁目", offence = "罪種", period = "期間", number = "認知件数" }}

[areas]
file = "municipal/areas.geojson"

[streets]
file = "municipal/streets.geojson"

[walls]
file = "municipal/buildings.geojson"

[places]
file = "municipal/places.geojson"

[mounts]
file = "municipal/mounts.csv"

[standing]
file = "municipal/standing.csv"

[zones]
file = "municipal/zones.geojson"

[models]
file = "municipal/models.csv"

[tiers]
file = "municipal/tiers.csv"

[programmes]
file = "municipal/programmes.yaml"

[requests]
file = "municipal/requests.csv"

[targets]
file = "municipal/targets.geojson"

[steps]
file = "municipal/steps.csv"

[footage_log]
file = "municipal/footage_log.csv"

[budget]
own_capital_yen = {_money(scale, OWN_YEN_PER_PERSON)}
running_yen_per_year = {_money(scale, RUNNING_YEN_PER_PERSON)}
local_body_yen = {_money(scale, LOCAL_BODY_YEN_PER_PERSON)}

[retention]
min_days = 14
min_origin = "警察の要望（架空）"
max_days = 30
max_origin = "市の防犯カメラ運用基準（架空）"

[rules]
spacing_m = {SPACING_M}
max_per_mount = 1
districts = [{rules}]
"""
