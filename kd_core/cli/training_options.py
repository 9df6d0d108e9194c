"""What the commands that train share: their options, reading the data, and saying what happens."""

from __future__ import annotations

import argparse
import os
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import msgspec

from kd_core.schema.config import LossWeights, TrainConfig, decode_plain, merged
from kd_core.schema.errors import DataError
from kd_core.schema.events import (
    EpochEnded,
    PartStarted,
    RunEnded,
    RunEvent,
    RunProgress,
    RunStarted,
)
from kd_core.schema.taxonomy import LOWER_GI

EVENTS_HELP = (
    "JSON lines on standard output instead of words on standard error; a line 'cancel' on standard"
    " input stops and keeps the best"
)


def add_data(parser: argparse.ArgumentParser) -> None:
    """Options that say what is learned from."""
    parser.add_argument(
        "--data",
        required=True,
        type=Path,
        help="class folders, a manifest.csv, KVASIR-V2 or Hyper-KVASIR as downloaded",
    )
    parser.add_argument(
        "--split", type=Path, help="a split made by `kd-core split` (default: made here, by groups)"
    )
    parser.add_argument(
        "--split-seed", type=int, default=0, help="of the split made here (default: %(default)s)"
    )
    parser.add_argument(
        "--classes", help=f"comma-separated classes in output order (default: {','.join(LOWER_GI)})"
    )
    parser.add_argument(
        "--ignore-unknown",
        action="store_true",
        help="leave images of other classes out instead of refusing the data",
    )
    parser.add_argument(
        "--data-name", default="", help="what the card says of the data: name, licence, citation"
    )


def add_teachers(parser: argparse.ArgumentParser) -> None:
    """--teachers, which ``teacher_folders`` reads."""
    words = (
        "teacher folders, made by `kd-core train-teacher`: repeat it, or separate them by commas"
    )
    parser.add_argument("--teachers", required=True, action="append", help=words)


def teacher_folders(options: argparse.Namespace) -> list[Path]:
    """The folders of --teachers.

    A comma separates them, unless a folder of just that name is there.
    """
    given: list[str] = options.teachers
    return [
        Path(name)
        for words in given
        for name in ([words] if Path(words).is_dir() else words.split(","))
    ]


def add_run(parser: argparse.ArgumentParser, defaults: TrainConfig) -> None:
    """Options that say how, where and with what."""
    parser.add_argument(
        "--out",
        required=True,
        type=Path,
        help="the folder to write; a run that was killed goes on from it",
    )
    parser.add_argument(
        "--config", type=Path, help="a JSON file of settings; the options here override it"
    )
    parser.add_argument(
        "--epochs", type=int, help=f"passes over the training part (default: {defaults.epochs})"
    )
    parser.add_argument(
        "--learning-rate",
        type=float,
        help=f"the highest of the run (default: {defaults.learning_rate})",
    )
    parser.add_argument(
        "--views", type=int, help=f"fixed augmentations an image has (default: {defaults.views})"
    )
    parser.add_argument(
        "--patience",
        type=int,
        help="end after so many epochs without a better validation macro-F1 (default: never)",
    )
    parser.add_argument(
        "--mixup", type=float, help="MixUp's alpha, for runs without teachers (default: 0, none)"
    )
    parser.add_argument(
        "--optimiser", choices=("adamw", "sgd"), help=f"default: {defaults.optimiser}"
    )
    parser.add_argument(
        "--precision",
        choices=("auto", "fp32", "bf16"),
        help="auto: bf16 where the hardware computes in it (default)",
    )
    parser.add_argument(
        "--seed", type=int, help=f"of weights, order and augmentation (default: {defaults.seed})"
    )
    parser.add_argument(
        "--weight",
        action="append",
        default=[],
        metavar="LOSS=W",
        help="weight of a named loss, e.g. guide=2; repeatable",
    )
    add_machine(parser)
    parser.add_argument(
        "--keep-test-closed",
        action="store_true",
        help="do not score the test part: `kd-core card` does, once",
    )
    parser.add_argument("--events", action="store_true", help=EVENTS_HELP)


