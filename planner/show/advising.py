"""Why not here, what instead, and what was answered: plain sentences from the plan document alone."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from planner.assumptions import number
from planner.errors import InputError
from planner.plan import Advice, Change, ExchangePart, PlacePart, Plan, PricePart, RequestPart, Site, nearest, place_of
from planner.show.shapes import east_north
from planner.show.words import Words, sentence, two_digits
from planner.text import Language, floor_name, knows

SAME = 1e-9  # offences a year: a smaller difference is none
MILLION_YEN = 1_000_000
FAR_M = 10_000.0  # from every place: the point is not meant for this town


def advice_of(plan: Plan) -> Advice:
    """What else could be done; nothing where the plan was written without."""
    return plan.advice or Advice()


def site_name(plan: Plan, site_id: str, words: Words) -> str:
    """A site as people call it: its address and what the camera hangs on."""
    site = next((s for s in plan.sites if s.site_id == site_id), None)
    return site_id if site is None else _named(site.address or site.area_name, site.mount_id or site.camera_id, words)


def thing_name(plan: Plan, site: str, language: Language = "ja") -> str:
    """A pinned or banned site as people call it: one of the plan, or a place left out; nothing where none is named."""
    if not site:  # a new site has no camera yet: an empty id is none of its names
        return ""
    words = Words(language)
    found = next((s for s in plan.sites if site in (s.site_id, s.mount_id, s.camera_id, place_of(s))), None)
    if found is not None:
        return site_name(plan, found.site_id, words)
    place = next((p for p in advice_of(plan).places if site in (p.site_id, p.place_id, p.place_id[2:])), None)
    return place_name(place, words) if place else site


def price_sentence(price: PricePart, language: Language = "ja") -> str:
    """What one wish costs."""
    words = Words(language)
    if price.high_per_year < SAME:
        return words.say("advice.price_none")
    values = (price.cost_per_year, price.low_per_year, price.high_per_year)
    cost, low, high = (two_digits(v) for v in values)
    return words.say("advice.price_exact" if low == high else "advice.price", cost=cost, low=low, high=high)


def place_name(place: PlacePart, words: Words) -> str:
    """A place as people call it."""
    return _named(place.address, place.place_id[2:], words)


def _named(address: str, thing: str, words: Words) -> str:
    return words.say("advice.named", address=address, thing=thing) if address else thing


def rules_in_words(plan: Plan, rules: list[str], words: Words) -> str:
    """Names of rules (``rule.``), reasons of offers (``reason.``) or of wishes (``wish_reason.``), in a row."""
    named = plan.duties.programmes if plan.duties else []
    programmes = {p.id: p.name_ja if words.language == "ja" else p.name_en for p in named}
    found = []
    for rule in rules:
        kind, _, about = rule.partition(":")
        key = next((k for k in (f"rule.{kind}", f"wish_reason.{kind}", f"reason.{kind}") if knows(k)), "")
        told = words.say(key).rstrip("。.") if key else kind
        what = floor_name(about, words.language) if kind == "floor" else programmes.get(about, about)
        found.append(words.say("advice.rule_of", rule=told, about=what) if about else told)
    return words.join(list(dict.fromkeys(found)))


def place_sentences(plan: Plan, place: PlacePart, language: Language = "ja") -> list[str]:
    """Why nothing is changed at a place, and what would be if it were."""
    words = Words(language)
    near = next((s for s in plan.sites if s.site_id == place.near_site_id), None)
    away = nearest([near], place.east_m, place.north_m)[0][0] if near else 0.0
    told = [
        words.say(
            "advice.tied" if place.code == "outbid" and place.change_per_year == 0 else f"advice.{place.code}",
            rules=rules_in_words(plan, place.rules, words),
            near=site_name(plan, place.near_site_id, words),
            away=words.away(away),
        )
    ]
    if place.gain_per_year is None:
        return told
    if place.gain_per_year > SAME:
        told.append(
            words.say(
                "advice.would_add",
                gain=two_digits(place.gain_per_year),
                yen=words.yen(place.municipality_yen or 0),
            )
        )
        told += _per_money(plan, place, words)
    if place.replaced:
        told.append(words.say("advice.replaced", number=f"{place.replaced:,}"))
    return [*told, _exchange(plan, place, words), _proof(place, words)]


def _per_money(plan: Plan, place: PlacePart, words: Words) -> list[str]:
    """What the place adds for its own capital, beside the least of the chosen sites."""
    rates = [
        s.gain_per_year / s.payers.municipality_yen
        for s in plan.sites
        if s.payers.municipality_yen and s.gain_per_year > 0
    ]
    if not rates or not place.municipality_yen or not place.gain_per_year:
        return []
    here = place.gain_per_year / place.municipality_yen
    return [
        words.say("advice.per_million", here=two_digits(here * MILLION_YEN), least=two_digits(min(rates) * MILLION_YEN))
    ]


def _exchange(plan: Plan, place: PlacePart, words: Words) -> str:
    """The best single exchange that would put a camera here."""
    if place.change_per_year is None:
        return words.say("advice.year_over" if place.year_over else "advice.no_exchange")
    out = site_name(plan, place.out_site_id, words) if place.out_site_id else ""
    how = "same" if abs(place.change_per_year) < SAME else "loses" if place.change_per_year < 0 else "gains"
    key = f"advice.{'exchange' if out else 'added'}_{how}"
    return words.say(key, out=out, change=two_digits(abs(place.change_per_year)))


def _proof(place: PlacePart, words: Words) -> str:
    """What is proven about every plan with this place."""
    loss = place.least_loss_per_year or 0.0
    return words.say("advice.proven", loss=two_digits(loss)) if loss > SAME else words.say("advice.not_proven")


def exchange_sentence(exchange: ExchangePart, language: Language = "ja") -> str:
    """What would come in the place of one site, and what that costs."""
    words = Words(language)
    change, loss = exchange.change_per_year, exchange.least_loss_per_year
    proof = words.say("advice.proven_without", loss=two_digits(loss)) if loss > SAME else ""
    if change is None:
        return words.run_on([words.say("advice.year_over" if exchange.year_over else "advice.instead_none"), proof])
    instead = _named(exchange.address, exchange.place_id[2:], words) if exchange.place_id else ""
    key = "advice.instead" if instead else "advice.instead_nothing"
    yen = exchange.municipality_yen or 0
    money = words.say(
        "advice.money_same" if yen == 0 else f"advice.money_{'more' if yen > 0 else 'less'}", yen=words.yen(abs(yen))
    )
    return words.run_on([words.say(key, instead=instead, change=two_digits(abs(change))), money, proof])


def request_sentence(plan: Plan, request: RequestPart, language: Language = "ja") -> str:
    """The answer to one request with its reason and the nearest planned site."""
    words = Words(language)
    values = {
        "site": site_name(plan, request.site_id, words),
        "camera": request.camera_id,
        "budget": words.yen(request.budget_yen or 0),
        "away": words.away(request.nearest_m or 0.0),
        "reach": f"{number('request_reach_m'):,.0f}",
    }
    place = advice_of(plan).place(request.place_id) if request.place_id else None
    if knows(f"advice.request_{request.reason}"):
        told = [words.say(f"advice.request_{request.reason}", **values)]
    else:
        told = [words.say("advice.request_place", place=place_name(place, words))] if place else []
        told += place_sentences(plan, place, language)[:1] if place else []
    if request.nearest_m is not None and request.answer != "adopted":
        site = site_name(plan, request.nearest_site_id, words)
        told.append(words.say("advice.nearest", site=site, away=words.away(request.nearest_m)))
    return words.run_on(told)


def change_sentence(first: Plan, second: Plan, change: Change, language: Language = "ja") -> str:
    """What the second plan does otherwise at one place, and why."""
    words = Words(language)
    plan = second if any(s.site_id == change.site_id for s in second.sites) else first
    told = [words.say(f"advice.{change.how}", site=site_name(plan, change.site_id, words))]
    site = next(s for s in plan.sites if s.site_id == change.site_id)
    if knows(f"advice.because_{change.reason}"):
        because = words.coded("wish_reason", change.because)
        if change.reason == "differs":
            because = words.join([words.say(f"advice.differs_{word}") for word in change.because.split()])
        values = {"gain": two_digits(site.gain_per_year), "yen": words.yen(site.payers.municipality_yen)}
        told.append(words.say(f"advice.because_{change.reason}", because=because, **values))
    elif place := advice_of(second).place(change.place_id):
        told += place_sentences(second, place, language)[:1]
    return words.run_on(told)


@dataclass(frozen=True)
class Told:
    """What is said of one place: its name, how far it is from where was asked (m), and why it is chosen or not."""

    place_id: str
    name: str
    distance_m: float | None
    site_id: str  # "" where nothing is changed
    code: str
    sentences: list[str]


def why(plan: Plan, place_id: str, language: Language = "ja") -> Told:
    """Why a site is chosen, or nothing is changed at a mount or standing camera.

    Raises
    ------
    InputError
        ``place_unknown``, ``advice_missing``.
    """
    for site in plan.sites:
        if place_id in (site.site_id, site.mount_id, site.camera_id, place_of(site)):
            return _told_site(plan, site, None, language)
    place = _advice(plan).place(place_id)
    if place is None:
        known = [i for s in plan.sites for i in (s.mount_id, s.camera_id) if i]
        known += [p.place_id[2:] for p in advice_of(plan).places]
        near = next(iter(difflib.get_close_matches(place_id, known, n=1)), "-")
        raise InputError("place_unknown", f"no place {place_id}", place=place_id, nearest=near)
    return _told_place(plan, place, None, language)


def why_at(plan: Plan, lon_deg: float, lat_deg: float, language: Language = "ja", most: int = 3) -> list[Told]:
    """The same of the places nearest to a point, nearest first.

    Raises
    ------
    InputError
        ``advice_missing``, ``point_far_off``: more than 10 km from every place of the plan.
    """
    east_m, north_m = east_north(plan.town.epsg, lon_deg, lat_deg)
    places = _advice(plan).places
    found: list[tuple[float, Site | PlacePart]] = [
        *nearest(plan.sites, east_m, north_m),
        *nearest(places, east_m, north_m),
    ]
    found.sort(key=lambda pair: pair[0])
    if not found or found[0][0] > FAR_M:
        raise InputError("point_far_off", f"{lon_deg}, {lat_deg}", lon=lon_deg, lat=lat_deg, kilometres=FAR_M / 1000)
    return [
        _told_site(plan, one, away, language) if isinstance(one, Site) else _told_place(plan, one, away, language)
        for away, one in found[:most]
    ]


def _advice(plan: Plan) -> Advice:
    """What else could be done, or the refusal of a plan that was written without."""
    if plan.advice is None:
        raise InputError("advice_missing", "the plan holds no advice", plan_id=plan.plan_id[:12])
    return plan.advice


def _told_site(plan: Plan, site: Site, away_m: float | None, language: Language) -> Told:
    words = Words(language)
    told = [
        words.say("advice.chosen", priority=site.priority),
        sentence(site.reason, language),
        why_here(plan, site, language),
    ]
    name = site_name(plan, site.site_id, words)
    return Told(place_of(site), name, away_m, site.site_id, "chosen", [t for t in told if t])


def _told_place(plan: Plan, place: PlacePart, away_m: float | None, language: Language) -> Told:
    name = place_name(place, Words(language))
    return Told(place.place_id, name, away_m, "", place.code, place_sentences(plan, place, language))


def why_here(plan: Plan, site: Site, language: Language = "ja") -> str:
    """What would come in a site's place: the other half of why it is chosen."""
    exchange = next((e for e in advice_of(plan).exchanges if e.site_id == site.site_id), None)
    return "" if exchange is None else exchange_sentence(exchange, language)
