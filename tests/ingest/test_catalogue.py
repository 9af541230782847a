"""Models, tiers and programmes: shipped or the town's own."""

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from planner import ingest
from planner.errors import InputFaults
from planner.ingest.words import SHIPPED

Maker = Callable[..., Path]
GOOD = "id: a\nname_ja: 制度\nname_en: scheme\npayer: prefecture\nrate: 2/3\ncap_per_camera_yen: 200000\neligible_categories: [camera, pole]\nsource: 要綱\n"


def entry(text: str) -> str:
    first, *rest = text.splitlines()
    return f"  - {first}\n" + "".join(f"    {line}\n" for line in rest)


def test_shipped_catalogue_is_plausible(make_town: Maker) -> None:
    """Camera, recorder, installation, cable and sign together lie within what cities paid (200,000 to 360,000 yen)."""
    inputs = ingest.read(make_town())
    models = inputs.models.set_index("model_id")
    each = models[["camera_yen", "installation_yen", "cable_yen", "signage_yen"]].sum(axis=1)
    fortnight = inputs.tiers.set_index("retention_days")["recorder_yen"][14]
    assert each.add(fortnight).between(200_000, 360_000).all()
    assert inputs.tiers.sort_values("retention_days")["recorder_yen"].is_monotonic_increasing
    assert inputs.programmes == ()
    assert {t.file: t.rows for t in inputs.tallies if t.role in {"models", "tiers"}} == {
        "models.csv": 4,
        "tiers.csv": 5,
    }


def test_own_models(make_town: Maker) -> None:
    header = "model_id,name,width_px,angle_deg,infrared_m,camera_yen,installation_yen,cable_yen,signage_yen,running_yen_per_year,source\n"
    body = (
        header
        + 'a,甲,1920,90,30,"50,000",１０００,0,0,0,見積書\nb,乙,50,90,30,1,1,0,0,0,見積書\nc,丙,1920,90,30,1.5,1,0,0,0,見積書\nd,丁,1920,90,30,1,1,0,0,0,\n'
    )
    inputs = ingest.read(make_town('[models]\nfile = "m.csv"\n', {"m.csv": body}))
    assert inputs.models["model_id"].tolist() == ["a"]
    assert inputs.models[["camera_yen", "installation_yen"]].to_numpy().tolist() == [[50_000, 1_000]]
    assert inputs.set_aside["reason"].tolist() == ["out_of_range", "number_not_whole", "value_missing"]
    assert [n.values["role"] for n in inputs.notes if n.code == "catalogue_shipped"] == ["tiers"]


def test_programmes_of_the_town_and_shipped_ones(make_town: Maker) -> None:
    toml = '[programmes]\nfile = "p.yaml"\nshipped = ["jp-dai2-soft"]\n'
    inputs = ingest.read(make_town(toml, {"p.yaml": "programmes:\n" + entry(GOOD)}))
    own, shipped = inputs.programmes
    assert own.rate == Fraction(2, 3)
    assert own.cap_total_yen is None
    assert shipped.id == "jp-dai2-soft"
    assert shipped.rate == Fraction(1, 2)
    assert shipped.cap_total_yen == 1_000_000_000
    assert "own_money_only" not in [n.code for n in inputs.notes]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        (("rate: 2/3", "rate: 3/2"), "rate"),
        (("rate: 2/3", "rate: 1/0"), "rate"),
        (("rate: 2/3", "rate: 半分"), "rate"),
        (("payer: prefecture", "payer: police"), "payer"),
        (("source: 要綱\n", ""), "sources"),
        (("[camera, pole]", "[camera, lande]"), "eligible_categories.1"),
        (("id: a\n", "id: a\nrat: 1\n"), "rat"),
    ],
)
def test_programmes_refused(make_town: Maker, change: tuple[str, str], path: str) -> None:
    text = (
        "programmes:\n"
        + entry(GOOD.replace(*change))
        + entry(GOOD.replace("id: a", "id: b").replace("rate: 2/3", "rate: -1"))
    )
    with pytest.raises(InputFaults) as caught:
        ingest.read(make_town('[programmes]\nfile = "p.yaml"\n', {"p.yaml": text}))
    found = [(f.code, f.values["id"], f.values["field"]) for f in caught.value.faults]
    assert found == [("programme_refused", "a", path), ("programme_refused", "b", "rate")]


def test_unknown_shipped_id_and_repeated_id(make_town: Maker) -> None:
    toml = '[programmes]\nfile = "p.yaml"\nshipped = ["jp-dai2-sotf"]\n'
    with pytest.raises(InputFaults) as caught:
        ingest.read(make_town(toml, {"p.yaml": "programmes:\n" + entry(GOOD) * 2}))
    assert [f.code for f in caught.value.faults] == ["programme_unknown", "programme_refused"]
    assert caught.value.faults[0].values["nearest"] == "jp-dai2-soft"


@pytest.mark.parametrize("text", ["a: [", "- a\n", "programmes: 3\n", "!!python/object/apply:os.getcwd []\n"])
def test_yaml_refused(make_town: Maker, text: str) -> None:
    with pytest.raises(InputFaults) as caught:
        ingest.read(make_town('[programmes]\nfile = "p.yaml"\n', {"p.yaml": text}))
    assert [f.code for f in caught.value.faults] == ["yaml_unreadable"]


def test_the_two_national_grants_are_presets_that_say_what_is_not_confirmed(make_town: Maker) -> None:
    toml = '[programmes]\nshipped = ["jp-dai2-soft", "jp-juten-shien"]\n'
    with pytest.raises(InputFaults) as caught:
        ingest.read(make_town(toml))
    (fault,) = caught.value.faults  # the envelope is the town's own figure
    assert (fault.code, fault.values["id"], fault.values["missing"]) == (
        "programme_incomplete",
        "jp-juten-shien",
        ["cap_total_yen"],
    )
    fill = "[programmes.fill.jp-juten-shien]\ncap_total_yen = 12_000_000\n"
    inputs = ingest.read(make_town(toml + fill))
    soft, envelope = inputs.programmes
    assert (str(soft.rate), soft.cap_total_yen) == ("1/2", 1_000_000_000)
    assert any("verification" in condition for condition in soft.conditions)
    assert (str(envelope.rate), envelope.cap_total_yen) == ("1", 12_000_000)
    told = [n.values for n in inputs.notes if n.code == "programme_unconfirmed"]
    assert [v["name"] for v in told] == [soft.named, envelope.named]
    assert "eligible_categories" in told[0]["missing"]


def test_fill_is_for_programmes_that_are_taken(make_town: Maker) -> None:
    toml = '[programmes]\nshipped = ["jp-dai2-soft"]\n[programmes.fill.jp-juten-shien]\ncap_total_yen = 1\n'
    with pytest.raises(InputFaults) as caught:
        ingest.read(make_town(toml))
    assert [(f.code, f.values["id"]) for f in caught.value.faults] == [("programme_unknown", "jp-juten-shien")]


def test_every_shipped_programme_has_keys_sources_and_a_day() -> None:
    found = ingest.read_programme_file(SHIPPED / "programmes.yaml")
    assert len(found) == 54
    for programme in found:
        assert programme.sources, programme.id
        assert all(source.title and source.url for source in programme.sources), programme.id
        assert programme.checked_on is not None
        assert not any(variant.when.text for variant in programme.variants), programme.id
