"""From arguments on the command line to a call of the library, and its result to print."""

from __future__ import annotations

import argparse
import getpass
import importlib
import inspect
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

import msgspec

from kd_core.cli.command_table import COMMANDS, Command
from kd_core.cli.event_printing import event_printer, image_counter, warn
from kd_core.cli.option_table import OPTIONS
from kd_core.cli.options import Keywords, add_options, add_settings
from kd_core.cli.run_settings import chosen_config, data_of, folders_of, machine_of
from kd_core.cli.spoken_command import spoken_command
from kd_core.cli.stopping import stop_on_request
from kd_core.schema.config import SCHEMES, TEACHER_DEFAULTS, TrainConfig
from kd_core.schema.model_card import RESEARCH_USE

STOPPED = 130


def parsed(name: str, arguments: Sequence[str]) -> argparse.Namespace:
    """The options of a command; leaves the program for help and for what is no option."""
    command = COMMANDS[name]
    parser = argparse.ArgumentParser(
        prog=f"kd-core {name}",
        description=f"{command.purpose[0].upper()}{command.purpose[1:]}. {RESEARCH_USE}",
        epilog=f"Example: kd-core {name} {command.example}" if command.example else None,
    )
    add_options(parser, command.options, OPTIONS)
    if "config" in command.options.split():
        add_settings(parser)
    return parser.parse_args(arguments)


def run(name: str, options: argparse.Namespace, words: Sequence[str]) -> int:
    """Do what a command says; returns the exit status.

    ``words``: of the command line, for what is kept of it. Raises CoreError.
    """
    command, given = COMMANDS[name], dict(vars(options))
    if command.function.startswith("kd_core.cli."):
        return int(_imported(command.function)(**given))
    as_json, events = given.pop("json", False), given.pop("events", False)
    given.pop("keep_test_closed", None)
    if "teachers" in given and isinstance(given["teachers"], list):
        given["teachers"] = folders_of(given["teachers"])
    if "split_seed" in given:
        names = "data split split_seed classes ignore_unknown data_name"
        grouped = "class_groups complete_labels" if "class_groups" in given else ""
        given["data"] = partial(data_of, _taken(given, f"{names} {grouped}"))
    if "weight" in given:
        _choose_settings(name, given)
    function = _imported(command.function)
    parameters = inspect.signature(function).parameters
    if isinstance(given.get("data"), partial):
        given["data"] = given["data"]()
    if "machine" in parameters:
        taken = _taken(given, "device threads cache cache_gb")
        given["machine"] = machine_of({**taken, "command": spoken_command(words)})
    given |= _callbacks(parameters, events, command, words)
    stopping = stop_on_request(events) if "should_stop" in parameters else nullcontext(None)
    with stopping as should_stop:
        if should_stop is not None:
            given["should_stop"] = should_stop
        result = function(**given)
    return _print(result, command, as_json, events)


def _imported(path: str) -> Callable[..., Any]:
    module, _, name = path.partition(":")
    function: Callable[..., Any] = getattr(importlib.import_module(module), name)
    return function


def _taken(given: Keywords, names: str) -> Keywords:
    return {name: given.pop(name) for name in names.split()}


def _choose_settings(name: str, given: Keywords) -> None:
    """A retraining's defaults hang on its labels: it is told how to change them."""
    options = _taken(
        given, f"config weight {' '.join(TrainConfig.__struct_fields__)}".replace(" losses", "")
    )
    if name == "retrain":
        given["settings"] = partial(chosen_config, options)
        return
    defaults = TEACHER_DEFAULTS if name == "train-teacher" else TrainConfig()
    if "scheme" in given:
        defaults = TrainConfig(losses=SCHEMES[given.pop("scheme")])
    given["config"] = chosen_config(options, defaults)


def _callbacks(parameters: Any, events: bool, command: Command, words: Sequence[str]) -> Keywords:
    offered: Keywords = {
        "on_event": event_printer(events),
        "on_warning": _silent if command.private and events else warn,
        "on_part": lambda what: warn(f"{what} ..."),
        "on_progress": image_counter(),
        "command": spoken_command(words),
        "ask_password": getpass.getpass,
    }
    return {name: callback for name, callback in offered.items() if name in parameters}


def _silent(_: str) -> None:
    """What is not told."""


def _print(result: Any, command: Command, as_json: bool, events: bool) -> int:
    """One JSON object, or a text; a run has told all by its events but its remark."""
    outcome = getattr(result, "outcome", "finished")
    if remark := getattr(result, "remark", ""):
        warn(remark)
    if as_json:
        content = getattr(result, command.part) if command.part else result
        print(msgspec.json.encode(content).decode())
    elif not events and not hasattr(result, "sentence"):
        print(_imported(command.text)(result) if command.text else result)
    return 0 if outcome == "finished" else STOPPED
