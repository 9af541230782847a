"""plan.html: self-contained, escaped, complete in both languages."""

from __future__ import annotations

import hashlib
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from planner import show
from planner.errors import StoreError
from planner.show import page, vendor
from planner.show.chart import ticks
from planner.show.mapspec import CLASS_COLOURS, class_breaks, describe

KANA_OR_KANJI = re.compile(r"[\u3041-\u30fa\u4e00-\u9fff]")
PLAIN_NAMES = ("大和市", "中央一丁目", "つきみ野二丁目", "東電タウン", "市の規則", "確認済", "北小学校区", "市の要綱")


class Reader(HTMLParser):
    """What a browser would ask for, run and show."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.addresses, self.text, self.scripts, self.styles, self.tags = [], [], [], [], []
        self._inside = None

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in ("script", "style", "title"):
            self._inside = tag
        for name, value in attrs:
            if name in ("src", "href", "srcset", "data", "action", "poster", "background", "xlink:href"):
                self.addresses.append(value or "")
            if name == "style" and value:
                self.styles.append(value)
            if name.startswith("on"):
                self.scripts.append(value or "")

    def handle_endtag(self, tag):
        if tag == self._inside:
            self._inside = None

    def handle_data(self, data):
        if self._inside == "script":
            self.scripts.append(data)
        elif self._inside == "style":
            self.styles.append(data)
        elif self._inside is None:
            self.text.append(data)

    @property
    def visible(self):
        return "\n".join(t.strip() for t in self.text if t.strip())


def read(text):
    reader = Reader()
    reader.feed(text)
    reader.close()
    return reader


@pytest.fixture(scope="module", params=["ja", "en"])
def language(request):
    return request.param


def test_nothing_is_asked_of_any_other_machine(plan, big_plan, language):
    for p in (plan, big_plan):
        reader = read(page.render(p, language))
        assert [a for a in reader.addresses if not a.startswith("data:")] == []
        for style in reader.styles:
            assert re.findall(r"url\(|@import", style) == []
        for script in reader.scripts:
            assert not re.search(r"""(src|href)\s*=\s*["']?https?:""", script)
            assert "sourceMappingURL" not in script
        assert not any(tag == "link" and a.get("rel") != "icon" for tag, a in reader.tags)


def test_the_map_alone_asks_nothing_either(plan, language):
    text = show.draw(plan, language).get_root().render()
    reader = read(text)
    assert [a for a in reader.addresses if a.startswith(("http", "//"))] == []
    bare = show.draw(plan, language, inline=False).get_root().render()
    assert not re.search(r"https?://", bare)  # no folium class in use names an outside address
    assert "leaflet" in text[:200_000].lower()


def test_names_are_text_wherever_they_stand(plan, language):
    reader = read(page.render(plan, language))
    # two libraries, the small head script, and the page's own: no name has opened a tag
    assert sum(tag == "script" for tag, _ in reader.tags) == 4
    assert not any(tag in ("img", "iframe", "object", "embed", "form") for tag, _ in reader.tags)
    own = reader.scripts[-1]
    assert "L.map(" in own
    for raw in ("${document", "`+(document", "C:\\plan", "<img", "</script><", "'hit'"):
        assert raw not in own
    assert "𠮷野町" in reader.visible
    assert "C:\\plan\\2024" in reader.visible
    assert "<script>document.title='hit'</script>駅前" in reader.visible


def test_value_by_offence_stands_first(plain_plan, language):
    tables = re.findall(r"<table class.*?</table>", page.render(plain_plan, language), flags=re.DOTALL)
    assert ("自転車盗" if language == "ja" else "bicycle theft") in tables[0]
    rows = re.findall(r"<tr>(.*?)</tr>", tables[0], flags=re.DOTALL)[1:]
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", r) for r in rows]
    # 375.4 a year; 45 % place; 5 % before; 11 % after; gain; 40 % front with 2 % and 3 %; 15 % owner only
    assert cells[0][1:] == ["380", "170", "19", "41", "23", "150", "7.5", "11", "56"]


def test_title_mark_and_bound(plain_plan):
    ja, en = (read(page.render(plain_plan, lang)) for lang in ("ja", "en"))
    assert "大和市 防犯カメラ設置計画（案）" in ja.visible
    assert "内部資料・取扱注意（案）" in ja.visible
    assert "理論上の上限との差は1.4％以内（計算上）" in ja.visible
    assert "INTERNAL DRAFT" in en.visible
    assert "within 1.4% (calculated) of the theoretical bound" in en.visible
    for reader in (ja, en):
        assert "強盗対策" not in reader.visible
        assert "監視カメラ" not in reader.visible
        assert "prevented" not in reader.visible
        assert "2,160,000" in reader.visible
    assert "強盗と侵入窃盗の記録は読み込まれていません" in ja.visible


def test_robbery_sentence_goes_when_robberies_are_recorded(plain_plan):
    robbery = plain_plan.offences[0].model_copy(update={"offence_group": "robbery"})
    text = read(page.render(plain_plan.model_copy(update={"offences": [robbery]}), "ja")).visible
    assert "読み込まれていません" not in text
    assert "強盗" in text


