"""The command line as cards and records keep it: of every path only its last name."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence


def spoken_command(words: Sequence[str]) -> str:
    """``words`` after kd-core: folders may be called after patients, and other machines lack them.

    >>> spoken_command(["distil", "--teachers", "/m/lite0/,/m/lite1", "--split=a/s.json"])
    'kd-core distil --teachers lite0,lite1 --split=s.json'
    """
    return shlex.join(["kd-core", *(_without_folders(word) for word in words)])


def _without_folders(word: str) -> str:
    return re.sub(r"[^,=]*[/\\]", "", re.sub(r"[/\\]+(?=,|$)", "", word))
