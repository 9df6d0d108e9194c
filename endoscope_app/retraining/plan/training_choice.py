"""What a reader chose for a retraining: checked while it is chosen, and said as the words of
``kd-core retrain``. No Qt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from endoscope_app.base.wording import loss_words
from kd_core.schema.config import REPLAY_WEIGHT, SCHEMES, LossWeights

DEFAULT_SCHEME = "relation"
DEFAULT_TEMPERATURE, DEFAULT_LEARNING_RATE = 2.0, 1e-3
HIGHEST_LEARNING_RATE, HIGHEST_TEMPERATURE, HIGHEST_WEIGHT = 0.1, 100.0, 100.0
#: How much old knowledge may count against what is new; without any, a student forgets within an
#: epoch.
REPLAY, LEAST_REPLAY, MOST_REPLAY = "replay", 0.1, 10.0
#: What each scheme adds: without it, it would be another scheme or none.
OWN_LOSS: Mapping[str, str] = MappingProxyType(
    {"response": "kl", "feature": "hint", "relation": "guide"}
)
#: The weights that a reader can set, scheme by scheme.
SHOWN_WEIGHTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "response": ("cross_entropy", "kl", "replay"),
        "feature": ("cross_entropy", "kl", "hint", "replay"),
        "relation": ("cross_entropy", "kl", "anchor", "guide", "replay"),
    }
)
WITHOUT_TEACHERS: Mapping[str, str] = MappingProxyType(
    {
        "response": "Response learns from the teachers' answers: choose at least one teacher.",
        "feature": "Feature learns from what a teacher sees: choose at least one teacher.",
        "relation": (
            "Relation learns from what the teachers see together: choose at least one teacher."
        ),
    }
)


def default_weights(scheme: str) -> dict[str, float]:
    """Weights that a reader can set and what they are if he does not.

    Raises KeyError for an unknown scheme.
    """
    chosen: LossWeights = SCHEMES[scheme]
    return {
        name: REPLAY_WEIGHT if name == REPLAY else getattr(chosen, name)
        for name in SHOWN_WEIGHTS[scheme]
    }


@dataclass(frozen=True)
class TrainingChoice:
    """``teachers`` are folders; ``weights`` those that differ from the scheme's; ``epochs`` 0: as
    many as the number of labels asks for; ``held_out`` fingerprints of all procedures that are not
    learnt from, None: as kd-core chooses.

    A field that holds no number is NaN, which ``problems`` refuses.
    """

    scheme: str = DEFAULT_SCHEME
    thorough: bool = False
    teachers: tuple[str, ...] = ()
    temperature: float = DEFAULT_TEMPERATURE
    learning_rate: float = DEFAULT_LEARNING_RATE
    epochs: int = 0
    seed: int = 0
    weights: Mapping[str, float] = field(default_factory=dict)
    held_out: tuple[str, ...] | None = None

    def problems(self) -> dict[str, str]:
        """Sentence by field ("teachers", "temperature", "learning_rate", "replay", "weights");
        empty where the run can start.
        """
        made: dict[str, str] = {}
        if not self.teachers:
            made["teachers"] = WITHOUT_TEACHERS[self.scheme]
        if not 0 < self.temperature <= HIGHEST_TEMPERATURE:
            made["temperature"] = f"Must be a number above 0, up to {HIGHEST_TEMPERATURE:g}."
        if not 0 < self.learning_rate <= HIGHEST_LEARNING_RATE:
            made["learning_rate"] = f"Must be a number above 0, up to {HIGHEST_LEARNING_RATE:g}."
        if not LEAST_REPLAY <= self.weights.get(REPLAY, REPLAY_WEIGHT) <= MOST_REPLAY:
            made["replay"] = (
                f"Must be a number from {LEAST_REPLAY:g} to {MOST_REPLAY:g}: without old knowledge"
                " the model forgets it."
            )
        if weights := self._weight_problem():
            made["weights"] = weights
        return made

    def arguments(self, files: RetrainFiles) -> list[str]:
        """Words after ``kd-core retrain``, without --threads and --events."""
        words = [
            "--labels",
            str(files.labels),
            "--base",
            str(files.base),
            "--replay",
            str(files.replay),
            "--out",
            str(files.out),
        ]
        words += [
            "--held-out",
            str(files.held_out),
            "--cache",
            str(files.cache),
            "--name",
            files.name,
        ]
        words += ["--sides", str(files.sides)] if files.sides is not None else []
        words += ["--scheme", self.scheme]
        for teacher in self.teachers:  # one by one: a folder's name may hold a comma
            words += ["--teachers", teacher]
        words += [
            "--temperature",
            f"{self.temperature:g}",
            "--learning-rate",
            f"{self.learning_rate:g}",
            "--seed",
            str(self.seed),
        ]
        words += ["--epochs", str(self.epochs)] if self.epochs else []
        words += ["--thorough"] if self.thorough else []
        for name, weight in sorted(self.weights.items()):
            words += ["--weight", f"{name}={weight:g}"]
        return words

    def _weight_problem(self) -> str:
        weights = {
            name: value
            for name, value in {**default_weights(self.scheme), **self.weights}.items()
            if name != REPLAY
        }
        if not all(0 <= weight <= HIGHEST_WEIGHT for weight in weights.values()):
            return f"Weights must be numbers from 0 to {HIGHEST_WEIGHT:g}."
        own = OWN_LOSS[self.scheme]
        if weights[own] == 0:
            less = (
                "nothing is learnt from the teachers"
                if self.scheme == "response"
                else "this is Response: choose that"
            )
            return f"With {loss_words(own)} at 0 {less}, or give it a weight."
        if self.scheme == "relation" and weights["anchor"] == 0:
            name = loss_words("anchor")
            return (
                f"With {name} at 0 the joined teachers learn nothing, and the student would follow"
                " noise: give it a weight."
            )
        return ""


@dataclass(frozen=True)
class RetrainFiles:
    """Where a run finds and puts things: ``labels`` the images with their manifest, ``base`` the
    active model, ``out`` the candidate.

    ``held_out``: the file of all runs; ``sides``: the choice for this one, None: as kd-core
    chooses.
    """

    labels: Path
    base: Path
    replay: Path
    held_out: Path
    out: Path
    cache: Path
    name: str = "student"
    sides: Path | None = None
