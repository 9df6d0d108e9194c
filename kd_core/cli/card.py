"""``kd-core card``: open the test part once and write what a finished model is worth into its
card.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from kd_core.cli import explain_scores, probe
from kd_core.cli.any_model import load_any
from kd_core.schema.card_text import as_markdown
from kd_core.schema.errors import DataError
from kd_core.schema.json_text import decode_any_json
from kd_core.schema.model_card import ModelCard, read_card, write_card
from kd_core.schema.model_files import MARKDOWN_NAME, ONNX_NAME

HELP = "complete a model's card: test scores, robustness, silence, explanation, shortcuts"
EXAMPLE = (
    "--model resources/models/student --data DIR --split split.json. Choose on `--part val` first:"
    " that only prints."
)


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--model", required=True, type=Path, help="a model's folder, or a teacher's"
    )
    parser.add_argument(
        "--data",
        required=True,
        type=Path,
        help="class folders, a manifest.csv, KVASIR-V2 or Hyper-KVASIR as downloaded",
    )
    parser.add_argument(
        "--split", required=True, type=Path, help="the split the model was trained with"
    )
    parser.add_argument(
        "--part",
        choices=("val", "test"),
        default="test",
        help="val prints only; test is written into the card (default)",
    )
    parser.add_argument(
        "--again",
        action="store_true",
        help="even where the card says that the test part was opened before",
    )
    parser.add_argument(
        "--ignore-unknown",
        action="store_true",
        help="leave images of other classes out instead of refusing the data",
    )
    parser.add_argument(
        "--quick", action="store_true", help="without heat maps and probes, which take minutes"
    )
    parser.add_argument(
        "--threads", type=int, default=1, help="torch's threads (default: %(default)s)"
    )


def run(options: argparse.Namespace) -> int:
    """Examine, print the card as Markdown, and write both forms of it where the part is test."""
    card = read_card(options.model)
    if options.part == "test" and "test opened" in card.checks and not options.again:
        opened = card.checks["test opened"]
        raise DataError(
            f"The test part was opened for this model on {opened}.",
            "Say --again if its card is to be written anew.",
        )
    examined = _examined(options, card)
    if options.part == "test":
        from kd_core.artifacts.checkpoint import writing
        from kd_core.schema.atomic_file import write_atomically

        with writing(options.model):
            write_card(options.model, examined)
            write_atomically(options.model / MARKDOWN_NAME, as_markdown(examined).encode())
    print(as_markdown(examined))
    return 0


def _examined(options: argparse.Namespace, card: ModelCard) -> ModelCard:
    from kd_core.data.folders import read_samples, relabel
    from kd_core.data.splits import read_split
    from kd_core.evaluation.examination import examine

    samples, _ = relabel(
        read_samples(options.data), card.classes, ignore_unknown=options.ignore_unknown
    )
    chosen = read_split(options.split).part(samples, options.part)
    if not chosen:
        raise DataError(f"The {options.part} part of the split is empty.", "Use another split.")
    scores, checks = examine(load_any(options.model, card, options.threads), card, chosen, say=_say)
    if not options.quick:
        checks |= _minutes_long(options, is_student=ONNX_NAME in card.files)
    part = "test" if options.part == "test" else "validation"
    if part == "test":
        checks["test opened"] = f"{datetime.now(UTC):%Y-%m-%d}"
    return msgspec.structs.replace(
        card, scores={**card.scores, part: scores}, checks={**card.checks, **checks}
    )


def _minutes_long(options: argparse.Namespace, *, is_student: bool) -> dict[str, Any]:
    """Heat maps against masks, where the data has masks, and the probes; both as their own
    commands measure them.
    """
    made: dict[str, Any] = {}
    if is_student:
        _say("heat maps")
        words = [
            "--model",
            str(options.model),
            "--data",
            str(options.data),
            "--split",
            str(options.split),
            "--part",
            options.part,
        ]
        try:
            made["explanation"] = explain_scores.measured(_parsed(explain_scores, words))
        except DataError as error:
            _say(f"left out: {error.sentence}")
    if options.part == "test":
        _say("probes")
        classes = ",".join(read_card(options.model).classes)
        words = ["--data", str(options.data), "--split", str(options.split), "--classes", classes]
        words += ["--ignore-unknown"] if options.ignore_unknown else []
        made["shortcuts"] = probe.measured(_parsed(probe, words))
    # As JSON has it: what is printed and what is read again must be the same.
    return dict(decode_any_json(json.dumps(made)))


def _parsed(command: Any, words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add(parser)
    return parser.parse_args(words)


def _say(what: str) -> None:
    print(f"kd-core: {what} ...", file=sys.stderr, flush=True)
