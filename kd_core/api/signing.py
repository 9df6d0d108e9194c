"""Keys of a lab, signing its models with them, and checking a signature."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kd_core.api.labelled_data import OnWarning, ignore
from kd_core.schema.errors import DataError, ModelError
from kd_core.schema.model_card import read_card
from kd_core.signing.ed25519 import fingerprint
from kd_core.signing.key_files import (
    AskPassword,
    is_open_to_others,
    read_private_key,
    read_public_key,
    write_new_key,
)
from kd_core.signing.model_signature import DO_NOT_USE, sign_folder, signature_state


class MadeKey(msgspec.Struct, frozen=True):
    """Two files and what to compare; ``print`` says what to do with them."""

    private: str
    public: str
    fingerprint: str

    def __str__(self) -> str:
        return (
            f"private key  {self.private}: keep it to yourself, and a copy where nothing is lost\n"
            f"public key   {self.public}: give it to who is to trust your models\n"
            f"fingerprint  {self.fingerprint}: tell it by another way, so that it can be compared"
        )


class SignedModel(msgspec.Struct, frozen=True):
    """Which model, by which key, when (UTC, ISO 8601), and its files."""

    version: str
    fingerprint: str
    signed: str
    files: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"model        {self.version}", f"signed       {self.signed}"]
        if self.files:
            lines.append(f"files        {', '.join(self.files)}")
        return "\n".join([*lines, f"fingerprint  {self.fingerprint}"])


def no_password(_question: str) -> str:
    """For keys without one."""
    return ""


def make_key(
    out: str | Path, *, password: bool = False, ask_password: AskPassword = no_password
) -> MadeKey:
    """Write a new private key to ``out`` (0600) and its public key to ``out``.pub.

    ``password``: protect the private one by what ``ask_password(question)`` gives, twice the same.
    Raises DataError; nothing is overwritten.
    """
    secret = ""
    if password:
        secret = ask_password("Password of the new key: ")
        if not secret or secret != ask_password("The same again: "):
            raise DataError("The two passwords differ, or are empty.", "Start again.")
    made = write_new_key(Path(out), secret)
    return MadeKey(str(made.private), str(made.public), fingerprint(made.public_key))


def sign_model(
    folder: str | Path,
    key: str | Path,
    *,
    ask_password: AskPassword = no_password,
    on_warning: OnWarning = ignore,
) -> SignedModel:
    """Sign every file of a finished model folder with the private key in the file ``key``.

    A student or a teacher. Whatever changes in the folder afterwards, the signature no longer fits.
    Raises ModelError where it holds no model, DataError for a key or a folder that cannot be used.
    """
    place = Path(folder)
    card = read_card(place)
    private = read_private_key(Path(key), ask_password)
    if is_open_to_others(Path(key)):
        on_warning(f"Others can read the key {key}: chmod 600 {key}")
    made = sign_folder(place, private)
    return SignedModel(
        card.version, fingerprint(made.public_key), made.signed, tuple(sorted(made.files))
    )


def verify_model(folder: str | Path, key: str | Path) -> SignedModel:
    """Check that the owner of the public key in the file ``key`` signed a model as it is.

    Raises ModelError where it did not, DataError where the key cannot be read.
    """
    place, public_key = Path(folder), read_public_key(Path(key))
    card = read_card(place)
    state = signature_state(place)
    if state.kind == "misfit":
        raise ModelError(state.why, DO_NOT_USE)
    if state.kind == "none":
        raise ModelError(f"Model {card.version} is not signed.", "Ask whoever made it.")
    if state.kind == "newer":
        raise ModelError(
            f"Model {card.version} is signed in a newer way than this program knows.",
            "Update the program.",
        )
    if state.public_key != public_key:
        raise ModelError(
            f"Model {card.version} was signed with another key ({fingerprint(state.public_key)}).",
            DO_NOT_USE,
        )
    return SignedModel(card.version, fingerprint(public_key), state.signed)
