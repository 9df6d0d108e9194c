"""The command ``kd-core``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import msgspec

from kd_core import __version__
from kd_core.cli.command_table import COMMANDS
from kd_core.cli.running import parsed, run
from kd_core.platform.learning_side import learning_side_named
from kd_core.platform.library_caches import temporary_caches
from kd_core.platform.memory_reuse import keep_freed_memory
from kd_core.schema.errors import CoreError
from kd_core.schema.events import RunEnded
from kd_core.schema.lack_of_memory import SENTENCE, WAY_OUT, lacks_memory
from kd_core.schema.model_card import RESEARCH_USE


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status.

    0: done, 2: the world failed, 130: interrupted.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    if not given or given[0] not in COMMANDS:
        _top_parser().parse_args(given or ["--help"])
        return 2
    options = parsed(given[0], given[1:])
    keep_freed_memory()
    try:
        with temporary_caches(), learning_side_named():
            return run(given[0], options, given)
    except CoreError as error:
        return _failed(str(error), told=getattr(options, "events", False))
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if not lacks_memory(error):
            raise
        return _failed(f"{SENTENCE} {WAY_OUT}", told=getattr(options, "events", False))


def _failed(sentence: str, *, told: bool) -> int:
    """``told``: to who listens to the events, too."""
    if told:
        print(msgspec.json.encode(RunEnded("failed", sentence)).decode(), flush=True)
    print(f"kd-core: {sentence}", file=sys.stderr)
    return 2


def _top_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kd-core", description=f"Teach, score and explain the student. {RESEARCH_USE}"
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, command in COMMANDS.items():
        commands.add_parser(name, help=command.purpose, add_help=False)
    return parser


if __name__ == "__main__":
    sys.exit(main())
