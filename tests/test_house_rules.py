"""Rules of the house that a reader of one file cannot see: each is checked over the source of
both packages.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from PySide6 import QtCore, QtGui, QtWidgets

import kd_core
from kd_core.cli.command_table import COMMANDS
from tests.places import REPOSITORY

PACKAGES = ("kd_core", "endoscope_app")


def modules(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    """Path below the checkout and syntax tree of every module of ``packages``."""
    for package in packages or PACKAGES:
        for path in sorted((REPOSITORY / package).rglob("*.py")):
            yield path.relative_to(REPOSITORY).as_posix(), _parsed(path)


@pytest.fixture(scope="module", autouse=True)
def _trees_go_with_the_module() -> Iterator[None]:
    """A hundred megabytes that no other test needs."""
    yield
    _parsed.cache_clear()


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> set[str]:
    """Top-level packages that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def test_onnxruntime_is_imported_below_kd_core_alone_whose_init_silences_it() -> None:
    users = {path for path, tree in modules() if "onnxruntime" in imported(tree)}
    assert len(users) >= 3
    assert {path for path in users if not path.startswith("kd_core/")} == set()
    init = ast.parse((REPOSITORY / "kd_core" / "__init__.py").read_text(encoding="utf-8"))
    assert imported(init) == {"kd_core", "importlib", "typing"}, (
        "nothing may come before the runtime is told to be quiet"
    )


def _run(program: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"
    }
    return subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def test_telemetry_is_off_before_the_runtime_is_loaded_and_in_children() -> None:
    program = """
import os, subprocess, sys
import kd_core.vision.predictor
assert "onnxruntime" not in sys.modules and os.environ["ORT_DISABLE_TELEMETRY"] == "1"
child = "import os; print(os.environ['ORT_DISABLE_TELEMETRY'])"
done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True)
print(done.stdout)
"""
    done = _run(program)
    assert (done.returncode, done.stdout.strip()) == (0, "1"), done.stderr


def test_a_runtime_that_was_loaded_first_is_an_error() -> None:
    # A stand-in: the real one would begin to report.
    done = _run(
        "import sys, types; sys.modules['onnxruntime'] = types.ModuleType('onnxruntime'); import"
        " kd_core"
    )
    assert done.returncode == 1
    assert "import kd_core first" in done.stderr


def test_one_module_reads_json() -> None:
    """Elsewhere a damaged byte or brackets without end would raise what nobody catches."""
    readers = {
        ("json", "loads"),
        ("json", "load"),
        ("json", "decode"),
        ("json", "Decoder"),
        ("json", "JSONDecoder"),
    }
    found = {
        f"{path}:{node.lineno}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and (_last_name(node.value), node.attr) in readers
    }
    assert {line.partition(":")[0] for line in found} == {"kd_core/schema/json_text.py"}


def _last_name(node: ast.expr) -> str:
    return (
        node.attr
        if isinstance(node, ast.Attribute)
        else node.id
        if isinstance(node, ast.Name)
        else ""
    )


#: Who shows text of our own as a page: a link, and a card in Markdown without HTML whose pictures
#: are not loaded, and a report, whose every text is escaped.
PAGES = {
    "endoscope_app/shell/about_dialog.py",
    "endoscope_app/models/model_dialog.py",
    "endoscope_app/report/pdf_pages.py",
    "endoscope_app/report/report_page.py",
}
PLAIN = "endoscope_app/base/plain_text.py"


def _calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _last_name(node.func) in names:
            yield node


def _is_own_text(node: ast.expr) -> bool:
    """A literal, or what went through plain_tip."""
    return isinstance(node, ast.Constant) or (
        isinstance(node, ast.Call) and _last_name(node.func) == "plain_tip"
    )