def test_the_japanese_page_speaks_japanese(plain_plan):
    known = plain_plan.model_copy(update={"notes": [plain_plan.sites[0].reason]})
    for text in read(page.render(known, "ja")).text:
        assert not re.search(r"[A-Za-z]{2,}(\s+[A-Za-z]{2,}){2,}", text), text


def test_the_english_page_speaks_english(plain_plan):
    text = read(page.render(plain_plan, "en")).visible
    for name in PLAIN_NAMES:
        text = text.replace(name, "")
    assert KANA_OR_KANJI.findall(text) == []


def test_english_map_speaks_english(plain_plan):
    text = json.dumps([[(i.tip, getattr(i, "text", "")) for i in layer.items] for layer in describe(plain_plan, "en").layers],
                      ensure_ascii=False)  # fmt: skip
    for name in PLAIN_NAMES:
        text = text.replace(name, "")
    assert KANA_OR_KANJI.findall(text) == []


def test_every_site_camera_and_district_has_its_row(plan, language):
    text = page.render(plan, language)
    sites = text[text.index('<section id="map">') : text.index('<section id="standing">')]
    assert len(re.findall(r'<tr class="reason">', sites)) == len(plan.sites)
    standing = text[text.index('<section id="standing">') : text.index('<section id="districts">')]
    for camera in plan.standing:
        assert f"<td>{camera.camera_id}</td>" in standing
    assert ("保存期間不適合" if language == "ja" else "retention outside the limits") in standing
    districts = text[text.index('<section id="districts">') : text.index('<section id="notes">')]
    assert "4,321" in districts
    assert ">4.9<" in districts  # 21 a year within view per 4.321 thousand households


def test_an_empty_plan_still_makes_a_page(empty_plan, language):
    text = read(page.render(empty_plan, language)).visible
    assert ("全ての条件を満たす案はありませんでした" if language == "ja" else "No plan keeps all rules") in text


def test_same_plan_same_page(plan, language):
    assert page.render(plan, language) == page.render(plan, language)


def test_vendored_files_are_what_the_manifest_says():
    listed = {f["path"]: f["sha256"] for package in vendor.manifest() for f in package["files"]}
    there = {
        str(p.relative_to(vendor.VENDOR)) for p in vendor.VENDOR.rglob("*") if p.is_file() and p.name != "manifest.json"
    }
    assert set(listed) == there
    for path, digest in listed.items():
        assert hashlib.sha256((vendor.VENDOR / path).read_bytes()).hexdigest() == digest
    for package in vendor.manifest():
        assert any("LICENSE" in f["path"] for f in package["files"])
        assert package["licence"] in ("MIT", "BSD-2-Clause")


def test_a_changed_asset_is_refused(tmp_path, monkeypatch):
    for path in vendor.VENDOR.rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(vendor.VENDOR)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    changed = tmp_path / "leaflet" / "1.9.4" / "leaflet.js"
    changed.write_bytes(changed.read_bytes() + b"alert(1)")
    monkeypatch.setattr(vendor, "VENDOR", Path(tmp_path))
    vendor._assets.cache_clear()
    vendor.head.cache_clear()
    try:
        with pytest.raises(StoreError) as refusal:
            vendor.head()
    finally:
        monkeypatch.undo()
        vendor._assets.cache_clear()
        vendor.head.cache_clear()
    assert refusal.value.code == "asset_broken"
    assert refusal.value.values["file"] == "leaflet/1.9.4/leaflet.js"


def test_classes_of_the_map_fall_in_lightness_and_none_is_red():
    def light(colour):
        red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue, red, blue

    steps = [light(c) for c in CLASS_COLOURS]
    assert all(a[0] - b[0] > 15 for a, b in pairwise(steps))
    assert all(blue >= red - 3 for _, red, blue in steps)


def test_class_breaks_by_hand():
    # ten blocks of 1 km2 with 1..10 offences a year: quintiles 2.8, 4.6, 6.4, 8.2
    assert class_breaks([float(n) for n in range(1, 11)], [1e6] * 10) == (2.8, 4.6, 6.4, 8.2)
    assert class_breaks([0.0, 0.0], [1e6, 1e6]) == ()
    assert class_breaks([3.0, 3.0], [1e6, 1e6]) == (3.0,)


def test_ticks_by_hand():
    assert ticks(60.9) == [0, 20, 40, 60, 80]
    assert ticks(20_000_000) == [0, 5e6, 10e6, 15e6, 20e6]
    assert ticks(0) == [0.0, 1.0]


def test_spec_tells_every_layer_once(plan):
    spec = describe(plan, "ja")
    assert [layer.key for layer in spec.layers] == ["areas", "standing_views", "proposed_views", "standing", "sites"]
    assert len(spec.layers[-1].items) == len(plan.sites)
    assert len(spec.layers[0].items) == len(plan.areas)
    west, south, east, north = spec.box
    assert 139 < west < east < 140
    assert 35 < south < north < 36