def add_machine(parser: argparse.ArgumentParser) -> None:
    """Options that say where and with what the work is done."""
    parser.add_argument(
        "--cache",
        type=Path,
        help="folder for views and answers of teachers (default: kd-cache beside --out)",
    )
    parser.add_argument(
        "--cache-gb",
        type=float,
        default=6.0,
        help="largest size of that folder (default: %(default)s)",
    )
    parser.add_argument(
        "--no-cache",
        action="store_true",
        help="make views and ask teachers anew every time (sensible on a GPU)",
    )
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda (default: %(default)s)")
    parser.add_argument(
        "--threads",
        type=int,
        default=2,
        help="torch's threads (set OMP_WAIT_POLICY=PASSIVE; default: %(default)s)",
    )


def chosen_config(options: argparse.Namespace, defaults: TrainConfig) -> TrainConfig:
    """Defaults, then --config, then options. Raises DataError for what no run can have."""
    config = defaults
    if options.config:
        try:
            content = options.config.read_bytes()
        except OSError as error:
            raise DataError(
                f"The settings {options.config} cannot be read: {error.strerror}.",
                "Name an existing JSON file.",
            ) from error
        config = merged(defaults, decode_plain(content, options.config.name), options.config.name)
    given = {
        name: value
        for name, value in vars(options).items()
        if name in TrainConfig.__struct_fields__ and value is not None
    }
    losses = {
        **msgspec.to_builtins(config.losses),
        **dict(_weight(word) for word in options.weight),
    }
    return merged(config, {**given, "losses": losses}, "the options")


def _weight(word: str) -> tuple[str, float]:
    name, _, value = word.partition("=")
    try:
        return name, float(value)
    except ValueError:
        known = ", ".join(LossWeights.__struct_fields__)
        raise DataError(
            f"--weight {word} is not NAME=NUMBER.",
            f"For example --weight guide=2. Losses are {known}.",
        ) from None


def chosen_classes(options: argparse.Namespace) -> tuple[str, ...]:
    """Raises DataError for fewer than two, or one twice."""
    classes = tuple(options.classes.split(",")) if options.classes else LOWER_GI
    if len(set(classes)) < 2 or len(set(classes)) != len(classes):
        raise DataError(
            "--classes must name two or more different classes.",
            f"For example {','.join(LOWER_GI)}.",
        )
    return classes


def chosen_device(options: argparse.Namespace) -> str:
    """Raises DataError for a GPU that is not there."""
    import torch

    if options.device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        device = torch.device(options.device)
    except RuntimeError:
        raise DataError(
            f"There is no kind of device called '{options.device}'.",
            "Use --device cpu, cuda, or cuda:0.",
        ) from None
    if device.type not in ("cpu", "cuda"):
        raise DataError(
            f"Training on '{device.type}' was never tried.", "Use --device cpu or cuda."
        )
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise DataError("There is no such GPU that torch can use here.", "Use --device cpu.")
    return str(options.device)


def read_data(options: argparse.Namespace) -> Any:
    """The DataSet of the options; unreadable images are named on standard error."""
    from kd_core.data.labelled import load_data_set

    begun = time.monotonic()

    def on_progress(done: int, total: int) -> None:
        if done % 100 == 0 or done == total:
            say(
                RunProgress(done, total, (time.monotonic() - begun) / done * (total - done)),
                options.events,
            )

    say(PartStarted("reading images"), options.events)
    data = load_data_set(
        options.data,
        chosen_classes(options),
        split_file=options.split,
        split_seed=options.split_seed,
        ignore_unknown=options.ignore_unknown,
        name=options.data_name,
        on_progress=on_progress,
    )
    for sentence in data.warnings:
        print(f"kd-core: {sentence}", file=sys.stderr)
    if data.unreadable:
        print(
            f"skipped {len(data.unreadable)} unreadable images: {', '.join(data.unreadable[:5])}",
            file=sys.stderr,
        )
    return data


def free_place(options: argparse.Namespace, device: str) -> Any:
    """``place_of`` for a command that writes one model.

    Raises DataError also where --out holds a finished one.
    """
    refuse_finished(options)
    return place_of(options, device)


def refuse_finished(options: argparse.Namespace) -> None:
    """Raises DataError where --out holds a finished model."""
    from kd_core.schema.model_files import CARD_NAME
    from kd_core.schema.run_files import STATE_NAME

    if (options.out / CARD_NAME).exists() and not (options.out / STATE_NAME).exists():
        raise DataError(
            f"{options.out} holds a finished model.",
            "Choose another place, or delete that folder first.",
        )


