"""Verifying by the test vectors of RFC 8032, section 7.1, and what must not verify."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kd_core.signing.ed25519 import fingerprint, is_key, is_signed

#: Secret key, public key, message, signature: TEST 1, 2, 3 and SHA(abc).
VECTORS = (
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b"
        "46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11"
        "d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc"
        "6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3fee"
        "bbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e"
        "0303dca179c138ac17ad9bef1177331a704",
    ),
)
#: The order of the base point: adding it to S gives a second spelling of a signature.
ORDER = 2**252 + 27742317777372353535851937790883648493


@pytest.mark.parametrize(("secret", "public", "message", "signature"), VECTORS)
def test_the_vectors_of_the_rfc(secret: str, public: str, message: str, signature: str) -> None:
    key, text, made = (bytes.fromhex(part) for part in (public, message, signature))
    signer = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    assert signer.public_key().public_bytes_raw() == key
    assert signer.sign(text) == made
    assert is_signed(key, made, text)
    assert not is_signed(key, made, text + b"\0")
    for place in (0, 31, 32, 63):
        other = bytearray(made)
        other[place] ^= 1
        assert not is_signed(key, bytes(other), text)
    assert not is_signed(key, made[:-1], text)
    assert not is_signed(key, b"", text)


def test_a_signature_has_one_spelling_alone() -> None:
    _, public, message, signature = VECTORS[1]
    made = bytes.fromhex(signature)
    second = int.from_bytes(made[32:], "little") + ORDER
    assert not is_signed(
        bytes.fromhex(public), made[:32] + second.to_bytes(32, "little"), bytes.fromhex(message)
    )


def test_a_key_under_which_anything_is_signed_is_none() -> None:
    """The neutral point: R = S B + k A with A = 0 holds for R = B, S = 1, whatever the text."""
    neutral = (1).to_bytes(32, "little")
    base = bytes.fromhex("58" + "66" * 31)
    forged = base + (1).to_bytes(32, "little")
    assert not is_key(neutral)
    assert not is_signed(neutral, forged, b"any text")


def test_a_fingerprint_can_be_read_aloud() -> None:
    text = fingerprint(bytes.fromhex(VECTORS[0][1]))
    assert len(text.split()) == 8
    assert {len(part) for part in text.split()} == {4}
    assert text != fingerprint(bytes.fromhex(VECTORS[1][1]))
