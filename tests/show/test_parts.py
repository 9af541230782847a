"""Parts of the page for the app: complete, the same as on the page, drawings as images, nothing unescaped."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from typing import get_args
from xml.etree import ElementTree as ET

import pytest

from planner import show
from planner.frames import SHIPPED_NOTE
from planner.show import markup, page
from planner.show.table import Column, Table
from planner.show.words import Words
from planner.text import LANGUAGES, catalogue

NAMES = get_args(show.PartName)
KANA_OR_KANJI = re.compile(r"[\u3041-\u30fa\u4e00-\u9fff]")
TAGS = {
    "code",
    "details",
    "summary",
    "div",
    "span",
    "b",
    "p",
    "ul",
    "li",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "img",
    "h4",
}
ATTRIBUTES = {"alt", "aria-label", "class", "colspan", "role", "scope", "src", "tabindex"}


class Reader(HTMLParser):
    """Tags, attributes and visible text; refuses what is not closed in order."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.text, self.images, self._open = [], [], [], []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "img":
            self.images.append(dict(attrs))
        else:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)

    @property
    def visible(self):
        return "\n".join(t.strip() for t in self.text if t.strip())

    def cells(self):
        return [t.strip() for t in self.text if t.strip()]


def drawing(image):
    """The XML behind an image (a browser shows a broken image where it is not well formed)."""
    head, code = image["src"].split(",", 1)
    assert head == "data:image/svg+xml;base64"
    root = ET.fromstring(base64.b64decode(code, validate=True))  # noqa: S314 - made here
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return root


@pytest.fixture(scope="module", params=LANGUAGES)
def language(request):
    return request.param


@pytest.mark.parametrize("name", NAMES)
def test_every_part_is_there_in_both_languages_and_harmless(plan, language, name):
    reader = Reader(show.part(plan, name, language))
    assert reader.tags
    assert {tag for tag, _ in reader.tags} <= TAGS
    assert {a for _, attributes in reader.tags for a in attributes} <= ATTRIBUTES
    for image in reader.images:
        for element in drawing(image).iter():
            assert element.tag.rpartition("}")[2] in {"svg", "line", "text", "polyline", "circle", "rect", "path"}
            assert not any(a.lower().startswith("on") or "href" in a.lower() for a in element.attrib)


@pytest.mark.parametrize("name", ["standing", "areas", "districts", "ledger", "sources", "settings", "notes"])
def test_a_hostile_name_is_shown_as_it_stands(plan, language, name):
    text = show.part(plan, name, language)
    assert not re.search(r"<script|<img src=x|</script|[`$]", text)
    shown = Reader(text).visible
    hostile = {
        "standing": "<script>document.title='hit'</script>駅前",
        "areas": "${document.title='hit'}",
        "districts": "<img src=x onerror=\"document.title='hit'\">公園",
        "ledger": "`+(document.title='hit')+`",
        "sources": "=1+1",
        "settings": "C:\\plan\\2024",
        "notes": "=1+1",
    }
    assert hostile[name] in shown


def test_a_source_that_came_with_the_program_says_so_in_the_readers_words(plain_plan):
    source = plain_plan.sources[0].model_copy(update={"note": SHIPPED_NOTE + "2026-11-22"})
    shown = plain_plan.model_copy(update={"sources": [source]})
    assert "付属の一覧（令和8年11月22日確認）" in Reader(show.part(shown, "sources", "ja")).visible
    assert "comes with the program, checked 2026-11-22" in Reader(show.part(shown, "sources", "en")).visible


@pytest.mark.parametrize("name", NAMES)
def test_each_language_is_its_own(plain_plan, name):
    ja, en = (Reader(show.part(plain_plan, name, lang)) for lang in LANGUAGES)
    if name != "curve":
        assert KANA_OR_KANJI.search(ja.visible)
        assert ja.visible != en.visible
    else:
        assert KANA_OR_KANJI.search(ja.images[0]["alt"])
        assert not KANA_OR_KANJI.search(en.images[0]["alt"])


@pytest.mark.parametrize(
    "name",
    ["figures", "offences", "payers", "ledger", "standing", "districts", "notes", "sources", "settings", "limits"],
)
def test_the_page_says_the_same(plan, language, name):
    one, whole = (
        t.replace('"wide small"', '"wide"') for t in (show.part(plan, name, language), page.render(plan, language))
    )
    assert one in whole


def test_every_status_has_its_proof(plan, language):
    said = {}
    for status in ("optimal", "within_gap", "stopped", "infeasible"):
        said[status] = Reader(show.part(plan.model_copy(update={"status": status}), "proof", language)).visible
    assert len(set(said.values())) == 4
    assert "1.4" in said["within_gap"]  # 0.013555, rounded up


def test_the_short_table_of_value_by_offence(plain_plan):
    cells = Reader(show.part(plain_plan, "effect", "en")).cells()
    at = cells.index("bicycle theft")
    # 375.4 a year; 5 % before; 11 % after; the difference
    assert cells[at + 1 : at + 5] == ["380", "19", "41", "23"]
    assert len(re.findall(r'<th scope="col">', show.part(plain_plan, "effect", "en"))) == 5


