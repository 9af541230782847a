"""Worked examples of every shape of rule: the sums were done by hand and stand beside the programme.

``docs/funding.md`` shows them, ``test_examples.py`` holds the calculator against them. The programmes are made up; their
shapes are those of real ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from planner.programmes import Programme, When

PLAIN = {"camera": 200_000, "installation": 100_000}
MUNICIPAL = {"payer": "municipality", "recipient": "local_body"}


@dataclass(frozen=True)
class Example:
    """One sum: the rule it shows, the programme, the costs, the circumstances, and the result with its way in words."""

    rule_ja: str
    rule_en: str
    terms: dict[str, Any]
    costs: dict[str, int]
    subsidy_yen: int
    sum: str
    facts: When = field(default_factory=When)
    cameras: int = 1
    payers: dict[str, int] = field(default_factory=dict)

    @property
    def programme(self) -> Programme:
        """The programme of the example."""
        given = {
            "id": "g",
            "name_ja": "例",
            "name_en": "example",
            "source": "made up",
            "eligible_categories": ["camera", "installation"],
        }
        return Programme.model_validate({"payer": "prefecture", **given, **self.terms})


EXAMPLES = (
    Example(
        "補助率、円未満切捨て", "a rate, cut to whole yen",
        {"rate": "2/3"}, {"camera": 200_000, "installation": 99_999}, 199_999,
        "299,999 × 2/3 = 199,999.33 → 199,999",
        payers={"prefecture_yen": 199_999, "municipality_yen": 100_000},
    ),
    Example(
        "対象経費の区分（どの一覧にもない区分は対象外）", "eligible categories; one in no list is not eligible",
        {"rate": "1/2", "ineligible_categories": ["pole"]}, {**PLAIN, "pole": 80_000, "cable": 20_000}, 150_000,
        "(200,000 + 100,000) × 1/2 = 150,000; pole 80,000 and cable 20,000 count nothing",
        payers={"prefecture_yen": 150_000, "municipality_yen": 250_000},
    ),
    Example(
        "1台当たりの上限と千円未満切捨て", "a ceiling per camera, cut to 1,000 yen",
        {"rate": "9/10", "cap_per_camera_yen": 210_500, "rounding_yen": 1_000}, PLAIN, 210_000,
        "300,000 × 9/10 = 270,000 → 210,500 → 210,000",
    ),
    Example(
        "補助率を掛ける前の対象経費の上限", "a ceiling on the cost that counts, before the rate",
        {"rate": "11/12", "eligible_cost_cap_per_camera_yen": 600_000}, {"camera": 500_000, "installation": 300_000}, 550_000,
        "min(800,000, 600,000) × 11/12 = 550,000",
    ),
    Example(
        "1箇所当たりの上限（2台でも1箇所）", "a ceiling per site; two cameras are one site",
        {"rate": "2/3", "cap_per_site_yen": 120_000, **MUNICIPAL}, PLAIN, 120_000,
        "300,000 × 2/3 = 200,000 → 120,000",
        cameras=2, payers={"municipality_yen": 120_000, "local_body_yen": 180_000},
    ),
    Example(
        "定額（費用を超えない）", "a fixed amount, never more than the cost",
        {"rate": None, "amount_per_site_yen": 140_000, **MUNICIPAL}, {"camera": 90_000, "installation": 30_000}, 120_000,
        "min(140,000, 120,000) = 120,000",
        payers={"municipality_yen": 120_000},
    ),
    Example(
        "補助率のない上限だけの制度", "a ceiling without a rate: all of the cost up to it",
        {"cap_per_site_yen": 80_000, **MUNICIPAL}, PLAIN, 80_000,
        "min(300,000, 80,000) = 80,000",
    ),
    Example(
        "専用柱の加算", "a supplement for an own pole",
        {"cap_per_site_yen": 80_000, "eligible_categories": ["camera", "installation", "pole"],
         "variants": [{"when": {"own_pole": True}, "add_per_site_yen": 30_000}], **MUNICIPAL},
        {**PLAIN, "pole": 150_000}, 110_000,
        "min(450,000, 80,000 + 30,000) = 110,000",
        facts=When(own_pole=True),
    ),
    Example(
        "専用柱だけに使える部分（柱が安い場合）", "a part of the ceiling that is for the pole alone (a cheap pole)",
        {"cap_per_site_yen": 120_000, "eligible_categories": ["camera", "installation", "pole"],
         "variants": [{"when": {"own_pole": True}, "cap_per_site_yen": 160_000, "pole_part_yen": 40_000}], **MUNICIPAL},
        {**PLAIN, "pole": 25_000}, 145_000,
        "120,000 + min(40,000, 25,000) = 145,000",
        facts=When(own_pole=True),
    ),
    Example(
        "2箇所目の上限が低い制度", "a lower ceiling from the second site on",
        {"cap_per_site_yen": 120_000, "variants": [{"when": {"unit_from": 2}, "cap_per_site_yen": 80_000}], **MUNICIPAL},
        PLAIN, 80_000,
        "min(300,000, 80,000) = 80,000",
        facts=When(unit_from=2),
    ),
    Example(
        "同じ録画装置の2台目の上限が低い制度", "a lower ceiling for the second camera on the same recorder",
        {"rate": "3/4", "cap_per_camera_yen": 200_000,
         "variants": [{"when": {"unit_from": 2, "recorder": "shared"}, "cap_per_camera_yen": 100_000}]},
        {"camera": 400_000, "installation": 200_000}, 300_000,
        "600,000 × 3/4 = 450,000 → 200,000 + 100,000 = 300,000",
        cameras=2,
    ),
    Example(
        "場所で変わる補助率と上限", "rate and ceiling that depend on the place",
        {"rate": "2/3", "cap_per_camera_yen": 200_000,
         "variants": [{"when": {"place": "school_route"}, "rate": "9/10", "cap_per_camera_yen": 300_000}]},
        PLAIN, 270_000,
        "300,000 × 9/10 = 270,000 (below 300,000)",
        facts=When(place="school_route"),
    ),
    Example(
        "更新は上限が低い制度", "a lower ceiling for renewal",
        {"rate": "3/5", "cap_total_yen": 300_000, "cap_total_of": "body",
         "variants": [{"when": {"kind": "renew"}, "cap_total_yen": 150_000}]},
        PLAIN, 150_000,
        "300,000 × 3/5 = 180,000 → 150,000",
        facts=When(kind="renew"),
    ),
    Example(
        "共同申請の上限", "a joint application has another ceiling",
        {"rate": 1, "cap_total_yen": 200_000, "cap_total_of": "application",
         "variants": [{"when": {"joint": True}, "cap_total_yen": 250_000}]},
        PLAIN, 250_000,
        "300,000 × 1 → 250,000",
        facts=When(joint=True),
    ),
    Example(
        "太陽電池で動く場合の上限", "a higher ceiling for solar power",
        {"rate": "9/10", "cap_per_camera_yen": 250_000,
         "variants": [{"when": {"power": "solar"}, "cap_per_camera_yen": 265_000}]},
        PLAIN, 265_000,
        "300,000 × 9/10 = 270,000 → 265,000",
        facts=When(power="solar"),
    ),
    Example(
        "対象経費の下限に満たない", "below the least eligible cost",
        {"rate": "1/2", "min_eligible_cost_yen": 200_000}, {"camera": 150_000, "installation": 49_999}, 0,
        "199,999 < 200,000 → 0",
        payers={"municipality_yen": 199_999},
    ),
    Example(
        "都と区で負担を分ける制度", "two funders share one subsidy",
        {"rate": "11/12", "funders": {"prefecture": "7/12", "municipality": "1/3"}, "eligible_cost_cap_per_camera_yen": 600_000,
         "recipient": "local_body"},
        {"camera": 400_000, "installation": 200_000}, 550_000,
        "600,000 × 11/12 = 550,000; prefecture 600,000 × 7/12 = 350,000, ward 600,000 × 1/3 = 200,000, body 50,000",
        payers={"prefecture_yen": 350_000, "municipality_yen": 200_000, "local_body_yen": 50_000},
    ),
    Example(
        "維持管理費の補助（区分ごとの上限）", "running costs, a ceiling for each category",
        {"rate": "11/12", "running": True, "eligible_categories": ["electricity", "pole_attachment_fee"],
         "variants": [
             {"when": {"category": "electricity"}, "eligible_cost_cap_per_camera_yen_per_year": 4_000},
             {"when": {"category": "pole_attachment_fee"}, "eligible_cost_cap_per_camera_yen_per_year": 3_000},
         ], **MUNICIPAL},
        {"electricity": 6_000, "pole_attachment_fee": 1_200}, 4_766,
        "(min(6,000, 4,000) + min(1,200, 3,000)) × 11/12 = 4,766.67 → 4,766",
        payers={"municipality_yen": 4_766, "local_body_yen": 2_434},
    ),
    Example(
        "交付限度額まで全額（重点支援地方交付金の形）", "an envelope: all of the cost up to the sum allotted",
        {"payer": "national", "rate": 1, "cap_total_yen": 250_000}, PLAIN, 250_000,
        "300,000 × 1 → 250,000",
        payers={"national_yen": 250_000, "municipality_yen": 50_000},
    ),
)  # fmt: skip
