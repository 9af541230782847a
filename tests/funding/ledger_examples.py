"""Ledgers of a few sites worked out by hand: ``docs/funding.md`` shows them, ``test_ledgers.py`` holds the books against them.

A plain camera: 100,000 yen, installation 80,000, cable 20,000, sign 10,000; a recorder of 14 days 50,000: 260,000 in all.
It costs 13,000 a year (electricity 3,000, inspection 10,000), its recorder 1,000.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from planner.frames import Demand, Offers, empty
from planner.funding import price
from planner.plan import Ledgers, Prepared, keep_books
from planner.programmes import Programme
from planner.settings import Settings
from tests.funding.small_town import EPSG, town

ALL = ("camera", "recorder", "installation", "cable", "signage")


@dataclass(frozen=True)
class Books:
    """One example: what it shows, the programme, the sites, and what must come out."""

    shows_ja: str
    shows_en: str
    terms: dict[str, Any]
    sites: int
    sums: tuple[str, ...]  # by hand, in words
    payers: dict[str, int] = field(default_factory=dict)  # of the first year, rounding included
    sections: dict[str, tuple[int, int]] = field(default_factory=dict)  # yen and thousand yen of the first year
    sources: dict[str, tuple[int, int]] = field(default_factory=dict)
    wishes: dict[str, Any] = field(default_factory=dict)

    def kept(self) -> Ledgers:
        """The ledgers of the sites, all paid by the programme."""
        return books(self.terms, self.sites, self.wishes)


def books(terms: dict[str, Any], sites: int, wishes: dict[str, Any]) -> Ledgers:
    """The ledgers of plain sites under one programme."""
    given = {"id": "g", "name_ja": "例", "name_en": "example", "source": "made up", "eligible_categories": ALL}
    programme = Programme.model_validate({"payer": "national", **given, **terms})
    budget = {"local_body_yen": 10_000_000}
    settings = Settings.model_validate({"budget": budget, "funding": {"fiscal_year": 2027, **wishes}})
    inputs, survey = town([{}] * sites, [programme])
    offers = price(inputs, survey, settings)
    chosen = offers.table[offers.table["programme_id"] == "g"].to_dict("records")
    return keep_books(prepared(inputs, survey, offers), settings, chosen)[0]


def prepared(inputs: Any, survey: Any, offers: Offers) -> Prepared:
    """The tables that ledgers read; of demand they read nothing."""
    nothing = Demand(empty("spots", EPSG), (), None, empty("area_demand", EPSG))  # type: ignore[arg-type]
    return Prepared(inputs, nothing, survey, offers)


EXAMPLES = (
    Books(
        "申請全体で千円未満を切り捨てる制度（国3分の1、2箇所）",
        "the whole application rounded once (state one third, two sites)",
        {"rate": "1/3", "rounding_yen": 1_000},
        2,
        (
            "260,000 / 3 = 86,666 a site; 2 x 86,666 = 173,332 -> 173,000, so 332 yen fall back to the municipality",
            "municipality 520,000 - 173,000 = 347,000",
            "camera and recorder 2 x (100,000 + 50,000) = 300,000; works 2 x (80,000 + 20,000) = 200,000; signs 20,000",
        ),
        {"national_yen": 173_000, "municipality_yen": 347_000},
        {"備品購入費": (300_000, 300), "工事請負費": (200_000, 200), "需用費": (20_000, 20)},
        {"national": (173_000, 173), "general": (347_000, 347)},
    ),
    Books(
        "千円単位の端数（国3分の2、円未満切捨て）",
        "thousands that add up (state two thirds, cut to whole yen)",
        {"rate": "2/3"},
        1,
        (
            "260,000 x 2/3 = 173,333; municipality 86,667",
            "printed: spending 150 + 100 + 10 = 260; state 173,333 -> 173; general 260 - 173 = 87",
        ),
        {"national_yen": 173_333, "municipality_yen": 86_667},
        {"備品購入費": (150_000, 150), "工事請負費": (100_000, 100), "需用費": (10_000, 10)},
        {"national": (173_333, 173), "general": (86_667, 87)},
    ),
    Books(
        "地方債を充てる場合",
        "with a local bond",
        {"rate": "1/2"},
        1,
        ("260,000 / 2 = 130,000; bond 90,500; general 130,000 - 90,500 = 39,500", "printed: 260 - 130 - 90 = 40"),
        {"national_yen": 130_000, "municipality_yen": 130_000},
        {"備品購入費": (150_000, 150), "工事請負費": (100_000, 100), "需用費": (10_000, 10)},
        {"national": (130_000, 130), "bond": (90_500, 90), "general": (39_500, 40)},
        {"bond_yen": 90_500},
    ),
    Books(
        "自治会が設置し、県7/12・市1/3・自治会1/12で負担（市を経由）",
        "a residents' association installs; prefecture 7/12, municipality 1/3, association 1/12 (through the municipality)",
        {
            "payer": "prefecture",
            "recipient": "local_body",
            "rate": "11/12",
            "funders": {"prefecture": "7/12", "municipality": "1/3"},
        },
        1,
        (
            "260,000 x 11/12 = 238,333; prefecture 238,333 x 7/11 = 151,666; municipality 238,333 - 151,666 = 86,667",
            "association 260,000 - 238,333 = 21,667: outside the municipality's budget",
        ),
        {"prefecture_yen": 151_666, "municipality_yen": 86_667, "local_body_yen": 21_667},
        {"負担金補助及び交付金": (238_333, 239)},
        {"prefecture": (151_666, 151), "general": (86_667, 88)},
    ),
    Books(
        "県が自治会に直接補助する場合（市の予算に現れない）",
        "the prefecture pays an association directly (not in the municipality's budget)",
        {"payer": "prefecture", "recipient": "local_body", "rate": "1/2"},
        1,
        ("260,000 / 2 = 130,000 from the prefecture, 130,000 from the association; municipality 0",),
        {"prefecture_yen": 130_000, "local_body_yen": 130_000},
        {},
        {},
    ),
)

HORIZON = (  # eight years, one site with own money: by hand
    "purchase 260,000; running (13,000 + 1,000) x 8 = 112,000",
    "renewals: recorder after 6 years 50,000; camera, installation and sign after 7 years 100,000 + 80,000 + 10,000 = 190,000",
    "in all 260,000 + 112,000 + 240,000 = 612,000",
    "leased: camera and installation 180,000 x 0.2 = 36,000 a year, recorder 50,000 x 0.2 = 10,000; 46,000 x 8 = 368,000",
    "cable 20,000, sign 2 x 10,000 bought; 40,000 + 112,000 + 368,000 = 520,000",
    "promised beyond the first of six years: 46,000 x 5 = 230,000",
)
HORIZON_YEARS = 8
