"""Bad cells: numbers, hours, dates, counts, words, repeated rows, personal data, lists of cameras."""

from __future__ import annotations

from pathlib import Path

from planner.ingest import answers
from tests.ingest.bad import Bench, Seen, Steps, case
from tests.ingest.two_blocks import AREAS, TOWN

CRIME = '[crime]\nfile = "crime.csv"\n'
HEAD = "offence,area,occurred_on,hour\n"
COUNTS = '[counts]\nfile = "n.csv"\ncolumns = {area = "町", offence = "罪種", period = "期間", number = "件数"}\n'
STANDING = '[standing]\nfile = "k.csv"\n'
SECRETS = ("山田", "090-1234-5678", "横浜", "yamada@")


def records(town: Bench, *rows: str, head: str = HEAD, extra: str = "") -> None:
    """A file of records with our own headings."""
    town.toml(extra, base=TOWN + AREAS + CRIME)
    town.write("crime.csv", head + "".join(f"{row}\n" for row in rows))


def thefts(town: Bench, *days: str) -> None:
    """Bicycle thefts in 本町1丁目 on these days, as they are written."""
    records(town, *(f'自転車盗,本町1丁目,"{day}",7' for day in days))


def days_of(seen: Seen) -> list[str]:
    return [str(day.date()) for day in seen.the_inputs.incidents["occurred_on"]]


def fixes(seen: Seen, code: str) -> list[tuple[str, str, int]]:
    """Before, after and number of the corrections of one code."""
    table = seen.account.corrections
    mine = table[table["code"] == code]
    return list(zip(mine["before"], mine["after"], mine["number"], strict=True))


# ---- numbers ----


@case("B032", "FIX", "width_folded", "full-width digits and marks ３５．６８", keeps="every value; the cell as written")
def full_width(town: Bench) -> Steps:
    town.toml(STANDING)
    town.write("k.csv", "camera_id,bearing_deg,east_m,north_m\nＫ１,９０,１０．５,２０\nK2,−90,10,20\nK3,90,30,20\n")
    seen = yield
    cameras = seen.the_inputs.standing
    assert [(p.x, p.y) for p in cameras.geometry] == [(10.5, 20), (30, 20)]
    assert cameras["bearing_deg"].tolist() == [90, 90]
    assert cameras["camera_id"].tolist() == ["K1", "K3"]
    assert seen.reasons() == ["out_of_range"]  # −90 is a number, but no bearing
    table = seen.account.corrections[seen.account.corrections["role"] == "standing"]
    assert table["column"].tolist() == ["east_m", "north_m", "bearing_deg", "bearing_deg"]
    assert fixes(seen, "width_folded")[0] == ("１０．５", "10.5", 1)


@case("B033", "FIX", "dms_read", "degrees-minutes-seconds 36°00′01.62″", keeps="the point; the cell as written")
def sixtieths(town: Bench) -> Steps:
    # 0.00045 degrees are 1.62 seconds; the origin of zone IX is 36 N, 139 deg 50 min E
    town.toml(STANDING)
    body = (
        "bearing_deg,緯度,経度\n10,36°00′01.62″,139°50′01″\n"
        "20,北緯３６度０分１．６２秒,東経１３９度５０分１秒\n30,36°75′0″,139°50′01″\n"
    )
    town.write("k.csv", body)
    seen = yield
    first, second = seen.the_inputs.standing.geometry
    assert first.equals_exact(second, 1e-6)
    assert abs(first.y - 49.9) < 0.5
    assert abs(first.x - 25.0) < 0.5  # one second of longitude is 25.05 m there
    assert seen.reasons() == ["coordinate_unreadable"]
    assert ("36°00′01.62″", "36.00045", 1) in fixes(seen, "dms_read")


@case("B034", "ASK", "decimal_comma", "decimal comma 35,6812", keeps="every row, once answered")
def decimal_comma(town: Bench) -> Steps:
    town.toml(STANDING)
    town.write("k.csv", 'bearing_deg,緯度,経度\n10,"36,00045","139,833"\n20,36.00045,139.833\n')
    seen = yield
    assert {q.about: q.preview["decimal"] for q in seen.questions} == {
        "lat": ("36,00045 → 36.00045",),
        "lon": ("139,833 → 139.833",),
    }
    seen = yield
    one, two = seen.the_inputs.standing.geometry
    assert one.equals_exact(two, 1e-6)


