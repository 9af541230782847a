"""The A3 sheet is on A3, asks for nothing, and its scale is true."""

from __future__ import annotations

import re

from planner import show
from planner.show import sheet


def test_the_scale_bar_is_as_long_as_it_says(plan):
    text = show.content(plan, "a3").decode("utf-8")
    scale = float(re.search(r"1：([\d,.]+)", text).group(1).replace(",", ""))
    left, right = map(float, re.search(r'd="M([\d.]+) [\d.]+V[\d.]+H([\d.]+)V', text).groups())
    number, unit = re.search(r">([\d,.]+) (m|km)</text></svg>", text).groups()
    length_m = float(number.replace(",", "")) * (1000 if unit == "km" else 1)
    assert abs((right - left) / 1000 * scale - length_m) < 1e-3 * length_m
    assert scale in sheet.SCALES


def test_sites_stand_where_the_scale_puts_them(plan):
    text = show.content(plan, "a3").decode("utf-8")
    scale = float(re.search(r"1：([\d,.]+)", text).group(1).replace(",", ""))
    pins = re.findall(r'<circle cx="([-\d.]+)" cy="([-\d.]+)" r="2.2"', text)[::-1]
    first, last = (plan.sites[0], pins[0]), (plan.sites[-1], pins[-1])
    east = (float(last[1][0]) - float(first[1][0])) / 1000 * scale
    north = -(float(last[1][1]) - float(first[1][1])) / 1000 * scale
    assert abs(east - (last[0].east_m - first[0].east_m)) < scale * 2e-5
    assert abs(north - (last[0].north_m - first[0].north_m)) < scale * 2e-5


def test_names_are_text_and_nothing_is_asked_for(plan, empty_plan):
    for made in (plan, empty_plan):
        text = show.content(made, "a3").decode("utf-8")
        assert "<script" not in text
        assert "http" not in text.replace("http-equiv", "")
