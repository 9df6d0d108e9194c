"""Changing a model folder so that only its content can give it away, and how it is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kd_core.schema.errors import ModelError
from kd_core.schema.model_files import CARD_NAME


def edit_card(folder: Path, **changes: Any) -> None:
    card = json.loads((folder / CARD_NAME).read_text())
    (folder / CARD_NAME).write_text(json.dumps({**card, **changes}))


def exchange(folder: Path, name: str, content: bytes) -> None:
    """Another file with its right hash in the card: only the content can give it away."""
    (folder / name).write_bytes(content)
    files = json.loads((folder / CARD_NAME).read_text())["files"]
    edit_card(folder, files={**files, name: hashlib.sha256(content).hexdigest()})


def refused(call: Callable[[Path], object], folder: Path, words: str) -> None:
    """One sentence that holds ``words`` and no line break, and a way out."""
    with pytest.raises(ModelError, match=words) as caught:
        call(folder)
    assert caught.value.sentence.endswith(".")
    assert caught.value.way_out.endswith(".")
    assert "\n" not in str(caught.value)