@case("B035", "SET", "coordinate_unreadable", "1e400, inf, nan in a coordinate", keeps="the other rows")
def not_finite(town: Bench) -> Steps:
    town.toml(STANDING)
    town.write("k.csv", "east_m,north_m\n1e400,20\ninf,20\n10,nan\n10,20\n")
    seen = yield
    assert seen.reasons() == ["coordinate_unreadable"] * 3
    assert seen.account.set_aside["text"].tolist() == ["1e400,20", "inf,20", "10,nan"]
    assert len(seen.the_inputs.standing) == 1


# ---- hours ----


@case("B036", "WARN", "hours_unknown", "hour 不明 or empty", keeps="the event itself, and its weight")
def no_hour(town: Bench) -> Steps:
    records(town, *(f"自転車盗,本町1丁目,2023-01-0{n},{hour}" for n, hour in enumerate(("不明", "", "-", "7"), 1)))
    seen = yield
    assert seen.the_inputs.incidents["hour"].isna().tolist() == [True, True, True, False]
    assert seen.note("hours_unknown").values == {"number": 3, "rows": 4, "share": 0.75}


@case("B037", "FIX", "hour_by_rule", "hour 24, 14時台, 14:30-15:00", keeps="the day as written")
def loose_hours(town: Bench) -> Steps:
    hours = ("24", "14時台", "１４：３０～１５：００", "24時", "7")
    records(town, *(f"自転車盗,本町1丁目,2023-01-01,{hour}" for hour in hours))
    seen = yield
    assert seen.the_inputs.incidents["hour"].tolist() == [0, 14, 14, 0, 7]
    assert set(days_of(seen)) == {"2023-01-01"}
    assert [number for *_, number in fixes(seen, "hour_by_rule")] == [1, 1, 1, 1]


@case("B037", "SET", "hour_unreadable", "hour 25", keeps="the other rows")
def hour_25(town: Bench) -> Steps:
    records(town, "自転車盗,本町1丁目,2023-01-01,25", "自転車盗,本町1丁目,2023-01-01,23")
    seen = yield
    assert seen.the_inputs.incidents["hour"].tolist() == [23]


# ---- dates ----


@case("B038", "FIX", "wareki_read", "Wareki 令和6年4月1日, R6.4.1, 令和元年", keeps="the day; the cell as written")
def wareki(town: Bench) -> Steps:
    thefts(town, "令和6年4月1日", "R6.4.1", "令和元年5月1日", "㍻31年4月30日", "2024-04-01")
    seen = yield
    assert days_of(seen) == ["2024-04-01", "2024-04-01", "2019-05-01", "2019-04-30", "2024-04-01"]
    assert [after for _, after, _ in fixes(seen, "wareki_read")] == days_of(seen)[:4]
    assert seen.note("wareki_read").values["number"] == 4


@case(
    "B039",
    "SET",
    "date_outside_era",
    "date outside its era (平成32年)",
    keeps="the original text, with the right era proposed",
)
def outside_era(town: Bench) -> Steps:
    thefts(town, "平成32年4月1日", "昭和64年1月8日", "昭和64年1月7日")
    seen = yield
    assert days_of(seen) == ["1989-01-07"]
    assert "平成32年4月1日" in seen.account.set_aside["text"][0]
    proposed = [n.values["proposal"] for n in seen.account.notes if n.code == "era_proposed"]
    assert proposed == ["令和2年4月1日", "平成元年1月8日"]


@case("B040", "WARN", "dates_coarse", "month or year only (令和6年4月)", keeps="the date at its precision")
def coarse(town: Bench) -> Steps:
    thefts(town, "令和6年4月", "2024年", "2024-04-01")
    seen = yield
    table = seen.the_inputs.incidents
    assert table["date_precision"].tolist() == ["month", "year", "day"]
    assert days_of(seen) == ["2024-04-01", "2024-01-01", "2024-04-01"]
    assert seen.note("dates_coarse").values["months"] == seen.note("dates_coarse").values["years"] == 1
    assert abs(seen.the_inputs.years - 366 / 365.25) < 1e-9  # the year 2024 counts to its end


@case("B041", "ASK", "date_order", "ambiguous 04/05/06", keeps="every date, in the order that is answered")
def ambiguous(town: Bench) -> Steps:
    thefts(town, "04/05/06", "05/06/07", "2023-01-01")
    seen = yield
    (question,) = seen.questions
    assert question.key == "crime:date_order:occurred_on"
    assert question.preview["ymd"] == ("04/05/06 → 2004-05-06", "05/06/07 → 2005-06-07")
    assert question.preview["mdy"][0] == "04/05/06 → 2006-04-05"
    town.answers[question.key] = "dmy"
    seen = yield
    assert days_of(seen) == ["2006-05-04", "2007-06-05", "2023-01-01"]
    assert fixes(seen, "date_ordered")[0] == ("04/05/06", "2006-05-04", 1)


