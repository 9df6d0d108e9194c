"""A lab with its key, and small model folders that it has signed; no torch."""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kd_core.schema.model_files import SIGNATURE_NAME
from kd_core.signing.model_signature import sign_folder

LAB, OTHER_LAB = (Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32) for seed in (1, 2))


def public(key: Ed25519PrivateKey) -> bytes:
    """(32,)."""
    return key.public_key().public_bytes_raw()


def public_file(path: Path, key: Ed25519PrivateKey = LAB) -> Path:
    """The public key as a lab gives it away."""
    path.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return path


def signed(folder: Path, key: Ed25519PrivateKey = LAB) -> Path:
    """The same folder, signed."""
    sign_folder(folder, key)
    return folder


def change_signature(folder: Path, **parts: object) -> None:
    """Parts of the signature's file, replaced by hand."""
    path = folder / SIGNATURE_NAME
    path.write_text(json.dumps({**json.loads(path.read_text()), **parts}))
