"""A review list on screen."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.labels.review.review_list import ReviewList
from tests.endoscope_app.review_sample import shown_list


@pytest.fixture
def review(qtbot: QtBot) -> ReviewList:
    return shown_list(qtbot)
