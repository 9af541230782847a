"""plan.html: one page like an official's paper, with everything inside it."""

from __future__ import annotations

from collections.abc import Sequence

from planner.plan import FrontierPart, Plan, Site
from planner.show import (
    chart,
    draw,
    markup,
    style,
    tables_advice,
    tables_duties,
    tables_money,
    tables_plan,
    tables_scenarios,
    tables_town,
)
from planner.show.ground import Ground, on_ground
from planner.show.mapspec import MapSpec, describe
from planner.show.marked import criteria_sentences
from planner.show.table import Table
from planner.show.today import today_part
from planner.show.words import MARK, Words, has_robbery_or_burglary, proof, purpose_of, safe, sentence, two_digits
from planner.show.zones import with_classes
from planner.text import Language

# Belt and braces: even if a name ran as script, the browser would refuse to ask any other machine.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
MOST_COUNTERS = 4  # offences, those that gain most
_FRONTIER_ROWS = 10
_FIRST_ROWS = 13  # one camera more, the whole plan and the five first sites: each longer kept and by agreement
_RUNNING_YEARS = 10  # the horizon that plan papers print (P35)


def render(plan: Plan, language: Language = "ja", audit_sha256: str = "", ground: Ground | None = None) -> str:
    """The whole page as text, its map on the ground where that is given; the same plan gives the same page."""
    words = Words(language)
    spec = with_classes(describe(plan, language), plan, words)
    if ground:
        spec = on_ground(spec, ground.address, ground.box)
    figure = draw.folium_map(spec).get_root()
    figure.render()  # fills header, html and script
    assets = figure.header._children["assets"].render()  # noqa: SLF001 - branca offers no other way to one child
    sections = [
        _title(plan, words, audit_sha256),
        _offences(plan, words),
        _figures(plan, words),
        _money(plan, words),
        _phases(plan, words),
        _frontier(plan, words),
        _map(plan, words, spec, figure.html.render(), "map_on_ground" if ground else "map_bare"),
        _section(
            words, "standing", markup.table(words, tables_town.standing(plan, words), small=True), "intro_standing"
        ),
        _section(words, "today", today_part(plan, "before", language) + today_part(plan, "repairs", language))
        if plan.today
        else "",
        *(_duty(plan, words, name) for name in ("outside", "weighed", "hosts", "kpi")),
        *(_advice(plan, words, name) for name in ("prices", "exchanges", "requests")),
        _section(
            words, "districts", markup.table(words, tables_town.districts(plan, words), small=True), "intro_districts"
        ),
        _section(
            words, "notes", markup.bullets([sentence(n, language) for n in plan.notes] or [words.say("show.no_notes")])
        ),
        _sources(plan, words),
        _section(words, "settings", markup.table(words, tables_town.settings(plan, words)), "intro_settings"),
        _section(words, "limits", markup.bullets(limits(plan, words))),
    ]
    name = next(iter(figure._children.values())).get_name()  # noqa: SLF001 - the map's variable in the script
    script = f"{figure.script.render()}\n{_after(name)}"
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{safe(_heading(plan, words))}</title>\n"
        f'<link rel="icon" href="data:,">\n{assets}\n<style>{style.CSS}</style>\n</head>\n'
        f"<body>\n{chr(10).join(s for s in sections if s)}\n<script>\n{script}\n</script>\n</body>\n</html>\n"
    )


def _after(name: str) -> str:
    """Script after the map: the failure text goes, and printing fits the map to the paper (A4 less its margins)."""
    return (
        "document.getElementById('map-failed').hidden = true;\n"
        "(function () {\n"
        f"  var map = {name}, start = map.getBounds(), frame = document.querySelector('.map');\n"
        "  function size(width, height) { frame.style.width = width; frame.style.height = height;\n"
        "    map.closePopup(); map.invalidateSize(false); map.fitBounds(start, {animate: false}); }\n"
        "  window.addEventListener('beforeprint', function () { size('1028px', '500px'); });\n"
        "  window.addEventListener('afterprint', function () { size('', ''); });\n"
        "})();"
    )


def _heading(plan: Plan, words: Words) -> str:
    return words.say("show.title_of", municipality=plan.town.name) if plan.town.name else words.say("show.title")


def _section(words: Words, key: str, body: str, intro: str = "") -> str:
    """A heading, an optional sentence, a body."""
    before = f'<p class="soft">{safe(words.say(f"show.{intro}"))}</p>' if intro else ""
    return f'<section id="{key}"><h2>{safe(words.say(f"section.{key}"))}</h2>{before}{body}</section>'


def _duty(plan: Plan, words: Words, name: str) -> str:
    """A table of what the plan is bound to; nothing for a plan that was written without."""
    if plan.duties is None:
        return ""
    return _section(words, name, duty(plan, name, words))


def duty(plan: Plan, name: str, words: Words) -> str:
    """A table of duties under the sentence that says how to read it; of the longest only the first rows are in sight."""
    table = tables_duties.TABLES[name](plan, words)
    shown = markup.folded(words, table, _FIRST_ROWS) if name == "weighed" else markup.table(words, table, small=True)
    return tables_duties.intro(plan, name, words) + shown


