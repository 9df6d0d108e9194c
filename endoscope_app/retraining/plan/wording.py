"""What the reader is told of a plan: what would be learnt, how, and what it costs. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from endoscope_app.base.wording import ROUGH_S, about, counted
from kd_core.schema.unlabelled import MOST_MOMENTS

# The plan
PLAN_NAME, CLASSES_NAME = "What would be learnt", "Labels by class"
PROCEDURES_NAME, WARNINGS_NAME, NOTES_NAME = "Labels by procedure", "Warnings", "Notes on the plan"
CLASS_HEADINGS = ("Class", "To learn", "New", "Checking")
PROCEDURE_HEADINGS = ("Procedure", "Frames", "Used for")
USED_FOR = ("learning", "checking")
WHY_CHECKING = (
    "Procedures kept for checking are never learnt from, by this model or a later one: on them, the"
    " new model and the one in use are compared. All procedures of a patient are used for the same"
    " purpose."
)
PATIENTS, PATIENTS_TIP = "Patients…", "Say which procedures are of one patient"
ONE_PROCEDURE = "All labels are of one procedure: the new model cannot be compared on another."
ONE_PATIENT = "All labels are of one patient: the new model cannot be compared on another."
NONE_CHECKED = (
    "No procedure is kept for checking: the new model cannot be compared on one that it has not"
    " learnt from."
)
NEAR_ONES = (
    "Frames of ranges that look almost like the one before are left out when the images are read."
)
CHOOSE_CHECKING = "Choose what is kept for checking"
LEAVE_ONE = "Leave one of them to learn from."
ALLOW_THEM = "Allow one of them to be learnt from in the worklist (Ctrl+U)."
RELEASE_THEM = "Release them: no kept model depends on them."
LABEL_ANOTHER = "Label another procedure: models that you keep were compared on these."
SIDES_NOT_WRITTEN = "The choice of procedures kept for checking could not be saved."
SIDES_WAY_OUT = "Free some space or check the data folder."

# The choices
QUICK, THOROUGH, MEASURING = "Quick", "Thorough", "measuring…"
ADVANCED = "Advanced"
HOW_IT_LEARNS = (
    "The new model learns from your labels and from what the reference models see in the same"
    " images, and it keeps practising what the model in use knows."
)
CHECKING_LIST_NAME = "Patients and procedures kept for checking"
KEPT_FOR_EVER = (
    "No model has ever learnt from it, and none will: that is what makes models comparable."
)
LEARNT_FOR_EVER = "A model has learnt from it, so it can no longer be used for checking."
FREE_TO_CHOOSE = (
    "Checked: never learnt from, by this model or a later one. Once a model has learnt, this cannot"
    " be changed."
)

# Advanced: the field's terms
METHOD, REFERENCE_MODELS, TEMPERATURE = "Method", "Reference models", "Temperature"
LEARNING_RATE, EPOCHS, SEED = "Learning rate", "Epochs", "Seed"
LOSS_WEIGHTS, REPLAY, KEPT_FOR_CHECKING = "Loss weights", "Replay weight", "Kept for checking"
EPOCHS_AUTOMATIC = "by the number of labels"
TEMPERATURE_TIP = "How much the probabilities of the reference models are softened"
LEARNING_RATE_TIP = "The highest of the run"
REPLAY_HINT = (
    "How much what the model knew before counts against your labels. More forgets less, less learns"
    " faster."
)
CHECKING_HINT = (
    "Never learnt from; models are compared on these. A patient as a whole. What a model has learnt"
    " from cannot be chosen any more."
)
UNLABELLED = "Unlabelled frames"
UNLABELLED_BOX = f"Learn from up to {MOST_MOMENTS} of them"
UNLABELLED_HINT = (
    "Of videos that are learnt from, as the reference models see them; only where all agree, also"
    " half a second before and after."
)
NO_REFERENCE_MODELS = "There are no reference models in the folder of models; one is needed."
#: Scheme -> its name and a line on it.
SCHEMES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "response": (
            "Response",
            "The default: imitates the predictions of the reference models. The quickest, and no"
            " other was proved better.",
        ),
        "feature": ("Feature", "Also imitates the features that a reference model sees."),
        "relation": (
            "Relation",
            "Also imitates the fused features of all reference models, each weighted by how much it"
            " sees in an image.",
        ),
    }
)
WITHOUT_REFERENCE: Mapping[str, str] = MappingProxyType(
    {
        "response": (
            "Response learns from predictions of reference models: choose at least one of them."
        ),
        "feature": "Feature learns from a reference model's features: choose at least one.",
        "relation": (
            "Relation learns from the fused features of reference models: choose at least one."
        ),
    }
)
NOTHING_FROM_REFERENCE = "nothing is learnt from the reference models"
SAME_AS_RESPONSE = "this is the same as Response: choose that"


def plan_sentence(
    learnt: int, procedures: int, checked: int, aside: int, fresh: int, model: str, *, at_most: bool
) -> str:
    """``learnt`` frames of ``procedures``, ``checked`` frames of ``aside`` procedures."""
    learning = (
        f"{counted(learnt, 'labelled frame')} of {counted(procedures, 'procedure')} to learn from."
    )
    checking = (
        f"{counted(checked, 'frame')} of {counted(aside, 'procedure')} kept for checking."
        if aside
        else "No procedure is kept for checking."
    )
    is_are = "is" if fresh == 1 else "are"
    since = f"Of all frames, {fresh:,} {is_are} new since model {model}, which is in use."
    return " ".join((f"At most {learning}" if at_most else learning, checking, since))


def several_groups(frames: int, *, all_learnt: bool = False) -> str:
    """Frames with labels of several groups, of which a model with one answer learns one.

    ``all_learnt``: the model tells class groups apart, and learns all of them.
    """
    has, it = ("frame has", "It is") if frames == 1 else ("frames have", "Each is")
    if all_learnt:
        return (
            f"{frames:,} {has} labels of several groups. The model names a class of each group, so"
            " it learns all of them, and the frame counts in the row of each of its classes."
        )
    return (
        f"{frames:,} {has} labels of several groups. The model gives one answer, so {it.lower()}"
        " learnt once, by the first of pathology, landmarks, preparation, other."
    )


def all_checked(names: Sequence[str]) -> str:
    """Nothing is left to learn from."""
    return (
        f"All labelled procedures are kept for checking ({', '.join(names)}), so nothing could be"
        " learnt."
    )


def new_class_checked(name: str, procedures: Sequence[str]) -> str:
    """A new class that only procedures show that are not learnt from."""
    return (
        f"{name} is new and shown only by procedures kept for checking ({', '.join(procedures)}),"
        " so it could not be learnt."
    )


def too_few(counts: Mapping[str, int], *, by_choice: bool) -> str:
    """New classes that are left out; ``by_choice``: because of what is kept for checking."""
    why = " with these procedures kept for checking" if by_choice else ""
    return f"Too few frames to learn a new class{why}, so they are left out: {_listed(counts)}."


def few(counts: Mapping[str, int]) -> str:
    """Classes of which there is little."""
    return f"Few frames to learn from: {_listed(counts)}."


def new_classes(names: Iterable[str]) -> str:
    """Classes that no model knows yet."""
    return f"New, so learnt from your labels alone: {', '.join(names)}."


def only_checked(names: Iterable[str]) -> str:
    """Known classes of which nothing more is learnt."""
    return (
        "Shown only by procedures kept for checking, so no more of it is learnt:"
        f" {', '.join(names)}."
    )


def parted_patient(name: str) -> str:
    """A patient who was on both sides."""
    return (
        f"Patient {name} was both kept for checking and learnt from: all procedures of {name} are"
        " learnt from now."
    )


def contradictions(count: int) -> str:
    """Images with two labels."""
    have = "has" if count == 1 else "have"
    return f"{counted(count, 'image')} {have} labels that contradict each other."


def none_of_these(count: int) -> str:
    """Frames that show none of the classes."""
    return f"{counted(count, 'frame')} marked as none of these: taught as “not sure”."


def excluded(procedures: int) -> str:
    """Procedures that the reader allows for nothing."""
    are = "is" if procedures == 1 else "are"
    return f"{counted(procedures, 'labelled procedure')} {are} excluded in the worklist (Ctrl+U)."


def disputed(frames: int, procedures: int) -> str:
    """Frames of which two readers have not said the same."""
    are = "is" if frames == 1 else "are"
    return (
        f"{counted(frames, 'frame')} of {counted(procedures, 'procedure')} read twice {are} left"
        " out: the two readers differ there and nobody has adjudicated, or only one of them"
        " labelled (Worklist, Adjudicate)."
    )


def without_patient(count: int) -> str:
    """Procedures whose patient nobody gave."""
    have = "has no patient: it counts" if count == 1 else "have no patient: each counts"
    return f"{counted(count, 'procedure')} {have} as a patient of its own."


def release(count: int) -> str:
    """The button that takes sides back."""
    return f"Release {counted(count, 'procedure')}"


def release_tip(names: Sequence[str]) -> str:
    """Why they can be released."""
    return (
        f"No model that you keep has learnt from them or was compared on them: {', '.join(names)}."
        " What they are used for can be chosen again."
    )


def cost_text(seconds: float, megabytes: float) -> str:
    """ "about 2 min, 0.9 GB of memory"."""
    took = about(max(5, round(seconds / 5) * 5) if seconds < ROUGH_S else seconds)
    return f"about {took}, {max(0.1, megabytes / 1000):.1f} GB of memory"


def wrong_with(title: str) -> str:
    """The accessible name of what is said beside a field."""
    return f"What is wrong with {title.lower()}"


def weight_of(loss: str) -> str:
    """The accessible name of a loss's weight."""
    return f"Weight of {loss}"


def above_zero(highest: float) -> str:
    """A number that must be positive and not too large."""
    return f"Must be a number above 0, up to {highest:g}."


def replay_range(lowest: float, highest: float) -> str:
    """How much replay there must be."""
    return (
        f"Must be a number from {lowest:g} to {highest:g}: without replay the model forgets what it"
        " knew before."
    )


def weight_range(highest: float) -> str:
    """How large weights may be."""
    return f"Weights must be numbers from 0 to {highest:g}."


def without_own_loss(loss: str, consequence: str) -> str:
    """A scheme without the loss that makes it one."""
    return f"With {loss} at 0 {consequence}, or give it a weight."


def without_fusion(loss: str) -> str:
    """Relation needs a fusion that learns."""
    return (
        f"With {loss} at 0 the fusion of the reference models learns nothing, and the model would"
        " follow noise: give it a weight."
    )


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())
