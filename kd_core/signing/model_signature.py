"""The signature of a model folder: written by a lab, checked wherever a model is loaded."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec
from msgspec import Meta

from kd_core.schema.atomic_file import sync_folder, write_atomically
from kd_core.schema.errors import DataError, ModelError
from kd_core.schema.json_text import JsonError, JsonObject, decode_json
from kd_core.schema.model_files import SIGNATURE_NAME
from kd_core.schema.plain_file import read_plain
from kd_core.signing.ed25519 import KEY_BYTES, SIGNATURE_BYTES, is_signed
from kd_core.signing.folder_digests import MOST_FILES, digests_of, names_in
from kd_core.signing.signed_text import signed_text

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FORMAT = 1
#: One of today has some 1 kB.
LARGEST_SIGNATURE = 1 << 16
DO_NOT_USE = "Do not use this model: ask whoever made it for another copy."


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The file beside the card; bytes are Base64 there.

    ``signature`` is of ``signed_text(signed, files)``. ``files`` only tells which file differs.
    """

    format: int
    public_key: Annotated[bytes, Meta(min_length=KEY_BYTES, max_length=KEY_BYTES)]
    signature: Annotated[bytes, Meta(min_length=SIGNATURE_BYTES, max_length=SIGNATURE_BYTES)]
    signed: str
    files: Annotated[dict[str, str], Meta(max_length=MOST_FILES)]


class SignatureState(msgspec.Struct, frozen=True):
    """What was found of a model folder's signature.

    none: there is no signature; newer: in a format that this program does not know; fits: all is as
    it was when the owner of ``public_key`` signed it at ``signed`` (UTC); misfit: ``why``, a
    sentence.
    """

    kind: Literal["none", "newer", "fits", "misfit"]
    public_key: bytes = b""
    signed: str = ""
    why: str = ""


def sign_folder(folder: Path, key: Ed25519PrivateKey) -> Signature:
    """Sign all files of a model folder; an older signature is replaced.

    Raises DataError where a file cannot be read or written.
    """
    signed = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    try:
        files = digests_of(folder)
        signature = Signature(
            format=FORMAT,
            public_key=key.public_key().public_bytes_raw(),
            signature=key.sign(signed_text(signed, files)),
            signed=signed,
            files=files,
        )
        text = msgspec.json.format(msgspec.json.encode(signature), indent=2)
        write_atomically(folder / SIGNATURE_NAME, text, b"\n")
    except OSError as error:
        raise DataError(
            f"The model folder {folder.name} cannot be signed: {error.strerror}.",
            "A model folder holds plain files alone, and is writable for who signs it.",
        ) from error
    return signature


def signature_state(folder: Path) -> SignatureState:
    """Whether a model folder is signed, and whether all that lies in it is what was signed.

    Reads every file of a signed folder; whose key it is, and whether that key is trusted, is for
    the caller to say.
    """
    path = folder / SIGNATURE_NAME
    if not os.path.lexists(path):
        return SignatureState("none")
    if path.is_symlink():
        return _misfit("it is a link")
    try:
        content = read_plain(path, LARGEST_SIGNATURE)
        number = decode_json(content, JsonObject).get("format")
        if isinstance(number, int) and number > FORMAT:
            return SignatureState("newer")
        signature = decode_json(content, Signature)
        if signature.format != FORMAT:
            return _misfit("its format is unknown")
        text = signed_text(signature.signed, signature.files)
    except OSError as error:
        return _misfit(f"its file cannot be read: {error.strerror}")
    except (JsonError, ValueError):
        return _misfit("its file is damaged")
    if not is_signed(signature.public_key, signature.signature, text):
        return _misfit("it was not made with the key that it names")
    return _compared(folder, signature)


def refuse_misfit(folder: Path) -> None:
    """Raise ModelError where a model folder has a signature that does not fit."""
    state = signature_state(folder)
    if state.kind == "misfit":
        raise ModelError(state.why, DO_NOT_USE)


def remove_signature(folder: Path) -> bool:
    """Take the signature of a model away that is about to change; whether there was one.

    Raises OSError.
    """
    try:
        (folder / SIGNATURE_NAME).unlink()
    except FileNotFoundError:
        return False
    sync_folder(folder)
    return True


def _compared(folder: Path, signature: Signature) -> SignatureState:
    try:
        # Names first: what does not belong there is not read
        for name in {*names_in(folder)} ^ {*signature.files}:
            is_new = name not in signature.files
            return _misfit(f"{name} {'was added' if is_new else 'is missing'}")
        found = digests_of(folder)
    except OSError as error:
        return _misfit(str(error.strerror))
    for name, digest in signature.files.items():
        if found.get(name) != digest:
            return _misfit(f"{name} was changed")
    return SignatureState("fits", signature.public_key, signature.signed)


def _misfit(why: str) -> SignatureState:
    return SignatureState("misfit", why=f"The signature does not fit: {why}.")