def test_a_plan_of_nothing_has_every_part_too(empty_plan, language):
    nothing = catalogue(language)["show.nothing"]
    for name in ("offences", "ledger", "standing", "areas", "districts", "sources", "settings"):
        assert Reader(show.part(empty_plan, name, language)).visible == nothing
    assert Reader(show.part(empty_plan, "notes", language)).visible == catalogue(language)["show.no_notes"]
    assert show.part(empty_plan, "curve", language) == ""


def test_the_curve_is_an_image_that_can_be_read(plain_plan, language):
    (image,) = Reader(show.part(plain_plan, "curve", language)).images
    root = drawing(image)
    assert image["class"] == "chart"
    assert image["alt"] == root.attrib["aria-label"]
    assert "20" in image["alt"]  # points of the curve
    # the points with a plan, the plan's own ring, and the ring of the key
    assert len(root.findall(".//{*}circle")) == 20 + 1 + 1
    words = "".join(root.itertext())
    for key in ("chart.value", "chart.bound", "chart.plan"):
        assert catalogue(language)[key] in words


def test_legend_of_the_map(plan, language):
    spec = show.describe(plan, language)
    reader = Reader(show.legend(spec))
    assert len(reader.images) == len(spec.legend)
    for image in reader.images:
        drawing(image)
    for entry in spec.legend:
        assert entry.text in reader.visible
    assert spec.legend_heading in reader.visible
    classes = [e for e in spec.legend if e.group == "classes"]
    fills = [drawing(i)[0].attrib["fill"] for i in reader.images[-len(classes) :]]
    assert fills == [e.style.fill for e in classes]
    assert len(set(fills)) == len(classes) >= 3


def test_a_card_tells_what_the_pin_tells(plan, language):
    pins = [i for layer in show.describe(plan, language).layers for i in layer.items if isinstance(i, show.Pin)]
    assert len(pins) == 6
    for pin in pins:
        reader = Reader(show.card(pin))
        assert {tag for tag, _ in reader.tags} <= TAGS
        cells = reader.cells()
        assert cells[:2] == [pin.heading, pin.text]
        assert cells[2:] == [part for line in pin.tip for part in line]


def test_any_table_is_escaped(language):
    text = show.table(language, ["<i>head", "b"], [["<script>1</script>", "`${x}`"], ["&amp;", ""]])
    reader = Reader(text)
    assert {tag for tag, _ in reader.tags} == {"div", "table", "thead", "tbody", "tr", "th", "td"}
    none = "―" if language == "ja" else "–"
    assert reader.cells() == ["<i>head", "b", "<script>1</script>", "`${x}`", "&amp;", none]
    assert Reader(show.table(language, ["a"], [])).visible == catalogue(language)["show.nothing"]


def test_site_rows_run_beside_the_sites(plan, plain_plan, language):
    found = show.site_rows(plan, language)
    assert found.keys == tuple(s.site_id for s in plan.sites)
    assert len(found.headings) == len(found.numeric) == len(set(found.headings))
    assert all(len(row) == len(found.headings) for row in found.rows)
    assert [row[0] for row in found.rows] == ["1", "2", "3", "4", "5", "6"]
    assert found.numeric[0]
    numbers = show.site_rows(plain_plan, language)
    for row in numbers.rows:
        for number, cell in zip(numbers.numeric, row, strict=True):
            assert not number or re.fullmatch(r"-?[\d,.]+|[―–]", cell), cell
    assert any("360,000" in row for row in numbers.rows)
    money = next(n for n, cell in enumerate(numbers.rows[0]) if cell == "360,000")
    assert numbers.numeric[money]


def test_names_stay_plain_text_in_site_rows(plan):
    """Whoever draws the rows sets them as text: they carry no entities."""
    cells = [cell for row in show.site_rows(plan).rows for cell in row]
    assert "<img src=x onerror=\"document.title='hit'\">公園" in cells
    assert not any("&lt;" in cell or "&#" in cell for cell in cells)


@pytest.mark.parametrize(("rows", "hidden"), [(3, 0), (13, 0), (15, 2)])
def test_a_long_table_shows_its_first_rows_and_keeps_the_rest(rows: int, hidden: int) -> None:
    words = Words("ja")
    shown = Table("weighed", (Column("件数", "whole", "sites"),), tuple((n,) for n in range(100, 100 + rows)))
    text = markup.folded(words, shown, 13)
    before, _, after = text.partition("<details>")
    assert (before.count('<td class="n">'), after.count('<td class="n">')) == (rows - hidden, hidden)
    assert (words.say("show.more_rows", rows=hidden) in after) == bool(hidden)


def test_names_of_files_are_set_as_code_and_nothing_in_them_runs() -> None:
    text = markup.bullets(["割合の下限は `rules.floors` で設けられます。", "`<b>` と <i>"])
    assert "<li>割合の下限は <code>rules.floors</code> で設けられます。</li>" in text
    assert "<b>" not in text
    assert "<i>" not in text
    assert "`" not in text
