"""Where the repository and its fixtures lie, wherever a test stands."""

from __future__ import annotations

from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
FIXTURES = REPOSITORY / "tests" / "fixtures"
SHIPPED_MODELS = REPOSITORY / "resources" / "models"
