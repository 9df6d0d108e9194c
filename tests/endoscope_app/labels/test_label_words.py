"""What the label panel says in words, for every kind of label and of model; shares, moments and
names as they are read.
"""

import time

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from endoscope_app.base.wording import minute_of, network_name, percent
from endoscope_app.labels.library.records import FrameKind
from endoscope_app.labels.wording import LabelText, ModelText, label_line, label_note
from endoscope_app.viewing.verdict_label import VerdictLabel


@pytest.mark.parametrize(
    ("kind", "name", "model", "line", "note"),
    [
        (None, "", ("cecum", 0.62, False), "You: not labelled", ""),
        (
            None,
            "",
            ("cecum", 0.412, True),
            "You: not labelled",
            "",
        ),
        (
            "class",
            "polyps",
            ("cecum", 0.62, False),
            "You: polyps",
            "You and the model differ.",
        ),
        (
            "class",
            "cecum",
            ("cecum", 0.62, False),
            "You: cecum",
            "You and the model agree.",
        ),
        (
            "class",
            "polyps",
            ("cecum", 0.4, True),
            "You: polyps",
            "You and the model differ.",
        ),
        (
            "agreed",
            "cecum",
            ("cecum", 0.9, False),
            "You: cecum (reviewed)",
            "Reviewed: the model is right.",
        ),
        (
            "agreed",
            "cecum",
            ("polyps", 0.9, False),
            "You: cecum (reviewed)",
            "You and the model differ.",
        ),
        (
            "unusable",
            "",
            ("cecum", 0.9, False),
            "You: none of these",
            "Marked as none of these classes.",
        ),
        (
            None,
            "",
            (None, 0.0, False),
            "You: not labelled · model hidden until labelled",
            "",
        ),
        (
            "class",
            "polyps",
            (None, 0.0, False),
            "You: polyps · model hidden until labelled",
            "",
        ),
    ],
)
def test_the_line_says_what_the_frame_is_and_whether_the_model_differs(
    kind: FrameKind | None, name: str, model: tuple[str | None, float, bool], line: str, note: str
) -> None:
    shown = ModelText(*model)
    labels = [] if kind is None else [LabelText(kind, name)]
    assert label_line(labels, shown) == line
    assert label_note(labels, shown) == note


def test_the_line_joins_labels_of_several_groups_and_the_model_is_right_with_any() -> None:
    labels = [LabelText("class", "polyps"), LabelText("class", "good preparation", True)]
    shown = ModelText("good preparation", 0.9, False)
    assert label_line(labels, shown) == "You: polyps + good preparation (range)"
    assert label_note(labels, shown) == "You and the model agree."
    assert label_note(labels, ModelText("cecum", 0.9, False)) == "You and the model differ."


def test_a_share_is_spelt_alike_everywhere_and_never_broken(qtbot: QtBot) -> None:
    assert (percent(0.708), percent(0.708, 1), percent(1)) == ("71\xa0%", "70.8\xa0%", "100\xa0%")
    verdict = VerdictLabel()
    qtbot.addWidget(verdict)
    verdict.set_verdict("cecum", 0.708, QColor("red"), "1", needed=0.5)
    assert verdict.text() == "cecum 71\xa0%"


@pytest.mark.parametrize(
    ("probability", "needed", "said"),
    [
        (0.62, 0.64, "cecum? 62\xa0% not certain enough: 62\xa0%, needs 64\xa0%"),
        # cut, for a frame at "64 %" that needs 64 % would not be understood
        (0.6399, 0.64, "cecum? 63\xa0% not certain enough: 63\xa0%, needs 64\xa0%"),
        # a card from before there were whole per cents
        (0.626, 0.6266, "cecum? 62\xa0% not certain enough: 62\xa0%, needs 63\xa0%"),
        (0.64, 0.64, "cecum 64\xa0%"),
        (0.97, 1.01, "cecum? 97\xa0% this class is not named yet"),
    ],
)
def test_an_unsure_verdict_says_what_is_needed(
    qtbot: QtBot, probability: float, needed: float, said: str
) -> None:
    verdict = VerdictLabel()
    qtbot.addWidget(verdict)
    verdict.set_verdict("cecum", probability, QColor("red"), "1", needed=needed)
    assert verdict.text() == verdict.accessibleDescription() == said


def test_a_moment_is_said_by_this_machines_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(time, "tzset"):
        pytest.skip("the clock's zone cannot be set here")
    with monkeypatch.context() as zone:
        zone.setenv("TZ", "UTC-2")  # POSIX counts westwards: two hours east
        time.tzset()
        assert minute_of("2026-11-21T23:05:53Z") == "2026-11-22 01:05"
        assert minute_of("long ago") == "long ago"
    time.tzset()


def test_networks_have_names_for_readers() -> None:
    assert [
        network_name(raw)
        for raw in ("efficientnet_lite0", "mobilenet_v3_large", "Our teacher", "T")
    ] == [
        "EfficientNet Lite0",
        "MobileNet V3 Large",
        "Our teacher",
        "T",
    ]
