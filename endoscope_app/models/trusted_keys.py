"""Which keys the reader trusts, by name: models/trusted_keys.json, replaced in one step."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from endoscope_app.base.atomic_file import write_atomically
from endoscope_app.base.damaged_files import set_aside
from endoscope_app.models import signature_wording
from kd_core.schema.json_text import JsonError, read_json
from kd_core.signing.ed25519 import KEY_BYTES

KEYS_NAME = "trusted_keys.json"
LONGEST_NAME, MOST_KEYS = 60, 100
_LARGEST = 1 << 18


class TrustedKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A public key (32 bytes), whose it is, and since when it is trusted (UTC, ISO 8601)."""

    name: Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
    public_key: Annotated[bytes, Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]
    added: str


class _Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: int = 1
    keys: Annotated[tuple[TrustedKey, ...], Meta(max_length=MOST_KEYS)] = ()


class TrustedKeys:
    """``trouble``: why the file could not be taken at its word; empty where it could.

    Without a readable file no key is trusted.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / KEYS_NAME
        self.trouble = ""

    def all(self) -> tuple[TrustedKey, ...]:
        """In the order in which they were added."""
        return self._read()[0]

    def name_of(self, public_key: bytes) -> str:
        """Whose key it is; empty where it is not trusted."""
        return next((key.name for key in self.all() if key.public_key == public_key), "")

    def add(self, name: str, public_key: bytes) -> None:
        """Trust it from now on. Raises AppError."""
        name, keys = name_in_use(name), self._known()
        for key in keys:
            if key.public_key == public_key:
                raise signature_wording.key_known(key.name)
            if key.name.casefold() == name.casefold():
                raise signature_wording.name_taken(key.name)
        if len(keys) >= MOST_KEYS:
            raise signature_wording.too_many(MOST_KEYS)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._write((*keys, TrustedKey(name, public_key, now)))

    def remove(self, public_key: bytes) -> None:
        """Trust it no longer. Raises AppError."""
        self._write(tuple(key for key in self._known() if key.public_key != public_key))

    def _known(self) -> tuple[TrustedKey, ...]:
        keys, is_readable = self._read()
        if not is_readable:
            raise signature_wording.keys_not_changed()
        return keys

    def _read(self) -> tuple[tuple[TrustedKey, ...], bool]:
        """The keys, and whether the file may be written anew."""
        try:
            return read_json(self._path, _Kept, _LARGEST).keys, True
        except (FileNotFoundError, NotADirectoryError):
            return (), True
        except OSError:
            return (), False
        except JsonError:
            self.trouble = signature_wording.keys_damaged(set_aside(self._path))
            return (), True

    def _write(self, keys: tuple[TrustedKey, ...]) -> None:
        text = msgspec.json.format(msgspec.json.encode(_Kept(keys=keys)), indent=1)
        write_atomically(self._path, [text, b"\n"], signature_wording.LIST_OF_KEYS)


def name_in_use(name: str) -> str:
    """``name`` with single spaces. Raises AppError where it is none that can be told apart."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME or not name.isprintable():
        raise signature_wording.name_refused(LONGEST_NAME)
    return name
