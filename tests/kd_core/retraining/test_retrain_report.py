"""The report of a run: one page with everything inside, nothing outside, and every name
harmless; and the run that ends with it.
"""

from __future__ import annotations

import base64
import errno
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from kd_core.__main__ import main
from kd_core.retraining import comparison as comparing
from kd_core.retraining.comparison import Comparison, compare_with_base, write_report
from kd_core.retraining.evidence import PairedPredictions
from kd_core.retraining.report import PRIVATE, rendered
from kd_core.retraining.report_curves import chart, charts
from kd_core.retraining.report_images import (
    BOTH_WRONG,
    BROKEN,
    CORRECTED,
    chosen_places,
    darkened,
    heat_maps,
)
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.compared import read_compared
from kd_core.schema.events import EpochEnded
from kd_core.schema.model_card import RESEARCH_USE, read_card
from kd_core.schema.run_files import EVIDENCE_NAME, HISTORY_NAME, REPORT_NAME
from kd_core.training.history import keep_epoch, read_history
from kd_core.vision.blanking import covered
from kd_core.vision.predictor import Predictor
from tests.kd_core.retrained import (
    KNOWN,
    NEW_CLASS,
    TEMPERATURE,
    Retrained,
    reader_labels,
    retrained,
)
from tests.kd_core.training.test_distil import teacher_folder

EPOCHS = (
    EpochEnded(1, {"kl": 2.0}, {"old_accuracy": 0.5}),
    EpochEnded(2, {"kl": 1.0}, {"old_accuracy": 0.75}),
)
VOID = {"meta", "img", "path", "polyline", "circle"}