@case("B042", "FIX", "dates_mixed", "mixed date formats in a column", keeps="every date")
def mixed(town: Bench) -> Steps:
    thefts(town, "2024-04-01", "2024-04-02", "2024/4/3", "2024年4月4日", "20240405", "令和6年4月6日", "きのう")
    seen = yield
    assert days_of(seen) == [f"2024-04-0{n}" for n in range(1, 7)]
    assert [after for _, after, _ in fixes(seen, "dates_mixed")] == ["2024-04-03", "2024-04-04", "2024-04-05"]
    assert seen.reasons() == ["date_unreadable"]


@case("B043", "SET", "date_impossible", "impossible date 2024-02-30", keeps="the other rows")
def impossible(town: Bench) -> Steps:
    thefts(town, "2024-02-30", "2023-02-29", "2024-02-29")
    seen = yield
    assert days_of(seen) == ["2024-02-29"]
    assert seen.reasons() == ["date_impossible"] * 2


@case("B044", "SET", "date_future", "date in the future", keeps="the other rows")
def future(town: Bench) -> Steps:
    thefts(town, "2099-01-01", "2024-03-01")
    town.toml("", base=TOWN + 'as_of = "2024-04-01"\n' + AREAS + CRIME)  # no clock: the same on every day
    seen = yield
    assert days_of(seen) == ["2024-03-01"]
    assert seen.note("dates_future").values["today"] == "2024-04-01"
    assert seen.note("dates_future").values["number"] == 1


@case("B044", "WARN", "dates_old", "date before 1970", keeps="the date")
def old(town: Bench) -> Steps:
    thefts(town, "1969-12-31", "昭和30年1月1日", "1970-01-01")
    seen = yield
    assert days_of(seen) == ["1969-12-31", "1955-01-01", "1970-01-01"]
    assert (seen.note("dates_old").values["number"], seen.note("dates_old").values["first"]) == (2, "1955-01-01")


@case("B045", "ASK", "date_serial", "Excel serial 45383 as a number", keeps="every date, once answered")
def serial(town: Bench) -> Steps:
    thefts(town, "45383", "45384", "2024-04-03")
    seen = yield
    (question,) = seen.questions
    assert question.preview["1900"] == ("45383 → 2024-04-01", "45384 → 2024-04-02")
    assert question.preview["1904"][0] == "45383 → 2028-04-02"
    seen = yield
    assert days_of(seen) == ["2024-04-01", "2024-04-02", "2024-04-03"]
    assert fixes(seen, "serial_read") == [("45383", "2024-04-01", 1), ("45384", "2024-04-02", 1)]


# ---- counts and words ----


@case(
    "B046", "SET", "number_not_whole", "count as a fraction, negative; zero is a count", keeps="zero and the other rows"
)
def counts(town: Bench) -> Steps:
    town.toml(COUNTS)
    body = "町,罪種,期間,件数\n本町1丁目,強盗,2023,2.5\n本町1丁目,強盗,2022,-1\n本町1丁目,強盗,2021,0\n本町1丁目,強盗,2020,３\n"
    town.write("n.csv", body)
    seen = yield
    assert seen.the_inputs.counts["number"].tolist() == [0, 3]
    assert seen.reasons() == ["number_not_whole", "out_of_range"]


@case("B047", "ASK", "offence_word", "unknown offence word", keeps="the word as written; spellings are known")
def offence_word(town: Bench) -> Steps:
    spelt = ("ﾋｯﾀｸﾘ", "ヒッタクリ", "オートバイ　盗", "車上狙い", "自転車の盗", "詐欺", "詐欺")
    records(town, *(f"{word},本町1丁目,2023-01-01,7" for word in spelt))
    seen = yield
    asked = {q.about: (q.proposal, q.values["number"]) for q in seen.questions}
    assert asked == {"自転車の盗": ("bicycle_theft", 1), "詐欺": ("none", 2)}
    answers.remember(Path(town.folder), {q.key: q.proposal for q in seen.questions})  # next year's file asks nothing
    seen = yield
    assert seen.the_inputs.incidents["offence"].tolist() == [
        "snatching",
        "snatching",
        "motorcycle_theft",
        "theft_from_car",
        "bicycle_theft",
    ]
    assert seen.reasons() == ["offence_unknown"] * 2
    assert "詐欺" in seen.account.set_aside["text"][0]


