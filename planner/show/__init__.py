"""A plan in; map, tables, files and page out."""

from planner.show.account import corrections, corrections_csv, set_aside_csv
from planner.show.advising import Told, change_sentence, price_sentence, thing_name, why, why_at, why_here
from planner.show.comparison import difference, same_frame
from planner.show.demand import write_demand
from planner.show.doors import Format, content, export, file_name, unencodable, write_all, write_frontier
from planner.show.draw import draw
from planner.show.files import load, put, save
from planner.show.gaps import write_gaps
from planner.show.ground import GROUND_FILE, Ground, encode_ground, ground, load_ground, on_ground
from planner.show.letters import letters
from planner.show.live import MOVING, live_frame, live_layer, live_text
from planner.show.looking import (
    LookPart,
    describe_look,
    gain_sentence,
    look_choices,
    look_lines,
    look_part,
    outlined,
    places,
    write_look,
)
from planner.show.mapspec import Layer, MapSpec, Pin, describe, describe_risk, describe_step
from planner.show.offline import outside_addresses
from planner.show.parts import PartName, SiteRows, card, legend, part, passed_part, programme_part, site_rows, table
from planner.show.questions import (
    answers_file,
    asked,
    choices,
    describe_question,
    outline,
    printable,
    quoted,
    reason,
    remedy,
)
from planner.show.review_book import ANSWERS, HEADS, SUGGESTED, ReviewHead, review_book
from planner.show.review_map import describe_review
from planner.show.review_print import review_print
from planner.show.scenarios import (
    contracts_form,
    cutbacks_book,
    cutbacks_csv,
    cutbacks_lines,
    cutbacks_part,
    cutbacks_tables,
    write_cutbacks,
)
from planner.show.side_by_side import side_by_side, three_book
from planner.show.sightings import describe_sightings, log_line, procedure_part, sightings_lines, sightings_part
from planner.show.stations import asked as asked_of
from planner.show.stations import border_sentence, station_of, stations
from planner.show.style import PARTS as STYLE
from planner.show.sureness import Sureness, basis_part, blocks_part, precision_sentence
from planner.show.surface import ALL, Surface, surfaces
from planner.show.tables_money import budget_sheet, budget_years, ledger_by_year
from planner.show.tables_records import Records, RecordsName, records_lines, records_part
from planner.show.tables_review import (
    conflicts_part,
    disagreements_part,
    opinions_book,
    opinions_csv,
    problems_part,
    proposal_sentence,
    reviews_part,
    sites_seeing,
    starts_sentence,
)
from planner.show.tables_town import rule_sentence, tables_differing
from planner.show.tables_validation import Validation, validation_lines, validation_part, validation_sentences
from planner.show.today import Gaps, gaps_part, today_part
from planner.show.words import MARK, Words, purposes, safe, sentence
from planner.show.zones import LIGHTS, Light, views_by_class

__all__ = [
    "ALL",
    "ANSWERS",
    "GROUND_FILE",
    "HEADS",
    "LIGHTS",
    "MARK",
    "MOVING",
    "STYLE",
    "SUGGESTED",
    "Format",
    "Gaps",
    "Ground",
    "Layer",
    "Light",
    "LookPart",
    "MapSpec",
    "PartName",
    "Pin",
    "Records",
    "RecordsName",
    "ReviewHead",
    "SiteRows",
    "Sureness",
    "Surface",
    "Told",
    "Validation",
    "Words",
    "answers_file",
    "asked",
    "asked_of",
    "basis_part",
    "blocks_part",
    "border_sentence",
    "budget_sheet",
    "budget_years",
    "card",
    "change_sentence",
    "choices",
    "conflicts_part",
    "content",
    "contracts_form",
    "corrections",
    "corrections_csv",
    "cutbacks_book",
    "cutbacks_csv",
    "cutbacks_lines",
    "cutbacks_part",
    "cutbacks_tables",
    "describe",
    "describe_look",
    "describe_question",
    "describe_review",
    "describe_risk",
    "describe_sightings",
    "describe_step",
    "difference",
    "disagreements_part",
    "draw",
    "encode_ground",
    "export",
    "file_name",
    "gain_sentence",
    "gaps_part",
    "ground",
    "ledger_by_year",
    "legend",
    "letters",
    "live_frame",
    "live_layer",
    "live_text",
    "load",
    "load_ground",
    "log_line",
    "look_choices",
    "look_lines",
    "look_part",
    "on_ground",
    "opinions_book",
    "opinions_csv",
    "outline",
    "outlined",
    "outside_addresses",
    "part",
    "passed_part",
    "places",
    "precision_sentence",
    "price_sentence",
    "printable",
    "problems_part",
    "procedure_part",
    "programme_part",
    "proposal_sentence",
    "purposes",
    "put",
    "quoted",
    "reason",
    "records_lines",
    "records_part",
    "remedy",
    "review_book",
    "review_print",
    "reviews_part",
    "rule_sentence",
    "safe",
    "same_frame",
    "save",
    "sentence",
    "set_aside_csv",
    "side_by_side",
    "sightings_lines",
    "sightings_part",
    "site_rows",
    "sites_seeing",
    "starts_sentence",
    "station_of",
    "stations",
    "surfaces",
    "table",
    "tables_differing",
    "thing_name",
    "three_book",
    "today_part",
    "unencodable",
    "validation_lines",
    "validation_part",
    "validation_sentences",
    "views_by_class",
    "why",
    "why_at",
    "why_here",
    "write_all",
    "write_cutbacks",
    "write_demand",
    "write_frontier",
    "write_gaps",
    "write_look",
]