def _advice(plan: Plan, words: Words, name: str) -> str:
    """A table of what else could be done; nothing where there is nothing to say."""
    table = tables_advice.TABLES[name](plan, words)
    return _section(words, name, markup.table(words, table, small=True), f"intro_{name}") if table.rows else ""


def _title(plan: Plan, words: Words, audit_sha256: str) -> str:
    """Mark, title, and where the page comes from."""
    line = words.say(
        "show.provenance",
        created=words.moment(plan.run.created_at),
        version=plan.code_version,
        status=words.coded("status", plan.status),
    )
    return (
        f'<header><span class="mark" title="{safe(MARK)}">{safe(words.say("show.mark"))}</span>'
        f"<h1>{safe(_heading(plan, words))}</h1>"
        f"<p>{safe(words.say('show.purpose', purpose=words.coded('purpose', purpose_of(plan))))}</p>"
        f"<p>{safe(words.run_on(criteria_sentences(plan, words)))}</p>"
        f'<p class="soft">{safe(line)}<br><span class="id">{safe(ids(plan, words, audit_sha256))}</span></p>'
        f'<p class="soft">{safe(words.say("show.handling"))}</p></header>'
    )


def ids(plan: Plan, words: Words, audit_sha256: str) -> str:
    """The plan's number, and the store's latest hash where it is kept in one."""
    kept = [words.say("show.audit", sha256=audit_sha256)] if audit_sha256 else []
    return words.join([words.say("show.plan_id", id=plan.plan_id), *kept])


def _offences(plan: Plan, words: Words) -> str:
    """Value by offence: first of all (P1)."""
    body = markup.table(words, tables_plan.offences(plan, words))
    after = "".join(
        f'<p class="soft">{safe(words.say(f"show.{key}"))}</p>' for key in ("intro_measures", "intro_digits")
    )
    if plan.measures:
        after += f"<p>{safe(words.say('show.intro_shares'))}</p>" + markup.table(
            words, tables_plan.measures(plan, words)
        )
    return _section(words, "offences", body + after, "intro_offences")


def figures(plan: Plan, words: Words) -> list[tuple[str, str]]:
    """Key figures of a plan: label and text."""
    before, after = (sum(getattr(o, f"{when}_per_year") for o in plan.offences) for when in ("before", "after"))
    return [
        (words.say("figure.value"), words.say("show.per_year", number=two_digits(plan.value))),
        (words.say("figure.bound"), words.say("show.per_year", number=two_digits(plan.bound))),
        (words.say("figure.in_view"), words.say("show.from_to", before=two_digits(before), after=two_digits(after))),
        (
            words.say("figure.covered"),
            words.say(
                "show.from_to",
                before=words.percent(plan.covered_share_before, 1),
                after=words.percent(plan.covered_share_after, 1),
            ),
        ),
        (words.say("figure.expected"), words.say("show.per_year", number=two_digits(plan.expected_offences_per_year))),
        (
            words.say("figure.places"),
            words.say("show.sites_cameras", sites=f"{len(plan.sites):,}", cameras=f"{plan.cameras:,}"),
        ),
        (words.say("figure.total_yen"), words.yen(plan.total_yen)),
        (words.say("figure.own_yen"), words.yen(plan.payers.municipality_yen)),
        (words.say("figure.running_yen"), words.yen(plan.running_yen_per_year)),
    ]


def counters(plan: Plan, words: Words) -> list[tuple[str, str]]:
    """What moves with the budget beside the key figures: within view before and after by offence, and for a million yen."""
    moved = sorted(plan.offences, key=lambda o: o.before_per_year - o.after_per_year)[:MOST_COUNTERS]
    per_million = two_digits(plan.value / plan.total_yen * 1e6) if plan.total_yen else words.none
    return [
        *(
            (
                words.offence(o.offence_group),
                words.say("show.from_to", before=two_digits(o.before_per_year), after=two_digits(o.after_per_year)),
            )
            for o in moved
        ),
        (words.say("figure.per_million"), words.say("show.per_year", number=per_million)),
    ]


def _figures(plan: Plan, words: Words) -> str:
    """Key figures, the gap, and what proves it."""
    return _section(words, "figures", f"{markup.figures(figures(plan, words))}<p>{safe(proof(plan, words))}</p>")


def _money(plan: Plan, words: Words) -> str:
    """Who pays, and what keeping it running costs."""
    yearly, books = plan.running_yen_per_year, plan.ledgers
    years = _RUNNING_YEARS if books is None else books.horizon_years
    running = words.say(
        "show.running_same" if yearly == 0 else f"show.running_{'more' if yearly > 0 else 'less'}",
        yearly=words.yen(abs(yearly)),
        years=years,
        sum=words.yen(abs(yearly) * years),
    )
    body = (
        markup.table(words, tables_plan.payers(plan, words))
        + f"<h3>{safe(words.say('section.ledger'))}</h3>"
        + markup.table(words, tables_plan.ledger(plan, words), small=True)
        + f"<h3>{safe(words.say('section.running'))}</h3><p>{safe(running)}</p>"
    )
    return _section(words, "money", body + (_books(plan, words) if books else ""))


