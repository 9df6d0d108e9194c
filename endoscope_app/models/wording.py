"""What the room of models says to the reader."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from endoscope_app.base.errors import AppError

# --- the list of models ------------------------------------------------------------------------

TITLE = "Models"
HEADINGS = (
    "Version",
    "Name",
    "State",
    "Made from",
    "Date",
    "Chosen by",
    "Checking set",
    "Known before",
    "Test",
)
#: By column.
HEADING_TIPS = {
    3: "The model that this one was trained from",
    5: "Who chose it last as the model in use",
    6: "Accuracy on the frames of the checking set: procedures that no model has learnt from",
    7: "Accuracy on images, kept for checking, of the classes that the first model knew",
    8: "Accuracy on the test images that its card tells of",
}
USE, GO_BACK, RENAME, CARD = "&Use this model", "Go &back", "&Rename", "&Card…"
EXPORT, IMPORT, DELETE = "&Export", "&Import…", "&Delete…"
EXPORT_FOLDER, EXPORT_ONNX = "Folder, to import elsewhere…", "ONNX file alone…"
STOP_TRYING = "&Stop trying"
USE_TIP = "Use this model from the next frame on"
RENAME_TIP = "F2"
CARD_TIP = "What it is, what it was made from, and what it must not be used for"
EXPORT_TIP = "Write it to a folder, or its ONNX file"
IMPORT_TIP = "Take in a model folder; its files are checked against its card"
DELETE_TIP = "For good"
FOOT = (
    "Analyses are kept for each model: changing the model in use loses none. Nothing is analysed"
    " again by itself."
)
NO_CHOICE = "Choose a model in the table."
IN_USE = "This model is in use."
NOTHING_BEFORE = "No model was in use before this one."
NOTE_NAME, PROBLEM_NAME, WHY_NAME = "Note", "What went wrong", "Why it was chosen"


def go_back_tip(version: str) -> str:
    """Of the button that brings back the model before."""
    return f"Go back to model {version}"


def state(*, active: bool, shipped: bool, damaged: bool) -> str:
    """A cell of the table."""
    states = (("in use", active), ("supplied", shipped), ("damaged", damaged))
    return ", ".join(word for word, holds in states if holds) or "–"


def chosen_because(reader: str, lost: Sequence[str], reason: str) -> str:
    """Why a model was put into use; ``lost``: the classes that it recognises less often."""
    who = f" by {reader}" if reader else ""
    loss = f" although sensitivity was lost ({', '.join(lost)})" if lost else ""
    return f"Chosen{who}{loss}: {reason}"


def delete_question(version: str) -> str:
    """Before a model is deleted."""
    return f"Delete model {version} for good? What it found in procedures is kept."


DELETE_TITLE = "Delete a model"

# --- the card of a model -------------------------------------------------------------------------

CARD_TITLE, CARD_NAME = "About this model", "Model card"

# --- the reason for a model that lost something --------------------------------------------------

REASON = "Reason"
REASON_NAME = "Reason for using this model"
REASON_MISSING = "Type a reason first."


def ask_reason(lost: Sequence[str]) -> str:
    """``lost``: names of the classes that the model recognises less often."""
    names = " and ".join((", ".join(lost[:-1]), lost[-1])) if len(lost) > 1 else "".join(lost)
    return (
        f"Sensitivity for {names} is more than 2 points lower than before. Why use this model all"
        " the same? Your reason is kept."
    )


# --- the model in use ----------------------------------------------------------------------------

NO_MODEL_IN_USE = "No model is in use."
LOADING, TAKING_IN = "A model is being loaded.", "A model is being imported."
EXPORTING = "A model is being exported."
TRYING = "A model is being tried."


def trial_fell(detail: str) -> AppError:
    """A model that took its process down with it, or never came to an end."""
    return AppError(
        "The model was not imported: trying it took too much time or memory, or it failed.",
        "Use another copy of the model.",
        detail,
    )


def given_on_command_line(path: Path) -> str:
    """Why no other model can be chosen."""
    return (
        f"The model in use was given on the command line (--model {path}). Start the program"
        " without it to choose another."
    )


def shipped_instead(sentence: str) -> str:
    """The model in use could not be read."""
    return f"{sentence} The model that came with the program is used instead (Model, Models)."


def no_predictions(error: AppError) -> str:
    """No model could be read."""
    return f"{error} Frames are shown without predictions."


def exported(folder: Path) -> str:
    """Where a model was written."""
    return f"The model was exported to {folder}."


EXPORT_FOLDER_TITLE, EXPORT_ONNX_TITLE = "Export the model into this folder", "Export the ONNX file"
IMPORT_TITLE, ONNX_PATTERN = "Import a model folder", "ONNX (*.onnx)"

# --- the folder of models ------------------------------------------------------------------------

CHOOSE_IN_LIST, CHOOSE_ANOTHER = "Choose one of the list.", "Choose another one."
NOT_TAKEN_IN = "the model was not imported"
NOT_EXPORTED = "the model was not exported"
NOT_DELETED = "the model was not deleted"
NOT_CHOSEN = "the model in use stays as it was"
CHOICE_OF_MODEL = "the choice of the model"
EXPORTED_MODEL = "the exported model"
CARD_OF_MODEL = "the card of the model"
CHANGED_ELSEWHERE = (
    "Another window is changing the models just now, so nothing was changed.",
    "Try again.",
)
LIST_UNREADABLE = (
    "The list of models cannot be read, so the model that came with the program is used."
)


def list_damaged(kept_as: str) -> str:
    """The file of the choices was no such file."""
    return (
        f"The list of models was damaged and set aside as {kept_as}, so the model that came with"
        " the program is used."
    )


def active_missing(version: str) -> str:
    """The model in use is gone."""
    return f"Model {version[:40]} is missing, so the model that came with the program is used."


def came_with_program(version: str) -> str:
    """Why it cannot be deleted."""
    return f"Model {version} came with the program and stays."


def is_in_use(version: str) -> str:
    """Why it cannot be deleted."""
    return f"Model {version} is in use."


def is_before(version: str) -> str:
    """Why it cannot be deleted."""
    return f"Model {version} is the one that Go back returns to."


def gone() -> AppError:
    """A model of the list that is there no more."""
    return AppError("There is no such model any more.", CHOOSE_ANOTHER)


def no_such_model(version: str) -> AppError:
    """A version that names no model that can be used."""
    return AppError(f"There is no usable model {version[:40]}.", CHOOSE_IN_LIST)


def already_here(version: str) -> AppError:
    """A model that is imported twice."""
    return AppError(f"Model {version} is already here.", "Choose it in the list.")


def already_in_use(version: str) -> AppError:
    """A model that is chosen twice."""
    return AppError(f"Model {version} is already in use.", "Nothing was changed.")


def reason_needed(version: str, lost: Sequence[str]) -> AppError:
    """A model that lost something is chosen without a word."""
    return AppError(
        f"Model {version} lost too much sensitivity for {', '.join(lost)}.",
        "Give a reason to use it all the same.",
    )


def nothing_before() -> AppError:
    """Nothing to go back to."""
    return AppError(
        "The model that came with the program is in use, and none was in use before it.",
        "Choose another model and press Use this model.",
    )


def name_too_long(longest: int) -> AppError:
    """A name of a whole page."""
    return AppError(f"A name has at most {longest} letters.", "Choose a shorter one.")


def card_of_another(folder: str) -> AppError:
    """A folder whose card names another version."""
    return AppError(f"The card in the folder {folder} is of another model.")


def list_not_changed() -> AppError:
    """Writing now would forget what the unreadable file holds."""
    return AppError(
        "The list of models cannot be read, so nothing was changed.",
        "Look at the rights of the data folder.",
    )