def test_text_is_plain_unless_its_maker_says_otherwise() -> None:
    """A label, a message box and a tool tip take ``<img src=...>`` in a class's or a file's
    name for a page, and load it.
    """
    wrong: list[str] = []
    for path, tree in modules("endoscope_app"):
        if path == PLAIN:
            continue
        makes_boxes = list(_calls(tree, "QMessageBox"))
        formats = list(_calls(tree, "setTextFormat"))
        bad = [
            *_calls(tree, "QLabel"),
            *(
                call
                for call in _calls(tree, "question", "warning", "information", "critical")
                if "QMessageBox" in ast.unparse(call.func)
            ),
            *(
                call
                for call in _calls(tree, "setToolTip", "setStatusTip", "setWhatsThis")
                if not _is_own_text(call.args[-1])
            ),
            *(call for call in _calls(tree, "showText") if not _is_own_text(call.args[1])),
            *(
                call
                for call in _calls(tree, "addRow")
                if len(call.args) == 2 and isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
            ),
            *(makes_boxes if len(formats) < len(makes_boxes) else ()),
            *(
                call
                for call in formats
                if path not in PAGES and "PlainText" not in ast.unparse(call)
            ),
            *(call for call in _calls(tree, "setHtml", "setMarkdown") if path not in PAGES),
        ]
        wrong += [f"{path}:{node.lineno}" for node in bad]
    assert wrong == []


def _signals() -> dict[str, list[str]]:
    """Name of a signal -> the classes that declare one of that name."""
    found: dict[str, list[str]] = {}
    for path, tree in modules("endoscope_app"):
        for owner in ast.walk(tree):
            if not isinstance(owner, ast.ClassDef):
                continue
            for line in owner.body:
                if (
                    isinstance(line, ast.Assign)
                    and isinstance(line.value, ast.Call)
                    and _last_name(line.value.func) == "Signal"
                ):
                    found.setdefault(_last_name(line.targets[0]), []).append(
                        f"{path}: {owner.name}"
                    )
    return found


def test_every_signal_is_heard() -> None:
    """A wish that nobody hears is a control that does nothing.

    Of signals of one name there are as many listeners as classes.
    """
    heard = Counter(
        _last_name(node.value)
        for _, tree in modules("endoscope_app")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "connect"
    )
    signals = _signals()
    assert len(signals) > 50
    assert {name: owners for name, owners in signals.items() if heard[name] < len(owners)} == {}


#: Public, and called by others than this program: why.
CALLED_BY_OTHERS = {
    "initialize_parameters": "torch calls it when a lazy module meets its first input",
    "register_loss": "a researcher's own loss",
    "right_inverse": "torch asks a parametrization what it begins with",
    "get_next": "onnxruntime asks a calibration reader for its next batch",
    "readable": "PyAV asks a file that is an object",
    "seekable": "PyAV asks a file that is an object",
}


def test_every_public_callable_is_called() -> None:
    """What only tests call is dead: it is deleted, or what should call it does not."""
    used = {
        node.attr if isinstance(node, ast.Attribute) else node.id
        for _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load))
    }
    # What a command names, and what `import kd_core` offers.
    used |= {command.function.partition(":")[2] for command in COMMANDS.values()}
    used |= {command.text.partition(":")[2] for command in COMMANDS.values()}
    used |= set(kd_core.__all__)
    of_qt = {
        name
        for module in (QtCore, QtGui, QtWidgets)
        for kind in dir(module)
        for name in dir(getattr(module, kind))
    }
    dead = [
        f"{path}: {node.name}"
        for path, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not any(ast.unparse(row).startswith("register_") for row in node.decorator_list)
        and node.name not in used | CALLED_BY_OTHERS.keys()
        and not (node.name in of_qt and path.startswith("endoscope_app/"))
    ]
    assert dead == []


#: Who may know the window whole; everyone else has endoscope_app.base.window_port.
KNOW_THE_WINDOW = ("endoscope_app/shell/", "endoscope_app/app.py", "endoscope_app/run_window.py")


def test_features_know_the_window_by_its_port_alone() -> None:
    knowing = {
        path
        for path, tree in modules("endoscope_app")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "endoscope_app.shell.main_window"
    }
    assert "endoscope_app/app.py" in knowing
    assert {path for path in knowing if not path.startswith(KNOW_THE_WINDOW)} == set()


def test_no_string_names_a_command() -> None:
    """A misspelt one would be found only by the reader who presses its key."""
    asked = [
        (path, call)
        for path, tree in modules("endoscope_app")
        for call in _calls(tree, "action")
        if isinstance(call.func, ast.Attribute)
    ]
    assert len(asked) > 50
    wrong = [
        f"{path}:{call.lineno}"
        for path, call in asked
        if not call.args or any(isinstance(node, ast.Constant) for node in ast.walk(call.args[0]))
    ]
    assert wrong == []