class Page(HTMLParser):
    """Raises AssertionError where tags do not nest.

    Holds every tag with its attributes, and the words.
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words = ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def count(self, tag: str, **attributes: str) -> int:
        return sum(name == tag and attributes.items() <= found.items() for name, found in self.tags)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Retrained:
    """A run whose training said something."""
    made = retrained(tmp_path_factory.mktemp("report"))
    for event in EPOCHS:
        keep_epoch(made.out, event)
    return made


@pytest.fixture(scope="module")
def compared(run: Retrained) -> Comparison:
    """Its comparison, with the report written."""
    made = compare_with_base(run.base, run.out, run.replay, run.labels, run.data)
    write_report(run.out, made, run.data)
    return made


@pytest.fixture(scope="module")
def text(run: Retrained, compared: Comparison) -> str:
    """The page."""
    return (run.out / REPORT_NAME).read_text(encoding="utf-8")


def test_the_page_says_what_was_compared_and_how_it_ended(
    text: str, run: Retrained, compared: Comparison
) -> None:
    page, card = Page(text), read_card(run.out)
    for words in (
        read_card(run.base).version,
        card.version,
        card.created,
        compared.evidence.sentence,
        RESEARCH_USE,
        PRIVATE,
    ):
        assert words in page.words
    for head in (
        "Procedures kept for checking",
        "What the model knew before",
        "Frames on which the models differ",
        "Curves",
        "Data",
        "Settings",
        "Card",
    ):
        assert f"<h2>{head}</h2>" in text
    assert page.count("table", **{"class": "confusion"}) == 4  # both models, on new and on old
    assert "changes of class per 1,000 frames" in page.words
    assert "- **version**" in page.words  # the card
    assert "Polyp has only 4 frames to learn from." in page.words


def test_the_confusions_hold_the_counts_of_the_evidence(text: str, compared: Comparison) -> None:
    tables = re.findall(r'<table class="confusion">(.*?)</table>', text, re.DOTALL)
    found = [[int(count) for count in re.findall(r">(\d+)</td>", table)] for table in tables]
    wanted = [
        np.ravel(counts).tolist()
        for part in (compared.evidence.held_out, compared.evidence.known_before)
        if part is not None
        for counts in part.confusion
    ]
    assert found == wanted
    assert [sum(counts) for counts in found] == [12, 12, 6, 6]


def test_nothing_is_loaded_from_anywhere_and_nothing_is_run(text: str) -> None:
    page = Page(text)
    assert "://" not in text
    assert "<script" not in text.lower()
    assert not {"script", "link", "a", "iframe", "object", "form"} & {tag for tag, _ in page.tags}
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "href"]
        assert (attributes.get("src") or "data:").startswith("data:")


def test_a_class_with_a_tag_in_its_name_is_shown_and_not_obeyed(text: str) -> None:
    page = Page(text)
    assert NEW_CLASS not in text
    assert "&lt;b&gt;x" in text
    assert NEW_CLASS in page.words
    assert page.count("b") == 0


def test_each_differing_frame_is_there_with_both_heat_maps(text: str, compared: Comparison) -> None:
    page = Page(text)
    assert compared.held_out is not None
    differing = int(
        (compared.held_out.active.argmax(1) != compared.held_out.candidate.argmax(1)).sum()
    )
    assert differing > 0  # or this test would look at nothing
    assert page.count("div", **{"class": "frame"}) == differing
    images = [found["src"] or "" for tag, found in page.tags if tag == "img"]
    assert len(images) == 3 * differing
    for source in images:
        made = cv2.imdecode(
            np.frombuffer(
                base64.b64decode(source.removeprefix("data:image/jpeg;base64,")), np.uint8
            ),
            cv2.IMREAD_COLOR,
        )
        assert made is not None
        assert made.shape == (160, 160, 3)


def test_a_report_shows_nothing_where_no_model_looks() -> None:
    """That is where recorders burn words in."""
    crop = np.full((224, 224, 3), (200, 120, 90), np.uint8)
    shown = np.ones((224, 224), np.bool_)
    shown[150:, :70] = False
    made = darkened(covered(crop, shown))
    assert not made[~shown].any()
    assert np.array_equal(made[shown], crop[shown])


def test_heat_maps_are_those_of_the_live_view(run: Retrained, compared: Comparison) -> None:
    crop = run.data.test.crops[0]
    predictor = Predictor.load(run.out)
    found = heat_maps(compared.candidate.student, crop[None], np.array([2]))[0]
    image = cv2.imread(run.data.test_paths[0])
    assert image is not None
    shown = predictor.predict([np.ascontiguousarray(image[:, :, ::-1], np.uint8)])[0]
    assert np.abs(found - predictor.cam(shown, 2)).max() < 1e-3
    assert found.max() == pytest.approx(1.0)


def test_frames_to_show_are_of_each_kind_and_spread() -> None:
    """Ten corrected, two broken, one wrong in another way, one the same: of six places the rare
    kinds get all they need.
    """
    truth = np.zeros(14, np.int64)
    active = np.array([1] * 10 + [0, 0, 1, 0])
    candidate = np.array([0] * 10 + [1, 1, 2, 0])
    pair = PairedPredictions(
        np.eye(3)[active], np.eye(3)[candidate], truth, np.arange(14).astype(str)
    )
    assert chosen_places(pair, 6) == {CORRECTED: [0, 3, 6], BROKEN: [10, 11], BOTH_WRONG: [12]}
    assert sum(map(len, chosen_places(pair, 99).values())) == 13
    assert chosen_places(pair, 2) == {CORRECTED: [0], BROKEN: [10], BOTH_WRONG: []}


def test_a_chart_by_hand() -> None:
    """250 x 120 px, 44 left and 8 right, 22 above and 20 below: the first point at (44, 22),
    the middle at (143, 100), the last at y 61.
    """
    made = chart("<i>loss", [(1, 2.0), (2, 0.0), (3, 1.0)])
    assert made.line == "44.0,22.0 143.0,100.0 242.0,61.0"
    drawn = rendered("charts.html.jinja", charts=[made])
    assert 'points="44.0,22.0 143.0,100.0 242.0,61.0"' in drawn
    assert "<i>" not in drawn
    assert "&lt;i&gt;loss: 1" in drawn
    assert chart("loss", [(1, 2.0)]).line == "143.0,61.0"
    assert "No curves were kept of this run." in rendered("charts.html.jinja", charts=charts(()))
    assert rendered("charts.html.jinja", charts=charts(EPOCHS)).count("<svg") == 2


def test_a_run_that_was_begun_again_forgets_the_epochs_of_the_first(tmp_path: Path) -> None:
    for event in (*EPOCHS, EpochEnded(3, {"kl": 0.5}, {}), EpochEnded(2, {"kl": 9.0}, {})):
        keep_epoch(tmp_path, event)
    with (tmp_path / HISTORY_NAME).open("a") as file:
        file.write('{"type": "epoch", "epo')
    assert [(event.epoch, event.losses["kl"]) for event in read_history(tmp_path)] == [
        (1, 2.0),
        (2, 9.0),
    ]
    keep_epoch(tmp_path / "nowhere", EPOCHS[0])
    assert read_history(tmp_path / "nowhere") == []


@pytest.mark.parametrize("full_disk", [False, True])
def test_a_retraining_leaves_evidence_frames_and_report_and_a_full_disk_takes_only_the_report(
    full_disk: bool,
    run: Retrained,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole = write_atomically

    def write(path: Path, content: bytes) -> None:
        if full_disk and path.name == REPORT_NAME:
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(path, content)

    monkeypatch.setattr(comparing, "write_atomically", write)
    labels, out = reader_labels(tmp_path / "labels", "cecum"), tmp_path / "run" / "candidate"
    teacher = teacher_folder(tmp_path / "teacher", KNOWN)
    words = [
        "retrain",
        "--labels",
        labels,
        "--base",
        run.base,
        "--teachers",
        teacher,
        "--replay",
        run.replay,
        "--out",
        out,
    ]
    assert (
        main(
            [
                str(word)
                for word in (*words, "--epochs", "2", "--scheme", "response", "--threads", "1")
            ]
        )
        == 0
    )
    said = capsys.readouterr().err
    card = read_card(out)
    assert card.checks.comparison is not None
    assert card.checks.comparison.sentence in said
    assert (out / EVIDENCE_NAME).is_file()
    assert read_compared(out).candidate == card.version
    assert [event.epoch for event in read_history(out)] == [1, 2]
    assert "last epoch" in card.training.kept
    assert ("kd-core: The report is missing, the model is not:" in said) == full_disk
    assert (out / REPORT_NAME).exists() != full_disk
    if not full_disk:
        assert (
            Page((out / REPORT_NAME).read_text(encoding="utf-8")).count("svg")
            == len(read_history(out)[0].losses) + 2
        )


def test_a_report_of_an_earlier_end_does_not_outlive_new_evidence(
    run: Retrained, tmp_path: Path
) -> None:
    out = tmp_path / "candidate"
    shutil.copytree(run.out, out)
    (out / REPORT_NAME).write_text("old")
    made = compare_with_base(run.base, out, run.replay, run.labels, run.data)
    assert not (out / REPORT_NAME).exists()
    assert made.candidate.card.temperature == TEMPERATURE
