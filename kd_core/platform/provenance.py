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
    with suppress(OSError, subprocess.SubprocessError):
        commit = _said_by_git("rev-parse", "HEAD")
        return commit + ("-dirty" if _said_by_git("status", "--porcelain", "-uno") else "")
    return ""


def _said_by_git(*words: str) -> str:
    # Without locks nothing is written, not even a fresher index.
    command = ["git", "--no-optional-locks", "-C", str(_CHECKOUT), *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    return done.stdout.strip()


def package_versions() -> dict[str, str]:
    """The versions of PACKAGES, those that are installed."""
    found = {}
    for name in PACKAGES:
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
