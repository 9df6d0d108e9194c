"""The command ``kd-core``."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Sequence

import msgspec

from kd_core import __version__
from kd_core.platform.library_caches import temporary_caches
from kd_core.platform.memory_reuse import keep_freed_memory
from kd_core.schema.errors import CoreError
from kd_core.schema.events import RunEnded
from kd_core.schema.model_card import RESEARCH_USE

#: Each is a module of kd_core.cli, imported only when it is asked for: `kd-core info` must not
#: wait for torch.
COMMANDS = {
    "train-teacher": "fine-tune a pretrained backbone as teacher",
    "distil": "train the student with teachers: response, feature, relation",
    "train": "train the student alone on labelled images",
    "retrain": "distil a better student from a reader's labels, and prove it",
    "reproduce": "the table of the paper on any labelled data set",
    "dedupe": "find near-duplicate images, whatever their border and inset",
    "split": "write a seeded split that keeps groups together",
    "replay": "store latents of labelled pictures for retraining",
    "info": "show a model's card",
    "predict": "classify images",
    "evaluate": "score a model on labelled images",
    "compare": "say whether one model is better than another on the same images",
    "probe": "ask what could be cheated on, and whether preprocessing leaves any of it",
    "card": "complete a model's card: test scores, robustness, silence, explanation, shortcuts",
    "explain": "heat map of one image by any method of the grad-cam package",
    "explain-scores": "score heat maps against lesion masks, and by insertion and deletion",
    "export": "ONNX (float or int8) or torch.export, checked against torch",
    "benchmark": "time the student, preprocessing and heat map",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status (0 done, 2 the world failed, 130
    interrupted).
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] not in COMMANDS:
        _top_parser().parse_args(words or ["--help"])
        return 2
    command = importlib.import_module(f"kd_core.cli.{words[0].replace('-', '_')}")
    example = getattr(command, "EXAMPLE", "")
    epilog = f"Example: kd-core {words[0]} {example}" if example else None
    parser = argparse.ArgumentParser(
        prog=f"kd-core {words[0]}", description=f"{command.__doc__} {RESEARCH_USE}", epilog=epilog
    )
    command.add(parser)
    options = parser.parse_args(words[1:])
    keep_freed_memory()
    try:
        with temporary_caches():
            return int(command.run(options))
    except CoreError as error:
        if getattr(options, "events", False):
            print(msgspec.json.encode(RunEnded("failed", str(error))).decode(), flush=True)
        print(f"kd-core: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _top_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kd-core", description=f"Teach, score and explain the student. {RESEARCH_USE}"
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, what in COMMANDS.items():
        commands.add_parser(name, help=what, add_help=False)
    return parser


if __name__ == "__main__":
    sys.exit(main())
