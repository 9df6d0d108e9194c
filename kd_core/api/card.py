"""Completing a finished model's card: the test part is opened once, and everything is measured."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from kd_core.api.explanation_scores import score_explanations
from kd_core.api.labelled_data import OnWarning, ignore
from kd_core.api.loading import load_model
from kd_core.api.openings import NOTED, note_opening
from kd_core.api.predictions import chosen_samples
from kd_core.api.seen_images import warn_of_seen
from kd_core.api.shortcuts import probe_shortcuts
from kd_core.artifacts.checkpoint import remove_old_signature, writing
from kd_core.evaluation.examination import examine
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.card_text import as_markdown
from kd_core.schema.errors import DataError
from kd_core.schema.explanation_scores import ExplanationScores
from kd_core.schema.model_card import ModelCard, read_card, write_card
from kd_core.schema.model_files import MARKDOWN_NAME, ONNX_NAME

OnPart = Callable[[str], None]


def complete_card(
    model: str | Path,
    data: str | Path,
    split: str | Path,
    *,
    part: Literal["val", "test"] = "val",
    again: bool = False,
    ignore_unknown: bool = False,
    quick: bool = False,
    threads: int = 1,
    command: str = "kd_core.complete_card",
    on_warning: OnWarning = ignore,
    on_part: OnPart = ignore,
) -> ModelCard:
    """Examine the student or teacher in ``model``; write its card and page where ``part`` is test.

    The test part is opened only then, which is noted beside the split as done by ``command``.
    ``split``: the one it was trained with. ``again``: even where the test part was opened before.
    ``quick``: without heat maps and probes, which take minutes. Raises DataError and ModelError.
    """
    folder = Path(model)
    card = read_card(folder)
    if part == "test" and card.checks.test_opened and not again:
        raise DataError(
            f"The test part was opened for this model on {card.checks.test_opened}.",
            "Say --again if its card is to be written anew.",
        )
    samples, _ = chosen_samples(data, card.classes, split, part, ignore_unknown, card.heads)
    loaded = load_model(folder, threads=threads)
    note_opening(split, part, [folder], command, on_warning)
    warn_of_seen(folder, card, samples, split, on_warning)
    scores, checks = examine(
        lambda images: [row.probabilities for row in loaded.predict(images)],
        card,
        samples,
        say=on_part,
    )
    if not quick:
        if ONNX_NAME in card.files:
            explained = _explanation(folder, data, split, part, on_part)
            checks = msgspec.structs.replace(checks, explanation=explained or checks.explanation)
        if part == "test":
            on_part("probes")
            probes = probe_shortcuts(
                data,
                classes=card.classes,
                split=split,
                part=part,
                ignore_unknown=ignore_unknown,
                command=NOTED,
            )
            checks = msgspec.structs.replace(checks, shortcuts=probes)
    if part == "test":
        opened = f"{datetime.now(UTC):%Y-%m-%d}"
        checks = msgspec.structs.replace(checks, test_opened=opened)
    name = "test" if part == "test" else "validation"
    examined = msgspec.structs.replace(card, scores={**card.scores, name: scores}, checks=checks)
    if part == "test":
        with writing(folder):
            remove_old_signature(folder, on_warning)
            write_card(folder, examined)
            write_atomically(folder / MARKDOWN_NAME, as_markdown(examined).encode())
    return examined


def _explanation(
    model: Path,
    data: str | Path,
    split: str | Path,
    part: Literal["val", "test"],
    on_part: OnPart,
) -> ExplanationScores | None:
    """Heat maps against masks; None where the data has no masks."""
    on_part("heat maps")
    try:
        return score_explanations(model, data, split=split, part=part, command=NOTED)
    except DataError as error:
        on_part(f"left out: {error.sentence}")
        return None
