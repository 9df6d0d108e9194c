"""From which level on a model names a class: what the card keeps of it and says."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from kd_core.api.card_summary import card_summary
from kd_core.schema.card_text import as_markdown, naming_rule
from kd_core.schema.model_card import ModelCard, read_card, write_card
from kd_core.schema.model_files import CARD_NAME
from kd_core.schema.model_scores import Abstention, Bounds, NamedFrames, PartScores
from kd_core.schema.naming_level import NEVER, NamingLevel
from kd_core.vision.preprocess import constants


def test_a_page_says_from_which_level_on_classes_are_named_and_what_vouches_for_it() -> None:
    naming = NamingLevel(level=0.64, target=0.95, named=212, precision=Bounds(0.976, 0.951, 0.989))
    said = Abstention(10, 0.85, 0.96, Bounds(0.96, 0.94, 0.97), {"x": NamedFrames(5, None, 0.9)})
    card = ModelCard(
        name="m",
        version="1",
        created="",
        architecture="a",
        classes=("x", "y"),
        preprocessing=constants(),
        calibration="the search ended",
        naming=naming,
        thresholds={"y": NEVER},
        scores={"test": PartScores(n=10, abstention=said)},
    )
    assert (card.threshold("x"), card.threshold("y")) == (0.64, NEVER)
    page = as_markdown(card)
    assert "temperature 1.000 (the search ended)" in page
    assert (
        'Whichever class is the most probable is named from 64 % on; below that, "unsure". Of the'
        " 212 images that it names of those it was chosen on, 97.6 % are right (0.951 to 0.989);"
        " asked for were 95 % by the lower bound." in page
    )
    assert "| x | 0.64 | - | 0.900 |" in page
    assert "| y | never named | - | - |" in page
    assert "| all |  | 0.960 (0.940 to 0.970) | 0.850 |" in page
    summary = card_summary(card)
    assert "named from 64 % on" in summary
    assert "coverage 0.85, precision 0.96 (0.940 to 0.970)" in summary
    few = msgspec.structs.replace(naming, reason="the most careful choice")
    assert naming_rule(few).endswith("That is not reached: the most careful choice.")
    none = NamingLevel(level=NEVER, target=0.95, named=0, reason="too few")
    assert naming_rule(none) == "No class is named: too few."


def test_a_card_with_a_level_is_read_as_it_was_written_and_an_older_one_as_it_was_meant(
    tmp_path: Path,
) -> None:
    card = ModelCard(
        name="m",
        version="1",
        created="",
        architecture="a",
        classes=("x", "y"),
        preprocessing=constants(),
        naming=NamingLevel(level=0.7, target=0.95, named=9, reason="few"),
    )
    write_card(tmp_path, card)
    assert read_card(tmp_path) == card
    plain = json.loads((tmp_path / CARD_NAME).read_bytes())
    del plain["naming"], plain["calibration"]
    (tmp_path / CARD_NAME).write_text(json.dumps({**plain, "thresholds": {"x": 0.9}}))
    old = read_card(tmp_path)
    assert (old.threshold("x"), old.threshold("y")) == (0.9, 0.5)
