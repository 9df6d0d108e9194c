"""Fixtures of several tests here."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.retraining.comparison.comparison_dialog import ComparisonDialog
from tests.endoscope_app.comparison_stage import Make, comparison


@pytest.fixture
def make(qtbot: QtBot) -> Make:
    def made(**changed: object) -> ComparisonDialog:
        dialog = ComparisonDialog(comparison(**changed))
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return made
