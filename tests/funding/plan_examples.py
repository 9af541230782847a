"""Plans of a few sites worked out by hand: rules that no single site shows. ``docs/funding.md`` prints them, ``test_plans.py`` holds them.

Every site would bring the same. A plain camera with a recorder of 14 days costs 260,000 yen, with one of 30 days 300,000; sites lie
one metre apart, a camera of today stands at the first and at the second.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from planner import siting
from planner.frames import Offers
from planner.funding import price
from planner.programmes import Programme
from planner.settings import Settings
from tests.funding.small_town import town
from tests.siting.towns import cliques_of, rows_of

ALL = ("camera", "recorder", "installation", "cable", "signage")
LONG = {"tier": "d30", "days": 30.0}
YEAR = 2027


@dataclass(frozen=True)
class Planned:
    """One example: the rule, the programmes, the sites and the own money, and what the best plan must be."""

    shows_ja: str
    shows_en: str
    terms: tuple[dict[str, Any], ...]
    sites: tuple[dict[str, Any], ...]
    own_yen: int
    paid: int  # sites that a programme pays for
    alone: int  # sites bought with own money
    subsidy_yen: int
    municipality_yen: int
    sums: tuple[str, ...]
    why_not: str = ""  # a rule that took offers away

    @property
    def programmes(self) -> tuple[Programme, ...]:
        """The programmes of the example, g and h."""
        given = {
            "name_ja": "例",
            "name_en": "example",
            "source": "made up",
            "eligible_categories": ALL,
            "payer": "national",
        }
        return tuple(Programme.model_validate({"id": i, **given, **t}) for i, t in zip("gh", self.terms, strict=False))

    @cached_property
    def offers(self) -> Offers:
        """The sites priced."""
        return self._priced()[1]

    def chosen(self) -> pd.DataFrame:
        """The offers of the best plan, proven."""
        settings, offers = self._priced()
        rows = rows_of(np.full(len(self.sites), 1_000), {f"a{n}": {n: 16} for n in range(len(self.sites))})
        model = siting.build(rows, offers, cliques_of(), settings)
        choice = siting.choose(model, settings)
        siting.verify(model, choice)
        assert choice.status == "optimal"
        return offers.table[offers.table["offer_id"].isin(choice.chosen["offer_id"])]

    def _priced(self) -> tuple[Settings, Offers]:
        inputs, survey = town(list(self.sites), self.programmes)
        apart = survey.actions.assign(group_id=pd.Series([f"m:{n}" for n in range(len(self.sites))], dtype="str"))
        wishes = {"budget": {"own_capital_yen": self.own_yen}, "funding": {"fiscal_year": YEAR}}
        settings = Settings.model_validate({**wishes, "siting": {"gap_goal": 0.0}})
        return settings, price(inputs, replace(survey, actions=apart), settings)


HALF = {"rate": "1/2"}
EXAMPLES = (
    Planned(
        "保存期間の条件（30日以上）", "retention as a condition (30 days or more)",
        ({**HALF, "min_retention_days": 30},), ({}, LONG), 200_000, 1, 0, 150_000, 150_000,
        ("14 days: 260,000, no subsidy, above the 200,000 at hand", "30 days: 300,000 / 2 = 150,000"),
        why_not="programme_min_days",
    ),
    Planned(
        "既設カメラからの距離の条件（3メートル以上）", "a least distance from cameras of today (3 metres)",
        ({**HALF, "min_distance_m": 3},), ({}, {}, {}, {}, {}), 130_000, 1, 0, 130_000, 130_000,
        ("sites 0 to 4 m along the street, cameras at 0 and 1 m: only the fifth is at least 3 m from both", "260,000 / 2 = 130,000"),
        why_not="programme_distance",
    ),
    Planned(
        "公道などを撮影する割合の条件（2分の1以上、示された割合は4割）", "a least share of public ground (one half; four tenths are stated)",
        ({**HALF, "min_public_share": "1/2", "public_share": "2/5"},), ({},), 260_000, 0, 1, 0, 260_000,
        ("2/5 < 1/2: no subsidy; the site costs 260,000 of own money",),
        why_not="programme_public_share",
    ),
    Planned(
        "期限の切れた制度（令和8年度まで、計画は令和9年度）", "a programme that has expired (until 2026; the plan is for 2027)",
        ({**HALF, "last_fiscal_year": 2026},), ({},), 260_000, 0, 1, 0, 260_000,
        ("2027 > 2026: no subsidy; the site costs 260,000 of own money",),
        why_not="programme_not_in_force",
    ),
    Planned(
        "併用（県の補助が国の補助の残りの3分の1を負担）", "stacking (a prefecture pays one third of what the state leaves)",
        (HALF, {"payer": "prefecture", "rate": "1/3", "stacks_on": ["g"]}), ({},), 100_000, 1, 0, 173_333, 86_667,
        ("state 260,000 / 2 = 130,000", "prefecture (260,000 - 130,000) / 3 = 43,333", "municipality 260,000 - 173,333 = 86,667"),
    ),
    Planned(
        "併用の定めがない二つの制度", "two programmes that do not say that they may be combined",
        (HALF, {"payer": "prefecture", "rate": "1/3"}), ({},), 130_000, 1, 0, 130_000, 130_000,
        ("the better one alone: 260,000 / 2 = 130,000",),
    ),
    Planned(
        "箇所数の上限（2箇所まで）", "a maximum number of sites (two)",
        ({**HALF, "max_units": 2, "max_units_of": "site"},), ({}, {}, {}), 520_000, 2, 1, 260_000, 520_000,
        ("2 x 130,000 + 260,000 = 520,000 of own money for three sites",),
    ),
    Planned(
        "台数の上限（2台まで、1箇所2台）", "a maximum number of cameras (two), two cameras at a site",
        ({**HALF, "max_units": 2},), ({"cameras": 2}, {"cameras": 2}), 690_000, 1, 1, 230_000, 690_000,
        ("a site of two cameras: 2 x (100,000 + 80,000 + 20,000) + 10,000 + 50,000 = 460,000", "230,000 + 460,000 = 690,000"),
    ),
    Planned(
        "制度全体の交付限度額（26万円）", "an allocation for the whole programme (260,000 yen)",
        ({**HALF, "cap_total_yen": 260_000},), ({}, {}, {}), 520_000, 2, 1, 260_000, 520_000,
        ("2 x 130,000 = 260,000 is all there is; the third site costs 260,000",),
    ),
    Planned(
        "申請額の下限（30万円）に届く場合", "a least total of the application (300,000 yen), reached",
        ({**HALF, "min_total_yen": 300_000},), ({}, {}, {}), 400_000, 3, 0, 390_000, 390_000,
        ("3 x 130,000 = 390,000, not below 300,000",),
    ),
    Planned(
        "申請額の下限（30万円）に届かない場合", "a least total of the application (300,000 yen), not reached",
        ({**HALF, "min_total_yen": 300_000},), ({}, {}), 400_000, 0, 1, 0, 260_000,
        ("2 x 130,000 = 260,000 < 300,000: no subsidy; own money buys one site, 260,000",),
    ),
    Planned(
        "申請に定額の費用がかかる場合（4万円）", "an application that costs the municipality a fixed sum (40,000 yen)",
        ({**HALF, "fixed_cost_yen": 40_000},), ({},), 169_999, 0, 0, 0, 0,
        ("130,000 + 40,000 = 170,000, one yen more than there is",),
    ),
    Planned(
        "申請全体の端数切捨てに備える額（千円未満切捨て）", "what is kept for the rounding of an application (cut to 1,000 yen)",
        ({"rate": "1/3", "rounding_yen": 1_000},), ({},), 174_332, 1, 0, 86_666, 173_334,
        (
            "260,000 / 3 = 86,666; the site leaves 260,000 - 86,666 = 173,334 to the municipality",
            "subsidies of 86,666 a site are even numbers, so that cutting to 1,000 takes at most 998",
            "173,334 + 998 = 174,332 must be there; what is cut here is 666, and 332 stay unused",
        ),
    ),
)  # fmt: skip