@case("B047", "STOP", "offence_words_many", "a column of something else in the place of offences")
def no_offences(town: Bench) -> Steps:
    records(town, *(f"事案{n},本町1丁目,2023-01-01,7" for n in range(61)))
    seen = yield
    assert seen.faults[0].values["number"] == 61
    assert not seen.questions


# ---- rows that repeat ----

NAMED = "incident_id," + HEAD


@case("B048", "ASK", "same_id", "identical rows under one identifier", keeps="the count either way")
def same_event(town: Bench) -> Steps:
    row = "001,自転車盗,本町1丁目,2023-01-01,7"
    records(town, row, row, "002,自転車盗,本町1丁目,2023-01-02,7", row, head=NAMED)
    seen = yield
    (question,) = seen.questions
    assert question.preview["several"] == (row, row)
    town.answers[question.key] = "several"
    seen = yield
    assert seen.the_inputs.incidents["incident_id"].tolist() == ["001", "001#2", "002", "001#3"]


@case(
    "B048", "ASK", "same_id", "identical rows under one identifier, the same event", keeps="one event; the rest counted"
)
def one_event(town: Bench) -> Steps:
    row = "001,自転車盗,本町1丁目,2023-01-01,7"
    records(town, row, row, "002,自転車盗,本町1丁目,2023-01-02,7", head=NAMED)
    yield
    seen = yield
    assert seen.the_inputs.incidents["incident_id"].tolist() == ["001", "002"]
    assert next(t.duplicate for t in seen.account.tallies if t.role == "crime") == 1


@case("B048", "WARN", "repeats_kept", "identical rows without an identifier", keeps="every row as an event")
def no_identifier(town: Bench) -> Steps:
    thefts(town, "2023-01-01", "2023-01-01", "2023-01-02")
    seen = yield
    assert len(seen.the_inputs.incidents) == 3
    assert seen.note("repeats_kept").values == {"number": 1}


@case("B049", "SET", "id_repeated", "same identifier, different content", keeps="both rows, side by side")
def contradiction(town: Bench) -> Steps:
    town.toml("", base=TOWN + AREAS + '[crime]\nfiles = ["c/*.csv"]\n')
    one, other = "1,自転車盗,本町1丁目,2023-01-01,7", "1,ひったくり,本町1丁目,2023-01-01,7"
    town.write("c/a.csv", NAMED + "2,自転車盗,本町1丁目,2023-01-02,7\n" + one + "\n")
    town.write("c/b.csv", NAMED + other + "\n3,自転車盗,本町1丁目,2023-01-03,7\n")
    seen = yield
    assert seen.the_inputs.incidents["incident_id"].tolist() == ["2", "3"]
    aside = seen.account.set_aside
    assert list(zip(aside["file"], aside["line"], aside["text"], strict=True)) == [
        ("c/a.csv", 3, one),
        ("c/b.csv", 2, other),
    ]
    note = seen.note("ids_conflict").values
    assert (note["number"], note["text"], note["other_text"]) == (1, one, other)
    tallies = {t.file: (t.rows, t.accepted, t.set_aside) for t in seen.account.tallies if t.role == "crime"}
    assert tallies == {"c/a.csv": (2, 1, 1), "c/b.csv": (2, 1, 1)}


@case("B050", "WARN", "ids_differ_by_zeros", "identifier 001 and 1", keeps="leading zeros; two identifiers")
def leading_zeros(town: Bench) -> Steps:
    records(town, *(f"{n},自転車盗,本町1丁目,2023-01-01,7" for n in ("001", "1", "0099")), head=NAMED)
    seen = yield
    assert seen.the_inputs.incidents["incident_id"].tolist() == ["001", "1", "0099"]
    assert seen.note("ids_differ_by_zeros").values["number"] == 1


# ---- persons ----


def nothing_shows(seen: Seen) -> None:
    """No cell of a person in what a reading gives."""
    whole = repr([seen.inputs, seen.account.notes, seen.account.tallies])
    whole += seen.account.set_aside.to_csv() + seen.account.corrections.to_csv()
    whole += repr([(f.message, f.values) for f in seen.faults]) + repr(seen.questions)
    if seen.inputs is not None:
        whole += seen.inputs.incidents.to_csv()
    assert [secret for secret in SECRETS if secret in whole] == []


PERSONS = "罪種,町,occurred_on,被害者氏名,備考,車,控え\n"
MAPPED = 'columns = {offence = "罪種", area = "町"}\n'


