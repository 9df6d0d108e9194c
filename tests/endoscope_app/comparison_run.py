"""The folder of a retraining that ended, written by hand: two models, a proof, the answers to
each frame and small drawn pictures.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np

from kd_core.schema.model_card import read_card, write_card
from kd_core.schema.run_files import EVIDENCE_NAME
from tests.places import SHIPPED_MODELS

STUDENT = SHIPPED_MODELS / "student"
CANDIDATE = "2026.12.01-0a1b2c3d"
CLASSES = ("bbps-0-1", "bbps-2-3", "cecum", "impacted-stool", "polyps", "ulcerative-colitis")
CECUM, STOOL, POLYPS = 2, 3, 4
SENTENCE = (
    "Better on the procedures kept for checking (3 of 5 wrong frames are now right and 1 right one"
    " is now wrong, on 4 procedures), but Caecum lost 4.0 points of sensitivity."
)


def score(active: float, candidate: float, low: float, high: float, verdict: str) -> dict[str, Any]:
    """A score as kd-core writes it."""
    difference = {"value": candidate - active, "low": low, "high": high}
    return {"active": active, "candidate": candidate, "difference": difference, "verdict": verdict}


def part(**more: Any) -> dict[str, Any]:
    """20 frames; the active model is right on 15, the candidate on 17."""
    active = [[0] * 6 for _ in CLASSES]
    candidate = [[0] * 6 for _ in CLASSES]
    active[CECUM][CECUM], active[POLYPS][POLYPS], active[POLYPS][STOOL] = 8, 7, 5
    (
        candidate[CECUM][CECUM],
        candidate[CECUM][POLYPS],
        candidate[POLYPS][POLYPS],
        candidate[POLYPS][STOOL],
    ) = (
        7,
        1,
        10,
        2,
    )
    intervals = {
        "active": {"value": 7 / 12, "low": 0.320, "high": 0.807},
        "candidate": {"value": 10 / 12, "low": 0.552, "high": 0.953},
    }
    return {
        "frames": 20,
        "groups": 4,
        "accuracy": score(0.75, 0.85, 0.02, 0.2, "better"),
        "macro_f1": score(0.7, 0.8, -0.01, 0.2, "undecided"),
        "precision": {"polyps": score(1.0, 10 / 11, -0.3, 0.1, "undecided")},
        "recall": {
            "cecum": score(1.0, 0.875, -0.25, -0.01, "worse"),
            "polyps": {**score(7 / 12, 10 / 12, 0.1, 0.4, "better"), "intervals": intervals},
        },
        "corrected": 3,
        "broken": 1,
        "wrong_before": 5,
        "confusion": [active, candidate],
        **more,
    }


def evidence(**changed: Any) -> dict[str, Any]:
    """As kd-core writes evidence.json."""
    return {
        "format": 2,
        "verdict": "mixed",
        "held_out": part(
            calibration={"active": 0.0312, "candidate": 0.0198},
            flicker_per_1000={"active": 40.0, "candidate": 25.5, "labels": 12.0},
        ),
        "known_before": part(),
        "recall_lost": {"cecum": 4.0, "polyps": 0.0},
        "needs_reason": ["cecum"],
        **changed,
    }


def answers(**shares: float) -> list[float]:
    """Probabilities by class; classes with a hyphen are written with an underscore."""
    return [shares.get(name.replace("-", "_"), 0.0) for name in CLASSES]


def frame(
    path: str, procedure: str, active: dict[str, float], candidate: dict[str, float]
) -> dict[str, Any]:
    """A frame as kd-core writes it; its folder names the truth."""
    said = {"active": answers(**active), "candidate": answers(**candidate)}
    return {"path": path, "procedure": procedure, "truth": path.split("/")[0], **said}


FRAMES = [
    frame("cecum/a.png", "f1", {"cecum": 0.9, "polyps": 0.1}, {"polyps": 0.6, "cecum": 0.4}),
    frame("polyps/b.png", "f1", {"impacted_stool": 0.7, "polyps": 0.3}, {"polyps": 1.0}),
    frame(
        "polyps/c.png", "f2", {"impacted_stool": 0.5, "polyps": 0.5}, {"polyps": 0.8, "cecum": 0.2}
    ),
    frame("polyps/d.png", "f2", {"impacted_stool": 1.0}, {"cecum": 1.0}),
    frame("polyps/e.png", "f2", {"polyps": 1.0}, {"polyps": 0.9, "cecum": 0.1}),
]


def make_run(
    folder: Path,
    *,
    version: str = CANDIDATE,
    frames: list[dict[str, Any]] | None = None,
    **changed: Any,
) -> Path:
    """runs/<id> with everything in it; the candidate's weights are the shipped student's.

    ``changed``: keys of the evidence.
    """
    found, candidate = FRAMES if frames is None else frames, folder / "candidate"
    shutil.copytree(STUDENT, candidate)
    made = evidence(**changed)
    card = read_card(candidate)
    parts: dict[str, Any] = {
        "version": version,
        "parent": card.version,
        "created": "2026-12-01T08:00:00Z",
        "checks": {"comparison": made},
    }
    write_card(candidate, msgspec.structs.replace(card, **parts))
    (candidate / EVIDENCE_NAME).write_text(json.dumps(made))
    compared = {"active": card.version, "candidate": version, "classes": CLASSES, "frames": found}
    (candidate / "compared.json").write_text(json.dumps(compared))
    for number, one in enumerate(found):
        draw(folder / "labels" / one["path"], number)
    return folder


def draw(path: Path, number: int) -> None:
    """A round field of view with a bright spot somewhere."""
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = np.zeros((144, 160, 3), np.uint8)
    cv2.circle(picture, (80, 72), 70, (60, 70, 150), -1)
    cv2.circle(picture, (45 + 15 * number, 60), 14, (150, 170, 230), -1)
    assert cv2.imwrite(str(path), picture)
