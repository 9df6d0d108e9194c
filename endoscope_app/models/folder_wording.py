"""Why a model folder is not taken in, or not written. No Qt."""

from __future__ import annotations

from pathlib import Path

from endoscope_app.base.errors import AppError

COMPLETE_FOLDER = "Choose a complete model folder, as Export writes it."
OTHER_COPY = "Use another copy of the model."
DO_NOT_USE = "Do not use this model."


def folder_is_link(name: str) -> AppError:
    """A link in place of a folder."""
    return AppError(f"{name} is a link, not a model folder.", "Choose the folder itself.")


def card_too_large(name: str) -> AppError:
    """A card that would fill the memory."""
    return AppError(f"The card of model {name} is too large to be one.", OTHER_COPY)


def strange_version() -> AppError:
    """A version that must not name a folder."""
    return AppError(
        "The card does not name a version as this program writes them (2026.01.31-0a1b2c3d).",
        OTHER_COPY,
    )


def file_outside(version: str) -> AppError:
    """A name that leads out of the folder."""
    return AppError(f"The card of model {version} names a file outside its folder.", DO_NOT_USE)


def folder_unreadable(name: str, detail: str) -> AppError:
    """The system refuses to list it."""
    return AppError(f"The model folder {name} cannot be read.", COMPLETE_FOLDER, detail)


def pickle_refused(name: str) -> AppError:
    """A file that could run a program."""
    return AppError(
        f"{name} is a pickle: reading one can run a program hidden in it, so it is refused.",
        DO_NOT_USE,
    )


def link_refused(name: str) -> AppError:
    """A link among the files."""
    return AppError(
        f"{name} in the model folder is a link that leads elsewhere, so it is refused.",
        COMPLETE_FOLDER,
    )


def not_vouched_for(version: str, name: str) -> AppError:
    """A file that the card does not name."""
    return AppError(f"The card of model {version} does not vouch for {name}.", COMPLETE_FOLDER)


def file_missing(folder: str, name: str) -> AppError:
    """A file that the card names."""
    return AppError(f"The model folder {folder} lacks the file {name}.", COMPLETE_FOLDER)


def not_a_plain_file(name: str) -> AppError:
    """A pipe, a device or a folder."""
    return AppError(f"{name} in the model folder is not a plain file.", COMPLETE_FOLDER)


def folder_there(target: Path) -> AppError:
    """Nothing is overwritten."""
    return AppError(f"There is already a folder {target}.", "Choose another place.")


def hash_differs(version: str, name: str) -> AppError:
    """A file that is not the one of the card."""
    return AppError(
        f"The file {name} of model {version} is not the one its card describes (its hash differs).",
        "It may be damaged or exchanged: use another copy of the model.",
    )


def changed_meanwhile(version: str) -> AppError:
    """The card was written while it was read."""
    return AppError(f"The card of model {version} was changed while it was copied.", "Try again.")


def card_unreadable(name: str) -> AppError:
    """No JSON, or no file."""
    return AppError(f"The card of model {name} cannot be read.", OTHER_COPY)


def disk_full(what: str, detail: str) -> AppError:
    """``what``: that something was not done."""
    return AppError(f"The disk is full, so {what}.", "Free some space and try again.", detail)


def folder_refused(what: str, detail: str) -> AppError:
    """``what``: that something was not done."""
    return AppError(
        f"A folder cannot be read or written, so {what}.", "Choose another folder.", detail
    )
