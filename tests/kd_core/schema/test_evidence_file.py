"""The file of evidence: what is written is read again, and that of 2026 is read under its names."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from kd_core.schema.estimate import Estimate
from kd_core.schema.evidence import (
    BothModels,
    ComparedPart,
    ComparedScore,
    Evidence,
    Flicker,
    read_evidence,
    write_evidence,
)
from kd_core.schema.json_text import JsonError
from kd_core.schema.run_files import EVIDENCE_NAME, OLD_EVIDENCE_NAME
from tests.places import REPOSITORY

RUN = REPOSITORY / "tests" / "fixtures" / "data_folder_2026_11" / "data" / "runs"
CANDIDATE = RUN / "20261130-060005-00" / "candidate"


def test_what_is_written_is_read_again_and_its_keys_are_single_words(tmp_path: Path) -> None:
    score = ComparedScore(0.5, 0.75, Estimate(0.25, 0.1, 0.4), "better")
    part = ComparedPart(frames=4, accuracy=score, flicker_per_1000=Flicker(1.0, 2.0, 3.0))
    evidence = Evidence(
        sentence="Better.", held_out=part, recall_lost={"cecum": 2.5}, needs_reason=("cecum",)
    )
    write_evidence(tmp_path, evidence)
    assert read_evidence(tmp_path) == evidence
    keys = set(_keys(msgspec.json.decode((tmp_path / EVIDENCE_NAME).read_bytes())))
    assert all(key.isidentifier() for key in keys)


def _keys(value: object) -> list[str]:
    if not isinstance(value, dict):
        return []
    return [*value, *(key for part in value.values() for key in _keys(part))]


def test_the_file_of_2026_is_read() -> None:
    assert not (CANDIDATE / EVIDENCE_NAME).exists()
    evidence = read_evidence(CANDIDATE)
    assert evidence.held_out is not None
    assert evidence.known_before is not None
    assert (evidence.verdict, evidence.held_out.frames, evidence.known_before.frames) == (
        "undecided",
        12,
        12,
    )
    assert (evidence.held_out.wrong_before, evidence.held_out.corrected) == (12, 7)
    flicker = evidence.held_out.flicker_per_1000
    assert flicker is not None
    assert flicker.labels == pytest.approx(181.818, abs=1e-3)
    assert evidence.held_out.calibration == BothModels(0.6364958733320236, 0.3318266322215398)
    assert set(evidence.recall_lost.values()) == {0.0}
    assert list(evidence.not_yet_named) == ["diverticulum"]
    assert evidence.none_of_these.learnt == 1


def test_the_newer_file_counts_and_a_damaged_one_is_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / OLD_EVIDENCE_NAME).write_text('{"sentence": "old"}')
    assert read_evidence(tmp_path).sentence == "old"
    write_evidence(tmp_path, Evidence(sentence="new"))
    assert read_evidence(tmp_path).sentence == "new"
    (tmp_path / EVIDENCE_NAME).write_text('{"format": 2, "held_out": []}')
    with pytest.raises(JsonError):
        read_evidence(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_evidence(tmp_path / "nowhere")
