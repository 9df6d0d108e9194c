"""A lab's keys as files: PEM, as openssl and others read and write it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from kd_core.schema.errors import DataError
from kd_core.schema.plain_file import read_plain
from kd_core.signing.ed25519 import is_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

#: A key has a few hundred bytes.
LARGEST_KEY = 1 << 16
PUBLIC_SUFFIX = ".pub"
_OTHER_KEY = "Choose a key made by: kd-core make-key --out FILE"
AskPassword = Callable[[str], str]


class KeyPair(NamedTuple):
    """Where the two files are, and the public key itself (32 bytes)."""

    private: Path
    public: Path
    public_key: bytes


def write_new_key(path: Path, password: str = "") -> KeyPair:
    """Make a key: the private one in ``path``, for its owner alone, the public one beside it.

    Nothing is overwritten and no link is followed. Raises DataError.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    public = path.with_name(path.name + PUBLIC_SUFFIX)
    for place in (path, public):
        if os.path.lexists(place):
            raise DataError(f"There is already a file {place}.", "Choose another name for the key.")
    key = Ed25519PrivateKey.generate()
    how: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if password:
        how = serialization.BestAvailableEncryption(password.encode())
    pem = serialization.Encoding.PEM
    try:
        _write_new(path, key.private_bytes(pem, serialization.PrivateFormat.PKCS8, how), 0o600)
        try:
            kind = serialization.PublicFormat.SubjectPublicKeyInfo
            _write_new(public, key.public_key().public_bytes(pem, kind), 0o644)
        except OSError:
            path.unlink()
            raise
    except OSError as error:
        raise DataError(
            f"The key {path} cannot be written: {error.strerror}.", "Choose another folder."
        ) from error
    return KeyPair(path, public, key.public_key().public_bytes_raw())


def read_private_key(path: Path, ask_password: AskPassword) -> Ed25519PrivateKey:
    """The key in a file; ``ask_password(question)`` is called where it is protected.

    Raises DataError.
    """
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    content = _content(path)
    try:
        try:
            key = load_pem_private_key(content, None)
        except TypeError:  # it is protected
            password = ask_password(f"Password of the key {path.name}: ")
            key = load_pem_private_key(content, password.encode() or b"\0")
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise DataError(
            f"{path.name} is no private key, or the password is another one.", _OTHER_KEY
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise DataError(f"{path.name} is a key of another kind than Ed25519.", _OTHER_KEY)
    return key


def read_public_key(path: Path) -> bytes:
    """The 32 bytes of the public key in a file. Raises DataError, also for a private key."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    content = _content(path)
    if b"PRIVATE KEY" in content:
        raise DataError(
            f"{path.name} is a private key, which its owner never gives away.",
            f"Choose the public one, whose name ends in {PUBLIC_SUFFIX}.",
        )
    try:
        key = load_pem_public_key(content)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise DataError(
            f"{path.name} is no public key.",
            f"Choose the file that the lab gave you, whose name ends in {PUBLIC_SUFFIX}.",
        ) from error
    if not isinstance(key, Ed25519PublicKey) or not is_key(key.public_bytes_raw()):
        raise DataError(
            f"{path.name} is a key of another kind than Ed25519.", "Ask the lab for its key."
        )
    return key.public_bytes_raw()


def is_open_to_others(path: Path) -> bool:
    """Whether others of this machine can read a file; never where there are no such rights."""
    with suppress(OSError):
        return os.name == "posix" and bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    return False


def _content(path: Path) -> bytes:
    try:
        return read_plain(path, LARGEST_KEY)
    except OSError as error:
        raise DataError(
            f"The key {path.name} cannot be read: {error.strerror}.", "Name an existing file."
        ) from error


def _write_new(path: Path, content: bytes, mode: int) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    with os.fdopen(os.open(path, flags | getattr(os, "O_BINARY", 0), mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
