"""Model folders on their way in and out: every file checked against its card, nothing followed
out of the folder, all or nothing.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

import msgspec

from endoscope_app.base.atomic_file import write_atomically
from endoscope_app.base.errors import AppError
from endoscope_app.base.permissions import open_like_folder
from endoscope_app.models import folder_wording, wording
from kd_core.schema.atomic_file import STALE_SECONDS, sync_folder
from kd_core.schema.errors import CoreError
from kd_core.schema.json_text import JsonError, decode_json, read_json
from kd_core.schema.model_card import LARGEST_CARD, ModelCard, read_card
from kd_core.schema.model_checks import PROMOTION_KEY, PromotedInSpite
from kd_core.schema.model_files import (
    CARD_NAME,
    ONNX_NAME,
    SIGNATURE_NAME,
    WEIGHTS_NAME,
    is_pickle,
)
from kd_core.signing.folder_digests import names_in
from kd_core.signing.model_signature import refuse_misfit, remove_signature, signature_state

VERSION = re.compile(r"\d{4}\.\d{2}\.\d{2}-[0-9a-f]{8}")
NEEDED = (ONNX_NAME, WEIGHTS_NAME)
TEMPORARY = ".endoscope-model-part-"
_BLOCK = 1 << 20


def card_of(folder: Path) -> ModelCard:
    """The card of a model folder, with a version that may name a folder. Raises AppError."""
    if folder.is_symlink():
        raise folder_wording.folder_is_link(folder.name)
    with suppress(OSError):
        if (folder / CARD_NAME).lstat().st_size > LARGEST_CARD:
            raise folder_wording.card_too_large(folder.name)
    try:
        card = read_card(folder)
    except CoreError as error:
        raise AppError(error.sentence, error.way_out) from error
    if not VERSION.fullmatch(card.version):
        raise folder_wording.strange_version()
    return card


def check_folder(folder: Path, card: ModelCard) -> None:
    """Refuse what must not come in, before anything is copied: links, pickles, names that leave
    the folder, files that are missing, a signature that does not fit.
    """
    for name in card.files:
        if (
            name in ("", ".", "..")
            or PurePosixPath(name).name != name
            or PureWindowsPath(name).name != name
            or "\0" in name
        ):
            raise folder_wording.file_outside(card.version)
    try:
        paths = [Path(entry.path) for entry in os.scandir(folder)]
    except OSError as error:
        raise folder_wording.folder_unreadable(folder.name, _detail(error)) from error
    for name in [*(path.name for path in paths), *card.files]:
        if is_pickle(name):
            raise folder_wording.pickle_refused(name)
    for path in paths:
        if path.is_symlink():
            raise folder_wording.link_refused(path.name)
    for name in dict.fromkeys((*NEEDED, *card.files)):
        if name not in card.files:
            raise folder_wording.not_vouched_for(card.version, name)
        path = folder / name
        if not path.exists():
            raise folder_wording.file_missing(folder.name, name)
        if not stat.S_ISREG(path.lstat().st_mode):
            raise folder_wording.not_a_plain_file(name)
    try:
        refuse_misfit(folder)
    except CoreError as error:
        raise AppError(error.sentence, error.way_out) from error


def copy_model(folder: Path, target: Path, what: str) -> None:
    """``target`` is there complete or not at all: copied beside it, every hash checked, then
    renamed. Of a signed model everything comes along that was signed. Raises AppError.
    """
    card = card_of(folder)
    check_folder(folder, card)
    if target.exists() or target.is_symlink():
        raise folder_wording.folder_there(target)
    with writing(what):
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=target.parent))
        try:
            for name, digest in card.files.items():
                if _copied(folder / name, temporary / name) != digest:
                    raise folder_wording.hash_differs(card.version, name)
            for name in (CARD_NAME, *_signed_names(folder, card)):
                _copied(folder / name, temporary / name)
            if (
                card_of(temporary) != card
                or signature_state(temporary).kind != signature_state(folder).kind
            ):
                raise folder_wording.changed_meanwhile(card.version)
            _open_like_folder(temporary)
            sync_folder(temporary)
            temporary.rename(target)
            sync_folder(target.parent)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def note_promotion(folder: Path, note: PromotedInSpite) -> None:
    """Add to the card's checks, or replace there, in one step.

    Whatever else it holds stays as it is, parts of a newer program too. A signature goes first, for
    the card is no longer the one that was signed. Raises AppError.
    """
    try:
        card = read_json(folder / CARD_NAME, dict[str, msgspec.Raw])
    except (OSError, JsonError) as error:
        raise folder_wording.card_unreadable(folder.name) from error
    checks = _checks(card.get("checks"))
    checks[PROMOTION_KEY] = msgspec.Raw(msgspec.json.encode(note))
    with writing(wording.NOT_CHOSEN):
        remove_signature(folder)
    card["checks"] = msgspec.Raw(msgspec.json.encode(checks))
    write_atomically(
        folder / CARD_NAME,
        [msgspec.json.format(msgspec.json.encode(card), indent=2), b"\n"],
        wording.CARD_OF_MODEL,
    )


def _signed_names(folder: Path, card: ModelCard) -> list[str]:
    """What comes along of a signed folder beside the card and what it vouches for."""
    if not os.path.lexists(folder / SIGNATURE_NAME):
        return []
    more = (name for name in names_in(folder) if name != CARD_NAME and name not in card.files)
    return [*more, SIGNATURE_NAME]


def _checks(text: msgspec.Raw | None) -> dict[str, msgspec.Raw]:
    """What a card's checks hold, each as it is written; nothing where they are no object."""
    try:
        return {} if text is None else decode_json(bytes(text), dict[str, msgspec.Raw])
    except JsonError:
        return {}


def remove_folder(folder: Path, what: str) -> None:
    """Out of sight in one step, then gone; what a dead program left is taken away by the next
    one.
    """
    with writing(what):
        doomed = Path(tempfile.mkdtemp(prefix=TEMPORARY, dir=folder.parent))
        folder.rename(doomed / folder.name)
        sync_folder(folder.parent)
        shutil.rmtree(doomed, ignore_errors=True)


def remove_stale(folder: Path) -> None:
    """Take away what a program left that died while it copied; a younger folder may be another
    window's.
    """
    for left in folder.glob(f"{TEMPORARY}*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(left, ignore_errors=True)


@contextmanager
def writing(what: str) -> Iterator[None]:
    """An OSError in here as a sentence about ``what``."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise folder_wording.disk_full(what, _detail(error)) from error
        raise folder_wording.folder_refused(what, _detail(error)) from error


def _copied(source: Path, target: Path) -> str:
    """Copy and return the sha256 of what was written."""
    digest = hashlib.sha256()
    with _opened(source) as file, target.open("wb") as out:
        while block := file.read(_BLOCK):
            digest.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _open_like_folder(folder: Path) -> None:
    open_like_folder(folder)
    for path in folder.iterdir():
        open_like_folder(path)


def _opened(path: Path) -> BinaryIO:
    # Not following links and not waiting for a pipe, also where the file was exchanged after the
    # check.
    flags = (
        os.O_RDONLY
        | getattr(os, "O_BINARY", 0)
        | getattr(os, "O_NOFOLLOW", 0)
        | getattr(os, "O_NONBLOCK", 0)
    )
    return os.fdopen(os.open(path, flags), "rb")


def _detail(error: OSError) -> str:
    return f"{type(error).__name__} errno {error.errno}"
