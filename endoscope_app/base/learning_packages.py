"""Whether the packages of the learning side are installed, found without loading them. No Qt."""

from __future__ import annotations

from importlib.util import find_spec

from endoscope_app.base import wording
from kd_core.platform.learning_side import PACKAGES


def lacks_learning_packages(what: str) -> str:
    """Why ``what`` ("Retraining") cannot be done, and what to install; '' where it can."""
    return "" if all(map(_is_installed, PACKAGES)) else wording.needs_learning_packages(what)


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):  # what stands in its place is no package
        return False
