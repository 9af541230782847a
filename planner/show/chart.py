"""The budget curve as an inline SVG: value and bound over the municipality's budget."""

from __future__ import annotations

import math
from collections.abc import Callable

from planner.plan import Plan
from planner.show.words import Words, safe, two_digits

WIDTH, HEIGHT = 760, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 16, 48
KEY_LINE = 19  # of the key below the axis
UNIT_YEN = {"ja": 10_000, "en": 1_000_000}  # 万円, million yen
Scale = Callable[[float], float]


def ticks(highest: float, number: int = 5) -> list[float]:
    """Round steps (1, 2, 2.5, 5 times a power of ten) from zero to at least ``highest``."""
    if highest <= 0:
        return [0.0, 1.0]
    raw = highest / number
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(f * power for f in (1, 2, 2.5, 5, 10) if f * power >= raw * (1 - 1e-9))
    return [n * step for n in range(math.ceil(highest / step - 1e-9) + 1)]


def frontier_svg(plan: Plan, words: Words, wide: int = WIDTH) -> str:
    """Value as a full line, bound as a dashed one, the plan itself as a ring. Points without a plan are left out."""
    parts = [p for p in plan.frontier if p.planned]
    if len(parts) < 2:
        return ""
    own_yen = plan.payers.municipality_yen
    across = ticks(max([p.municipality_yen for p in parts] + [own_yen]))
    upward = ticks(max([p.bound for p in parts] + [p.value for p in parts] + [plan.value]))

    def x(yen: float) -> float:
        return LEFT + yen / across[-1] * (wide - LEFT - RIGHT)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - value / upward[-1] * (HEIGHT - TOP - BOTTOM)

    def line(points: list[tuple[float, float]]) -> str:
        return " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in points)

    values = [(float(p.municipality_yen), p.value) for p in parts]
    bounds = [(float(p.municipality_yen), p.bound) for p in parts]
    body = [
        _grid(words, across, upward, x, y, wide),
        f'<polyline points="{line(bounds)}" fill="none" stroke="#5f5f5f" stroke-width="1.5" stroke-dasharray="6 4"/>',
        f'<polyline points="{line(values)}" fill="none" stroke="#1f6f9f" stroke-width="2.5"/>',
        *(f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="2.5" fill="#1f6f9f"/>' for a, b in values),
        *(_diamond(x(p.municipality_yen), y(p.value)) for p in parts if p.knee),
        f'<circle cx="{x(own_yen):.1f}" cy="{y(plan.value):.1f}" r="7" fill="none" stroke="#1a1a1a" stroke-width="2.5"/>',
        _key(words),
    ]
    label = safe(words.say("chart.label", points=len(parts), highest=two_digits(max(v for _, v in values))))
    return (
        f'<svg class="chart" viewBox="0 0 {wide} {HEIGHT + 4 * KEY_LINE}" font-size="13" font-family="sans-serif" role="img" aria-label="{label}">'
        + "".join(body)
        + "</svg>"
    )


def _diamond(x: float, y: float) -> str:
    """The mark of the knee."""
    return f'<path d="M{x:.1f},{y - 8:.1f} l8,8 l-8,8 l-8,-8 z" fill="#b35c00" stroke="#ffffff"/>'


def knee_sentence(plan: Plan, words: Words) -> str:
    """Where the curve bends and what a million yen more brings at the plan's own budget; "" where that is not known."""
    knee = next((p for p in plan.frontier if p.knee), None)
    budget = plan.setting("budget.own_capital_yen")
    own = next((p for p in plan.frontier if p.municipality_yen == budget), None)
    if knee is None or own is None or own.marginal_per_million_yen is None:
        return ""
    marginal = two_digits(own.marginal_per_million_yen)
    return words.say(
        "show.knee_said", yen=f"{knee.municipality_yen:,}", value=two_digits(knee.value), marginal=marginal
    )


def _grid(words: Words, across: list[float], upward: list[float], x: Scale, y: Scale, wide: int) -> str:
    """Grid lines, figures and titles of both axes."""
    low, right = HEIGHT - BOTTOM, wide - RIGHT
    lines = [
        f'<line x1="{LEFT}" y1="{y(v):.1f}" x2="{right}" y2="{y(v):.1f}" stroke="#dddddd"/>'
        f'<text x="{LEFT - 8}" y="{y(v) + 4:.1f}" text-anchor="end">{v:,g}</text>'
        for v in upward
    ]
    lines += [
        f'<line x1="{x(v):.1f}" y1="{low}" x2="{x(v):.1f}" y2="{low + 5}" stroke="#5f5f5f"/>'
        f'<text x="{x(v):.1f}" y="{low + 19}" text-anchor="middle">{v / UNIT_YEN[words.language]:,g}</text>'
        for v in across
    ]
    lines.append(f'<line x1="{LEFT}" y1="{low}" x2="{right}" y2="{low}" stroke="#5f5f5f"/>')
    middle = (LEFT + right) / 2
    lines.append(
        f'<text x="{middle:.0f}" y="{HEIGHT - 8}" text-anchor="middle">{safe(words.say("chart.across"))}</text>'
    )
    up = (TOP + low) / 2
    lines.append(
        f'<text x="14" y="{up:.0f}" text-anchor="middle" transform="rotate(-90 14 {up:.0f})">'
        f"{safe(words.say('chart.upward'))}</text>"
    )
    return "".join(lines)


def _key(words: Words) -> str:
    """What the two lines and the marks are, one below the other under the axis: there they cover no curve and fit any width."""
    marks = (
        '<line x1="{x}" y1="{y}" x2="{x2}" y2="{y}" stroke="#1f6f9f" stroke-width="2.5"/>',
        '<line x1="{x}" y1="{y}" x2="{x2}" y2="{y}" stroke="#5f5f5f" stroke-width="1.5" stroke-dasharray="6 4"/>',
        '<circle cx="{mid}" cy="{y}" r="6" fill="none" stroke="#1a1a1a" stroke-width="2.5"/>',
        "{diamond}",
    )
    texts = [words.say(f"chart.{name}") for name in ("value", "bound", "plan", "knee")]
    parts = []
    for number, (mark, text) in enumerate(zip(marks, texts, strict=True)):
        left, at = LEFT, HEIGHT + 12 + number * KEY_LINE
        parts.append(mark.format(x=left, x2=left + 30, mid=left + 15, y=at, diamond=_diamond(left + 15, at)))
        parts.append(f'<text x="{left + 40}" y="{at + 4}">{safe(text)}</text>')
    return "".join(parts)
