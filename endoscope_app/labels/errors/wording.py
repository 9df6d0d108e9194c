"""Every sentence that the search for label errors shows, in one place. No Qt."""

from __future__ import annotations

from collections.abc import Sequence

from endoscope_app.base.wording import counted, percent

# ---- The dialog ----------------------------------------------------------------------------------

TITLE = "Find label errors"
FINDING = "Finding label errors"
THE_SEARCH = "the search"
FIND = "Find"
ABOUT_NAME = "About this search"
HIDDEN_NAME = "What is shown"
HIDDEN = (
    "Your reader mode hides the model. What the models say of the frames that are found is shown"
    " all the same, because you ask for it; the history notes “on request” for a label that you"
    " change there."
)
HERE, EVERYWHERE = "In this procedure", "In all labelled procedures"
PROCEDURES = "Procedures with suspect labels"


def about(references: int) -> str:
    """What the search does, with so many reference models."""
    models = _reference_models(references)
    return (
        f"Looks for labels that the model and {models} contradict with confidence: more often slips"
        " of the finger than errors of all models at once. Labelled frames are looked at, and of"
        " ranges the frames that a retraining would take."
    )


def _reference_models(count: int) -> str:
    """All of them, in words."""
    return {1: "its reference model", 2: "both reference models"}.get(
        count, f"all {count} reference models"
    )


# ---- Why it cannot begin, or ended ---------------------------------------------------------------

NO_REFERENCES = (
    "Finding label errors needs the reference models, which this installation does not have."
)
NO_MODEL = "No model is in use, so nothing contradicts a label."
NO_FOLDER = "The search needs a data folder that can be written. Name another one with --data-dir."
STOPPED, STOPPING = "Stopped.", "Stopping…"
IMAGES_NOT_WRITTEN = (
    "The images could not be written for the reference models.",
    "Free some space in the data folder.",
)
LIST_NOT_WRITTEN = (
    "The images could not be handed over to the reference models.",
    "Name another data folder with --data-dir.",
)
NO_PREDICTION = (
    "The reference model ended without a prediction.",
    "Search again; if it ends like this once more, the model's folder may be damaged.",
)


def other_classes(name: str) -> tuple[str, str]:
    """A reference model that does not know the classes of the model in use."""
    return (
        f"The reference model {name} knows other classes than the model in use.",
        "Use the model that came with it.",
    )


# ---- How far it is -------------------------------------------------------------------------------

MODEL = "Model"


def first_step(steps: int) -> str:
    """The step of the model in use, before the count of labels."""
    return f"Step 1 of {steps}, the model: label"


def reference_step(step: int, steps: int, name: str) -> str:
    """The step of a reference model, before the count of images."""
    return f"Step {step} of {steps}, {name}: image"


def time_left(clock: str) -> str:
    """How long the step takes."""
    return f"about {clock} left in this step"


def step_line(step: str, done: int, total: int, left: str) -> str:
    """A step with its count; a total of 0 where nobody knows how much there is."""
    count = f" {done:,} of {total:,}" if total else ""
    return f"{step}{count}{f', {left}' if left else ''}"


# ---- How it ended --------------------------------------------------------------------------------


def result(contradicted: int, references: int, looked: int, unknown: int, lost: int) -> str:
    """How many labels are contradicted, of how many that were looked at."""
    who = f"the model and {_reference_models(references)}"
    sentences = [
        f"{counted(contradicted, 'label')} contradicted by {who}."
        if contradicted
        else f"None found: no label is contradicted by {who}.",
        f"Looked at: {counted(looked, 'label')}.",
    ]
    if unknown:
        sentences.append(
            f"Left out: {counted(unknown, 'label')} of classes that the models do not know."
        )
    if lost:
        sentences.append(
            f"Left out: {counted(lost, 'label')} without a kept image, whose procedure's file is"
            " gone or has changed."
        )
    return " ".join(sentences)


NOT_HERE = "None of them is in the open procedure: choose one to open it."
A_PROCEDURE = "A procedure"


def procedure_line(name: str, labels: int) -> str:
    """A procedure to choose, with its suspect labels."""
    return f"{name}: {counted(labels, 'label')}"


def what_models_say(frame: int, label: str, verdicts: Sequence[tuple[str, str, float]]) -> str:
    """Of a suspect label; (model, class, probability) of each."""
    models = "; ".join(f"{model}: {name} {percent(sure)}" for model, name, sure in verdicts)
    return f"Frame {frame:,} was labelled {label}. {models}."
