"""From a label to a better model and back in the real window: labelled by keys, retrained for
real, compared, promoted, rolled back.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from endoscope_app.retraining.recommendation import recommendation
from kd_core.schema.evidence import read_evidence
from kd_core.schema.model_card import read_card
from tests.endoscope_app.clips import make_clip
from tests.window.driven import REPOSITORY, driven
from tests.window.retraining_driver import CLIP, DEMO, REASON, SHOWN

MODELS = REPOSITORY / "resources" / "models"
SHIPPED = read_card(MODELS / "student")
CLIP_FRAMES = 40
#: Of a patient, a folder and a home
MARKS = (b"Wintermarker", b"Zobelmarker", b"homemarker")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.window,
    pytest.mark.timeout(620),
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="Xvfb is for Linux"),
]


def run(display: str, data: Path, clip: Path, *words: str) -> dict[str, Any]:
    return driven(display, "retraining_driver", data, clip, *words, seconds=600)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("homemarker") / "Zobelmarker, Jane 1950"
    folder.mkdir()
    return make_clip(folder / "Wintermarker.mp4", CLIP_FRAMES)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("homemarker") / "data"


@pytest.fixture(scope="module")
def labelled(display: str, data: Path, clip: Path) -> dict[str, Any]:
    """The demo and the clip, labelled by keys."""
    assert (MODELS / "replay.safetensors").is_file(), "the replay set ships with the program"
    assert len(list((MODELS / "teachers").glob("*/teacher.safetensors"))) == 3, (
        "three teachers ship with the program"
    )
    return run(display, data, clip, "label")


@pytest.fixture(scope="module")
def whole(display: str, data: Path, clip: Path, labelled: dict[str, Any]) -> dict[str, Any]:
    """Retrained by relation, promoted, rolled back; then another run, which was cancelled."""
    return run(display, data, clip, "relation", "whole")


def is_compared(seen: dict[str, Any], scheme: str, held_out: str) -> None:
    """The window said what the run's files hold, and the run was the one that was asked for."""
    assert (seen["scheme"], seen["thorough"], seen["epochs"]) == (scheme, False, 1)
    folder = Path(seen["run"])
    evidence = read_evidence(folder / "candidate")
    sentence = recommendation(evidence, {})
    card = read_card(folder / "candidate")
    assert sentence in seen["end"]
    assert sentence in seen["said"]
    (sides,) = [text for text in seen["said"] if text.startswith(f"Model in use {SHIPPED.version}")]
    assert f"New model {card.version}" in sides
    assert (card.parent, card.classes) == (SHIPPED.version, SHIPPED.classes)
    assert evidence.held_out is not None
    assert evidence.held_out.frames == len(CLIP)
    assert json.loads((folder.parent / "held-out.json").read_text())["held_out"] == [held_out]
    record = json.loads((folder / "run.json").read_text())
    assert (record["base"], record["version"], len(record["labels"])) == (
        SHIPPED.version,
        card.version,
        len(DEMO) + len(CLIP),
    )


def test_keys_label_both_procedures(labelled: dict[str, Any]) -> None:
    for name, wanted in (("demo", DEMO), ("clip", CLIP)):
        assert labelled[name] == {
            str(frame): SHIPPED.classes[int(key) - 1] for frame, key in wanted.items()
        }


@pytest.mark.parametrize("scheme", ["response", "feature"])
def test_a_real_retraining_ends_in_a_comparison_and_changes_nothing(
    scheme: str, display: str, data: Path, clip: Path, labelled: dict[str, Any]
) -> None:
    seen = run(display, data, clip, scheme)
    is_compared(seen, scheme, labelled["fingerprint"])
    assert seen["after"] == seen["before"]
    assert seen["before"]["version"] == SHIPPED.version


def test_the_scheme_of_relations_is_retrained_and_compared_too(
    whole: dict[str, Any], labelled: dict[str, Any]
) -> None:
    is_compared(whole, "relation", labelled["fingerprint"])


def test_the_promoted_candidate_says_what_is_on_screen(whole: dict[str, Any]) -> None:
    before, promoted = whole["before"], whole["promoted"]
    card = read_card(Path(whole["run"]) / "candidate")
    assert before["frame"] == promoted["frame"] == SHOWN
    assert (before["version"], promoted["version"]) == (SHIPPED.version, card.version)
    assert any(f"model {SHIPPED.version}" in words for words in before["verdict"])
    assert any(f"model {card.version}" in words for words in promoted["verdict"])
    assert promoted["probabilities"] != before["probabilities"]
    assert promoted["heat"] != before["heat"]
    assert card.checks.comparison is not None
    assert promoted["asked"] == bool(card.checks.comparison.needs_reason)


def test_predictions_of_the_model_before_stay_on_disk(whole: dict[str, Any]) -> None:
    before, promoted = whole["before"], whole["promoted"]
    assert before["predictions"]
    assert before["predictions"].items() <= promoted["predictions"].items()
    # Nothing is analysed again by itself, but it is offered
    assert (before["analysed"], promoted["analysed"]) == (CLIP_FRAMES, 0)
    assert (
        f"analysed by model {before['version']}: Ctrl+R analyses it again with model"
        f" {promoted['version']}" in promoted["message"]
    )


def test_rolling_back_brings_every_bit_back(whole: dict[str, Any]) -> None:
    before, after = whole["before"], whole["after"]
    for what in ("version", "verdict", "probabilities", "heat", "picture", "analysed", "message"):
        assert after[what] == before[what], what


def test_the_registry_remembers_both_and_the_reason(whole: dict[str, Any], data: Path) -> None:
    version = read_card(Path(whole["run"]) / "candidate").version
    state = json.loads((data / "models" / "active.json").read_text())
    assert state["history"] == []
    (undone,) = state["taken_back"]
    assert (undone["promotion"]["version"], undone["promotion"]["reader"]) == (
        version,
        "Dr. Window",
    )
    assert undone["promotion"]["reason"] == (REASON if whole["promoted"]["asked"] else "")
    assert (data / "models" / version / "student.onnx").is_file()


def test_a_cancelled_run_is_gone_at_once_and_leaves_only_what_was_said(
    whole: dict[str, Any],
) -> None:
    cancelled = whole["cancelled"]
    assert cancelled["was_there"] == [True, True]  # the process, and a candidate that had begun
    assert "Cancelling…" in cancelled["at_once"]
    assert "Cancelled: nothing was kept, and the model in use is as it was." in cancelled["end"]
    assert not cancelled["process_left"]
    assert cancelled["left"] == ["events.jsonl", "log.txt", "run.json", "sides.json"]
    assert cancelled["changed"] == []  # not the candidate of the run before either
    assert cancelled["models_same"]
    assert "active.json" in cancelled["models"]


def test_neither_models_nor_runs_tell_of_a_recording_or_where_anything_lies(
    whole: dict[str, Any], data: Path
) -> None:
    """A model is given away, and with it its card; a run is sent to whoever shall find a fault."""
    files = [path for name in ("models", "runs") for path in (data / name).rglob("*")]
    assert {"card.json", "run.json", "events.jsonl", "log.txt"} <= {path.name for path in files}
    telling = [
        path.relative_to(data).as_posix()
        for path in files
        if path.is_file() and any(mark in path.read_bytes() for mark in MARKS)
    ]
    assert telling == []
    assert any(MARKS[0] in path.read_bytes() for path in (data / "labels").glob("*.sqlite*"))