@case("B053", "ASK", "personal_name", "personal data in a column", keeps="every event; nothing of the persons")
def persons(town: Bench) -> Steps:
    records(
        town,
        "ひったくり,本町1丁目,2023-01-01,山田太郎,携帯090-1234-5678,横浜 300 あ 12-34,yamada@example.jp",
        "ひったくり,本町1丁目,きのう,山田花子,,横浜 300 い 56-78,",
        "ひったくり,本町1丁目,2023-01-01,山田次郎,多い,欄,ある,余分",
        "謎,本町1丁目,2023-01-01,山田三郎,,,",
        head=PERSONS,
        extra=MAPPED,
    )
    seen = yield
    asked = {q.about: q.code for q in seen.questions if q.code != "offence_word"}
    assert asked == {
        "被害者氏名": "personal_name",
        "備考": "personal_phone",
        "車": "personal_plate",
        "控え": "personal_mail",
    }
    nothing_shows(seen)
    seen = yield
    nothing_shows(seen)
    assert len(seen.the_inputs.incidents) == 1
    assert seen.reasons() == ["field_count", "date_unreadable", "offence_unknown"]
    assert seen.account.set_aside["text"].tolist() == ["…", "ひったくり,本町1丁目,きのう", "謎,本町1丁目,2023-01-01"]


@case("B053", "ASK", "personal_phone", "a column that is not personal after all", keeps="the column, as answered")
def no_persons(town: Bench) -> Steps:
    town.toml('[requests]\nfile = "r.csv"\ncolumns = {requester = "電話番号", wish = "氏名・要望"}\n')
    town.write("r.csv", "電話番号,氏名・要望,east_m,north_m\n本町自治会,新設,10,20\n")
    seen = yield
    assert {q.code for q in seen.questions} == {"personal_phone", "personal_name"}
    town.answers["requests:personal_phone:電話番号"] = "keep"
    seen = yield
    assert seen.the_inputs.requests["requester"].tolist() == ["本町自治会"]
    assert seen.the_inputs.requests["wish"].tolist() == [""]  # dropped, though town.toml names it


@case(
    "B054",
    "WARN",
    "points_few",
    "points so few that a person is identifiable",
    keeps="the points; told before they are shown",
)
def few_points(town: Bench) -> Steps:
    rows = ["ひったくり,2023-01-01,50,50", *["自転車盗,2023-01-01,50,50"] * 8]
    records(town, *rows, head="offence,occurred_on,east_m,north_m\n")
    seen = yield
    assert seen.note("points_few").values == {"offences": "snatching 1", "limit": 8}
    assert len(seen.the_inputs.incidents) == 9


# ---- lists of cameras ----

CAMERAS = "管理番号,設置場所,稼働状況,方向,撤去年月日,east_m,north_m\n"
CAMERA_COLUMNS = 'columns = {camera_id = "管理番号", working = "稼働状況", bearing_deg = "方向"}\n'


@case("B117", "ASK", "cameras_removed", "camera list with removed cameras", keeps="the cameras that stand")
def removed_cameras(town: Bench) -> Steps:
    town.toml(STANDING + CAMERA_COLUMNS)
    town.write(
        "k.csv",
        CAMERAS
        + "1,駅前,稼働中,90,,10,20\n2,公園（廃止）,,90,,30,20\n3,学校,故障,90,令和5年3月31日,50,20\n4,橋,稼働中,,撤去予定,60,20\n",
    )
    seen = yield
    (question,) = seen.questions
    assert question.values["lines"] == "3, 4, 5"  # what is due to go is asked about too: the day is there
    assert question.preview["aside"][0].startswith("2,公園")
    seen = yield
    assert seen.the_inputs.standing["camera_id"].tolist() == ["1"]
    assert seen.reasons() == ["camera_removed"] * 3


@case(
    "B117",
    "ASK",
    "cameras_twice",
    "camera list with duplicate cameras",
    keeps="each camera once; two views of one pole",
)
def double_cameras(town: Bench) -> Steps:
    town.toml('[standing]\nfiles = ["k/*.csv"]\n' + CAMERA_COLUMNS)
    town.write("k/a.csv", CAMERAS + "1,駅前,稼働中,90,,10,20\n2,駅前,稼働中,270,,10,20\n")
    town.write("k/b.csv", CAMERAS + "A,駅前広場,稼働中,90,,10.01,20\nB,公園,停止中,,,30,20\n")
    seen = yield
    (question,) = seen.questions
    assert (question.file, question.values["number"]) == ("k/b.csv", 1)
    seen = yield
    table = seen.the_inputs.standing
    assert table["camera_id"].tolist() == ["1", "2", "B"]
    assert table["working"].tolist() == [True, True, False]
    assert seen.reasons() == ["camera_twice"]
