"""What is said of signatures of models, and of the keys that are trusted. No Qt."""

from __future__ import annotations

from endoscope_app.base.errors import AppError
from kd_core.signing.ed25519 import fingerprint
from kd_core.signing.model_signature import SignatureState

SUPPLIED = "Came with the program"
NOT_SIGNED = "Not signed"
NEWER = "Signed in a newer way than this program can check"
MISFIT = "The signature does not fit: do not use"


def said(state: SignatureState, name: str) -> str:
    """Of any model; ``name``: of the trusted key, empty where its key is not trusted."""
    if state.kind == "fits":
        return f"Signed by {name}" if name else signed_by_unknown(state.public_key)
    return {"none": NOT_SIGNED, "newer": NEWER, "misfit": MISFIT}[state.kind]


def signed_by_unknown(public_key: bytes) -> str:
    """The key can be compared with what the lab says, and then trusted."""
    return f"Signed by an unknown key (fingerprint {fingerprint(public_key)})"


def signature_lost(version: str) -> str:
    """After a reason was written into a signed model's card."""
    return (
        f"Your reason is kept in the card of model {version}, so its signature no longer fits and"
        " was taken away."
    )


# --- importing a model ---------------------------------------------------------------------------

PREVIEW_TITLE = "Import this model?"
IMPORT_NOW, CANCEL = "&Import", "Cancel"
LOOKING = "A model folder is being looked at."
PREVIEW_ROWS = ("Name", "Version", "Made from", "Classes", "Signature")

# --- the list of trusted keys --------------------------------------------------------------------

KEYS = "&Trusted keys…"
KEYS_TIP = "Whose signatures on models are known here by name"
KEYS_TITLE = "Trusted keys"
KEY_HEADINGS = ("Name", "Fingerprint", "Added")
ADD, REMOVE = "&Add…", "&Remove…"
ADD_TIP = "Take in the public key of a lab, from its file"
REMOVE_TIP = "Its models are then signed by an unknown key"
KEYS_FOOT = (
    "A model that one of these has signed shows the name. Trusting a key says nothing of how good a"
    " model is."
)
NO_KEY_CHOSEN = "Choose a key in the table."
KEY_FILE_TITLE, KEY_PATTERN = "The public key of a lab", "Public key (*.pub *.pem);;All files (*)"
READING_KEY = "A key is being read."
NEW_KEY_TITLE, TRUST = "Trust this key?", "&Trust"
NAME_OF_KEY, NAME_HINT = "Name", "Whose key it is, as your list shows it"
LIST_OF_KEYS = "the list of trusted keys"
REMOVE_TITLE = "Remove a trusted key"
PROBLEM_NAME = "What went wrong"


def compare(public_key: bytes) -> str:
    """Before a key is trusted."""
    return (
        f"Fingerprint: {fingerprint(public_key)}\n\nCompare it with what the lab tells you by"
        " another way than it sent the file, on paper or by telephone."
    )


def remove_question(name: str) -> str:
    """Before a key is removed."""
    return f"No longer trust the key of {name}? Models stay where they are."


def name_refused(longest: int) -> AppError:
    """Nothing, a page, or signs that cannot be seen."""
    return AppError(
        f"A name has 1 to {longest} letters that can be seen, on one line.", "Choose another one."
    )


def name_taken(name: str) -> AppError:
    """Two labs must not look alike."""
    return AppError(f"There is a key of {name} already.", "Choose another name.")


def key_known(name: str) -> AppError:
    """The same key under a second name."""
    return AppError(f"This key is trusted already, as {name}.", "Nothing was changed.")


def too_many(most: int) -> AppError:
    """A list nobody looks through."""
    return AppError(f"The list holds {most} keys, the most it can.", "Remove one first.")


def keys_not_changed() -> AppError:
    """Writing now would forget what the unreadable file holds."""
    return AppError(
        "The list of trusted keys cannot be read, so nothing was changed.",
        "Look at the rights of the data folder.",
    )


def keys_damaged(kept_as: str) -> str:
    """The file was no such file."""
    return (
        f"The list of trusted keys was damaged and set aside as {kept_as}, so no key is trusted"
        " until you add it again."
    )
