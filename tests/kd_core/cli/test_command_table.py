"""Options of a command are parameters of the function that it calls; every setting has one."""

from __future__ import annotations

import importlib
import inspect
import json

import msgspec
import pytest

from kd_core.__main__ import main
from kd_core.cli.command_table import COMMANDS
from kd_core.cli.running import parsed
from kd_core.schema.config import SCHEMES, TEACHER_DEFAULTS, TrainConfig

#: What the command line makes of several options, or keeps for itself.
MADE = {"machine", "config", "settings", "on_event", "on_warning", "on_part", "on_progress"}
#: "student" and "policy" are objects, which no option can name.
MADE |= {"should_stop", "command", "student", "policy", "ask_password"}
OWN = {"keep_test_closed", "json", "events", "weight", "config", "cache", "cache_gb", "device"}
OF_DATA = {
    "split",
    "split_seed",
    "classes",
    "ignore_unknown",
    "data_name",
    "class_groups",
    "complete_labels",
}
OWN_FUNCTIONS = ("config", "predict")


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in OWN_FUNCTIONS])
def test_options_are_parameters(name: str) -> None:
    command = COMMANDS[name]
    module, _, attribute = command.function.partition(":")
    parameters = inspect.signature(getattr(importlib.import_module(module), attribute)).parameters
    words = [word.partition("=")[0].rstrip("!") for word in command.options.split()]
    places = {word.partition(".")[0] for word in words}
    if "split_seed" in places:
        places -= OF_DATA
    if "machine" in parameters:
        places -= {"threads"}
    assert places - OWN <= parameters.keys()
    assert parameters.keys() - MADE <= places


def test_every_setting_has_an_option() -> None:
    options = parsed("distil", ["--data", "d", "--teachers", "t", "--out", "o"])
    assert set(TrainConfig.__struct_fields__) - {"losses"} <= vars(options).keys()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_template_holds_every_default(scheme: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--print", "--scheme", scheme]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert msgspec.convert(plain, TrainConfig) == TrainConfig(losses=SCHEMES[scheme])
    assert plain.keys() == set(TrainConfig.__struct_fields__)


def test_settings_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--teacher"]) == 0
    page = capsys.readouterr().out
    for name in TrainConfig.__struct_fields__:
        assert name in page
    assert str(TEACHER_DEFAULTS.learning_rate) in page
