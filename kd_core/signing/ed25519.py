"""Ed25519 (RFC 8032) by the package cryptography, which is loaded when it is first needed."""

from __future__ import annotations

import hashlib

KEY_BYTES, SIGNATURE_BYTES = 32, 64
_GROUPS = 8
#: Points of small order (RFC 7748, section 6.1, in Edwards form, with their other spellings). Under
#: such a key anybody's signature would hold.
_SMALL_ORDER = frozenset(
    bytes.fromhex(text)
    for text in (
        "01" + "00" * 31,
        "01" + "00" * 30 + "80",
        "ec" + "ff" * 30 + "7f",
        "ec" + "ff" * 31,
        "00" * 32,
        "00" * 31 + "80",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "ed" + "ff" * 30 + "7f",
        "ed" + "ff" * 31,
        "ee" + "ff" * 30 + "7f",
        "ee" + "ff" * 31,
    )
)


def is_signed(public_key: bytes, signature: bytes, text: bytes) -> bool:
    """Whether ``signature`` (64 bytes) of ``text`` was made with the key of ``public_key`` (32)."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    if len(signature) != SIGNATURE_BYTES or not is_key(public_key):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


def is_key(public_key: bytes) -> bool:
    """Whether these bytes can be a public key, and not one under which anything is signed."""
    return len(public_key) == KEY_BYTES and public_key not in _SMALL_ORDER


def fingerprint(public_key: bytes) -> str:
    """Short enough to be compared by telephone: 128 bits of its sha256.

    >>> fingerprint(bytes(32))
    '6668 7aad f862 bd77 6c8f c18b 8e9f 8e20'
    """
    text = hashlib.sha256(public_key).hexdigest()
    return " ".join(text[4 * group : 4 * group + 4] for group in range(_GROUPS))
