"""What the signature of a model folder says, looked at anew only where the folder has changed."""

from __future__ import annotations

import os
from pathlib import Path

from endoscope_app.models import signature_wording
from endoscope_app.models.trusted_keys import TrustedKeys
from kd_core.signing.model_signature import DO_NOT_USE, SignatureState, signature_state

#: Name, size, and the times of content and of rights, of every file.
_Stamp = tuple[tuple[str, int, int, int], ...]


class ModelSignatures:
    """``shipped``: the model of the program itself, which needs no signature."""

    def __init__(self, keys: TrustedKeys, shipped: Path) -> None:
        self._keys, self._shipped = keys, shipped
        self._known: dict[Path, tuple[_Stamp, SignatureState]] = {}

    def state(self, folder: Path) -> SignatureState:
        """What was found. May be asked from any thread; reads the files of a signed model."""
        stamp = _stamp(folder)
        known = self._known.get(folder)
        if known is not None and known[0] == stamp:
            return known[1]
        state = signature_state(folder)
        self._known[folder] = stamp, state
        return state

    def said(self, folder: Path) -> str:
        """The same in words, with the name of a trusted key."""
        if folder == self._shipped:
            return signature_wording.SUPPLIED
        return self.words(self.state(folder))

    def words(self, state: SignatureState) -> str:
        """A state in words, with the name of a trusted key."""
        return signature_wording.said(state, self._keys.name_of(state.public_key))

    def problem(self, folder: Path) -> str:
        """Why a model must not be used; empty where its signature fits, or it has none."""
        state = self.state(folder)
        return f"{state.why} {DO_NOT_USE}" if state.kind == "misfit" else ""


def _stamp(folder: Path) -> _Stamp:
    try:
        with os.scandir(folder) as found:
            looks = [(entry.name, entry.stat(follow_symlinks=False)) for entry in found]
    except OSError:
        return ()
    return tuple(
        sorted((name, look.st_size, look.st_mtime_ns, look.st_ctime_ns) for name, look in looks)
    )
