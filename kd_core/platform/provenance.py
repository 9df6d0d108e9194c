"""What this program is: the commit it was started from, and the packages that compute."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

#: Those whose version can change a number.
PACKAGES = (
    "endoscope-app",
    "torch",
    "torchvision",
    "timm",
    "efficientnet-lite-pytorch",
    "numpy",
    "opencv-python-headless",
    "onnxruntime",
    "scikit-learn",
)
_CHECKOUT = Path(__file__).resolve().parents[2]


def git_commit() -> str:
    """The commit of the checkout that this program runs from, with "-dirty" where it was changed.

    "" where it does not run from one, or git is not there.
    """
    if not (_CHECKOUT / ".git").exists():
        return ""
    words = ["git", "-C", str(_CHECKOUT), "describe", "--always", "--abbrev=40", "--dirty"]
    with suppress(OSError, subprocess.SubprocessError):
        said = subprocess.run(
            [*words, "--exclude", "*"], capture_output=True, text=True, timeout=20, check=True
        )
        return said.stdout.strip()
    return ""


def package_versions() -> dict[str, str]:
    """The versions of PACKAGES, those that are installed."""
    found = {}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
