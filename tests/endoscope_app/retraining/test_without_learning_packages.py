"""Where only the viewer is installed: what needs the learning side says what to install."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from endoscope_app.base import learning_packages
from endoscope_app.base.paths import shipped_model
from endoscope_app.labels.commands import LABEL_ERRORS
from kd_core.platform.learning_side import PACKAGES
from tests.endoscope_app.app_session import Session, running
from tests.endoscope_app.label_session import in_front
from tests.endoscope_app.test_without_torch import run_hidden

INSTALL = 'needs the learning packages: pip install "endoscope-app[train]".'


@pytest.fixture
def session(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Session]:
    monkeypatch.setattr(learning_packages, "find_spec", lambda name: None)
    with running(tmp_path / "data", shipped_model()) as made:
        made.until(lambda: made.app.classifier is not None, "the model")
        yield made


def test_retrain_says_what_to_install(session: Session) -> None:
    window = session.app.window
    in_front(session, window)
    QTest.keyClick(window, Qt.Key.Key_T, Qt.KeyboardModifier.ControlModifier)
    session.until(lambda: f"Retraining {INSTALL}" in session.message(), "what to install")
    assert session.app.retraining.flow.dialog is None


def test_the_search_for_label_errors_says_what_to_install(session: Session) -> None:
    session.app.window.action(LABEL_ERRORS).trigger()
    session.until(lambda: f"Finding label errors {INSTALL}" in session.message(), "what to install")


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_every_package_is_looked_for(monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    def find_spec(name: str) -> ModuleSpec | None:
        return None if name == package else ModuleSpec(name, None)

    monkeypatch.setattr(learning_packages, "find_spec", find_spec)
    assert learning_packages.lacks_learning_packages("Retraining") == f"Retraining {INSTALL}"


def test_it_is_found_without_loading_any_of_them() -> None:
    program = (
        "from endoscope_app.base.learning_packages import lacks_learning_packages\n"
        "print(lacks_learning_packages('Retraining'))\n"
        f"print([name for name in {sorted(PACKAGES)!r}"
        " if name in sys.modules])"
    )
    done = run_hidden(program)
    assert done.stdout.splitlines() == [f"Retraining {INSTALL}", "[]"], done.stderr


def test_nothing_is_lacking_where_all_are_installed() -> None:
    assert learning_packages.lacks_learning_packages("Retraining") == ""