def place_of(options: argparse.Namespace, device: str) -> Any:
    """Where to work. Raises DataError where --out cannot be a folder."""
    import torch

    from kd_core.data.teacher_cache import GIGABYTE
    from kd_core.training.run import Place

    if options.threads < 1 or not options.cache_gb > 0:
        raise DataError("--threads must be 1 or more, and --cache-gb above 0.")
    torch.set_num_threads(options.threads)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"{options.out} cannot be made a folder: {error.strerror}.", "Choose another place."
        ) from error
    cache = (
        None if options.no_cache else options.cache or options.out.absolute().parent / "kd-cache"
    )
    return Place(options.out, cache, int(options.cache_gb * GIGABYTE), device)


def carry_out(run: Any, as_json: bool) -> int:
    """Work through a run's events, alone or as one of torchrun's processes.

    The first Ctrl+C stops it with the best so far.

    So does a line "cancel" on standard input where events are JSON lines, if that is a pipe.

    Returns 0 for a run that finished, 130 for one that was stopped.
    """
    from kd_core.training.distributed import Alone, Together, under_torchrun

    outcome = ""
    with (
        stop_on_interrupt() as interrupted,
        Together() if under_torchrun() else nullcontext(Alone()) as workers,
    ):
        cancelled = stop_on_cancel() if as_json and workers.first else threading.Event()

        def should_stop() -> bool:
            return interrupted() or cancelled.is_set()

        for event in run.events(should_stop, workers):
            if workers.first:
                say(event, as_json)
            outcome = event.outcome if isinstance(event, RunEnded) else outcome
        return 0 if outcome == "finished" or not workers.first else 130


@contextmanager
def stop_on_interrupt() -> Iterator[Callable[[], bool]]:
    """A question that is answered with yes after the first Ctrl+C; the second one interrupts at
    once.
    """
    asked: list[int] = []

    def ask(number: int, _: object) -> None:
        if asked:
            raise KeyboardInterrupt
        asked.append(number)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)


def stop_on_cancel() -> threading.Event:
    """An event that is set once a line "cancel" comes on standard input; never where that is no
    pipe. The end of input is no cancel.
    """
    cancelled = threading.Event()
    try:
        source = sys.stdin.fileno()
        piped = stat.S_ISFIFO(os.fstat(source).st_mode)
    except (
        AttributeError,
        OSError,
        ValueError,
    ):  # no standard input, a closed one, or one that is no file
        return cancelled
    if piped:
        threading.Thread(
            target=_await_cancel,
            args=(source, cancelled),
            name="cancel on standard input",
            daemon=True,
        ).start()
    return cancelled


def _await_cancel(source: int, cancelled: threading.Event) -> None:
    # sys.stdin's own reading holds a lock that a daemon thread would still hold when the
    # interpreter ends, which aborts it
    line = b""
    with suppress(OSError):
        while read := os.read(source, 4096):
            *lines, line = (line + read).split(b"\n")
            line = line[-4096:]
            if any(one.strip() == b"cancel" for one in lines):
                cancelled.set()
                return


def say(event: RunEvent, as_json: bool) -> None:
    """A JSON line on standard output, or words on standard error; a bar with the time left only
    on a terminal.
    """
    if as_json:
        print(msgspec.json.encode(event).decode(), flush=True)
        return
    if isinstance(event, RunProgress):
        if sys.stderr.isatty():
            filled = round(30 * event.done / max(1, event.total))
            bar = "#" * filled + "-" * (30 - filled)
            print(
                f"\r[{bar}] {event.done} of {event.total}, {_time(event.seconds_left)} left   ",
                end="",
                file=sys.stderr,
                flush=True,
            )
        return
    print(("\r\x1b[K" if sys.stderr.isatty() else "") + _words(event), file=sys.stderr, flush=True)


def _words(event: RunEvent) -> str:
    match event:
        case PartStarted(name):
            return f"{name} ..."
        case RunStarted():
            extra = (
                f" and {event.training_only:,} used only in training" if event.training_only else ""
            )
            return (
                f"{event.samples} images, {len(event.classes)} classes, {event.parameters:,}"
                f" parameters{extra}, {event.epochs} epochs"
            )
        case EpochEnded():
            numbers = "  ".join(
                f"{name} {value:.4f}" for name, value in {**event.losses, **event.scores}.items()
            )
            return f"epoch {event.epoch}: {numbers}"
        case RunEnded():
            return event.sentence
        case _:
            return ""


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
