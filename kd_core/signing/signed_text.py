"""What a signature is of: one text that names every file of a model folder with its digest.

The text is made anew from the files whenever it is checked, and never read from the folder.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

#: Nothing else that a lab signs with the same key begins like this.
DOMAIN = b"endoscope-app model folder, signature format 1\0"
#: Bytes of a name, as most file systems have them.
LONGEST_NAME = 255
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TIME = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z")


def signed_text(signed: str, files: Mapping[str, str]) -> bytes:
    """The bytes that are signed: DOMAIN, the time, and a line for each of ``files``.

    ``signed``: in UTC, ISO 8601; ``files``: sha256 (hex) by name. The lines are those of sha256sum,
    in the order of the names' bytes. Raises ValueError for what could be read in two ways.

    >>> signed_text("2026-11-30T12:00:00Z", {"b": "0" * 64, "a": "1" * 64})[-69:]
    b'\\n0000000000000000000000000000000000000000000000000000000000000000  b\\n'
    """
    if not _TIME.fullmatch(signed):
        raise ValueError("the time is not as this program writes it")
    lines = [f"signed {signed}\n".encode()]
    for name, digest in sorted((name.encode(), digest) for name, digest in files.items()):
        if not is_name(name.decode()) or not _DIGEST.fullmatch(digest):
            raise ValueError("it names a file that no model folder can hold")
        lines.append(digest.encode() + b"  " + name + b"\n")
    return DOMAIN + b"".join(lines)


def is_name(name: str) -> bool:
    """Whether a file of a model folder may be called so: in the folder, on one line."""
    return (
        name not in ("", ".", "..")
        and not any(sign in "/\\" or not sign.isprintable() for sign in name)
        and len(name.encode()) <= LONGEST_NAME
    )