def _phases(plan: Plan, words: Words) -> str:
    """What each fiscal year builds; nothing where all is built at once."""
    if not plan.phases:
        return ""
    table = tables_scenarios.phases(plan, words)
    return _section(words, "phases", markup.table(words, table, small=True), "intro_phases")


def _books(plan: Plan, words: Words) -> str:
    """The budget request, the ledger by fiscal year, and what sites and standing cameras cost over the years."""
    parts = [
        ("budget", "".join(markup.table(words, t) for t in tables_money.budgets(plan, words))),
        ("ledger_by_year", markup.table(words, tables_money.ledger_by_year(plan, words), small=True)),
        ("horizon", markup.table(words, tables_money.horizon(plan, words), small=True)),
        ("lease", ""),
        ("baseline", markup.table(words, tables_money.baseline(plan, words), small=True)),
        ("outreach", markup.table(words, tables_money.outreach(plan, words), small=True)),
    ]
    intros = {name: words.say(f"show.intro_{name}") for name, _ in parts if name != "lease"}
    intros["lease"] = tables_money.lease_sentence(plan, words)
    return "".join(
        f'<h3>{safe(words.say(f"section.{name}"))}</h3><p class="soft">{safe(intros[name])}</p>{body}'
        for name, body in parts
    )


def _frontier(plan: Plan, words: Words) -> str:
    """The budget curve with its table (thinned evenly; Excel has every point)."""
    if not plan.frontier:
        return ""
    shown = thinned(plan.frontier)
    rest = (
        f'<p class="soft">{safe(words.say("show.frontier_thinned", shown=len(shown), points=len(plan.frontier)))}</p>'
        if len(shown) < len(plan.frontier)
        else ""
    )
    knee = f"<p>{safe(chart.knee_sentence(plan, words))}</p>"
    body = chart.frontier_svg(plan, words) + knee + markup.table(words, tables_plan.frontier(shown, words)) + rest
    return _section(words, "frontier", body, "intro_frontier")


def thinned(parts: Sequence[FrontierPart]) -> list[FrontierPart]:
    """At most ``_FRONTIER_ROWS`` points, evenly, the first and the last among them."""
    if len(parts) <= _FRONTIER_ROWS:
        return list(parts)
    last = len(parts) - 1
    return [parts[n] for n in sorted({round(k * last / (_FRONTIER_ROWS - 1)) for k in range(_FRONTIER_ROWS)})]


def _map(plan: Plan, words: Words, spec: MapSpec, inside: str, beneath: str) -> str:
    """The map, what lies beneath it, its legend, and the table that says the same."""
    body = (
        f'<p class="soft">{safe(words.say(f"show.{beneath}"))}</p>'
        f'<div class="map" role="group" aria-label="{safe(words.say("map.label"))}">'
        f'<p class="map-failed" id="map-failed">{safe(words.say("map.failed"))}</p>{inside}</div>'
        f"{markup.legend(spec)}<h3>{safe(words.say('section.sites'))}</h3>"
        f'<p class="soft">{safe(words.say("show.intro_sites"))}</p>'
    )
    table = tables_plan.sites_short(plan, words).without("rule", "precision", "gain_interval", "area", "pole_number")
    return _section(
        words,
        "map",
        body + markup.table(words, table, small=True, under=[_under(s, words) for s in plan.sites]),
        "intro_map",
    )


def _under(site: Site, words: Words) -> str:
    """The line below a site: the reason, then what would make the table too wide to print."""
    more = words.say(
        "show.under_site",
        interval=tables_plan.interval(site.gain_low_per_year, site.gain_high_per_year, words),
        rule=words.limits(site.min_days, site.max_days, site.limit_origin),
        precision=words.coded("precision", site.precision),
        area=site.area_name or words.none,
    )
    pole = [words.say("show.under_pole", pole=site.pole_number)] if site.pole_number else []
    return words.run_on([sentence(site.reason, words.language), more, *pole])


def _sources(plan: Plan, words: Words) -> str:
    """Files and where their rows went."""
    table = markup.table(words, short_sources(plan, words), small=True)
    return _section(words, "sources", table, "intro_sources")


def short_sources(plan: Plan, words: Words) -> Table:
    """The table of sources with shortened hashes (whole in plan.json and Excel)."""
    table = tables_town.sources(plan, words)
    digest = next(n for n, c in enumerate(table.columns) if c.key == "sha256")
    rows = tuple((*row[:digest], str(row[digest])[:12], *row[digest + 1 :]) for row in table.rows)
    return Table(table.name, table.columns, rows)


def limits(plan: Plan, words: Words) -> list[str]:
    """What this page does not say; sentences that every plan carries."""
    keys = ["not_predicted", "not_prevented", "precision", "bound", "groups", "no_traits", "constants"]
    found = [words.say(f"limit.{key}") for key in keys]
    if not has_robbery_or_burglary(plan):
        found.insert(2, words.say("limit.no_robbery"))
    return found
