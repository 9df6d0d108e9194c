"""The command ``endoscope-app``: the window; ``add``, ``analyse``, ``report`` and ``benchmark``
without one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from endoscope_app import __version__
from endoscope_app.base.errors import AppError
from kd_core.schema.lack_of_memory import SENTENCE, WAY_OUT, lacks_memory
from kd_core.schema.model_card import RESEARCH_USE

COMMANDS = ("add", "analyse", "report", "benchmark")


def main(given: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status (0 done, 2 the world failed, 130
    interrupted).
    """
    arguments = list(sys.argv[1:] if given is None else given)
    try:
        place, rest = _data_dir_before_a_command(arguments)
        if rest[:1] == ["add"]:
            from endoscope_app.cli.add import run_add

            return run_add([*place, *rest[1:]])
        if rest[:1] == ["analyse"]:
            from endoscope_app.cli.analyse import run_analyse

            return run_analyse([*place, *rest[1:]])
        if rest[:1] == ["report"]:
            from endoscope_app.cli.report import run_report

            return run_report([*place, *rest[1:]])
        if rest[:1] == ["benchmark"]:
            from endoscope_app.cli.benchmark.command import run_benchmark

            return run_benchmark([*place, *rest[1:]])
        return _run_window(arguments)
    except AppError as error:
        print(f"endoscope-app: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if not lacks_memory(error):
            raise
        print(f"endoscope-app: {SENTENCE} {WAY_OUT}", file=sys.stderr)
        return 2


def _data_dir_before_a_command(arguments: list[str]) -> tuple[list[str], list[str]]:
    """--data-dir may stand before the command's word as well as after it: ([--data-dir FOLDER]
    or [], the rest).
    """
    if arguments[:1] == ["--data-dir"] and arguments[2:3] and arguments[2] in COMMANDS:
        return arguments[:2], arguments[2:]
    if (
        arguments
        and arguments[0].startswith("--data-dir=")
        and arguments[1:2]
        and arguments[1] in COMMANDS
    ):
        return arguments[:1], arguments[1:]
    return [], arguments


def _run_window(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="endoscope-app",
        description=f"Review a recorded endoscopy, every frame classified live. {RESEARCH_USE}",
        epilog=(
            "Without a window: endoscope-app add FOLDER | endoscope-app analyse PATH... --out"
            " result.json | endoscope-app report PATH... --out report.pdf | endoscope-app benchmark"
            " --json"
        ),
    )
    parser.add_argument(
        "path",
        nargs="*",
        help=(
            "a video, or a folder of stills (a file named like a command: ./analyse); of several"
            " videos, or a folder of them, the window asks whether they are one procedure"
        ),
    )
    parser.add_argument("--demo", action="store_true", help="open the synthetic demo procedure")
    parser.add_argument(
        "--data-dir",
        help=(
            "where settings, analyses and labels live (default: the system's folder for user data)"
        ),
    )
    parser.add_argument(
        "--model",
        help=(
            "a model folder (default: the model chosen last, or the one that came with the program)"
        ),
    )
    parser.add_argument("--version", action="version", version=__version__)
    options = parser.parse_args(arguments)
    from endoscope_app.base.screen import require_screen

    require_screen()
    from endoscope_app.early_start import begin

    begin()
    from endoscope_app.run_window import run_window

    return run_window(
        [Path(path).absolute() for path in options.path],
        demo=options.demo,
        data_dir=options.data_dir,
        model=Path(options.model) if options.model else None,
    )


if __name__ == "__main__":
    sys.exit(main())
