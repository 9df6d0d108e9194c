"""What a reader chose for a retraining: checked while it is chosen, and said to the trainer.

No Qt.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from endoscope_app.retraining.plan import wording
from endoscope_app.retraining.wording import figure_name
from kd_core.schema.config import REPLAY_WEIGHT, SCHEMES, LossWeights
from kd_core.schema.retraining_defaults import DEFAULT_SCHEME

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


def default_weights(scheme: str) -> dict[str, float]:
    """Weights that a reader can set and what they are if nobody does.

    Raises KeyError for an unknown scheme.
    """
    chosen: LossWeights = SCHEMES[scheme]
    return {
        name: REPLAY_WEIGHT if name == REPLAY else getattr(chosen, name)
        for name in SHOWN_WEIGHTS[scheme]
    }


@dataclass(frozen=True)
class TrainingChoice:
    """``teachers`` are folders; ``weights`` those that differ from the scheme's.

    ``unlabelled``: frames without a label join as the teachers see them. ``epochs`` 0: by the
    number of labels; ``held_out`` fingerprints of all procedures that are not
    learnt from, None: as kd-core chooses. A field that holds no number is NaN, which ``problems``
    refuses.
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
    unlabelled: bool = False

    def problems(self) -> dict[str, str]:
        """Sentence by field ("teachers", "temperature", "learning_rate", "replay", "weights").

        Empty where the run can start.
        """
        problems: dict[str, str] = {}
        if not self.teachers:
            problems["teachers"] = wording.WITHOUT_REFERENCE[self.scheme]
        if not 0 < self.temperature <= HIGHEST_TEMPERATURE:
            problems["temperature"] = wording.above_zero(HIGHEST_TEMPERATURE)
        if not 0 < self.learning_rate <= HIGHEST_LEARNING_RATE:
            problems["learning_rate"] = wording.above_zero(HIGHEST_LEARNING_RATE)
        if not LEAST_REPLAY <= self.weights.get(REPLAY, REPLAY_WEIGHT) <= MOST_REPLAY:
            problems["replay"] = wording.replay_range(LEAST_REPLAY, MOST_REPLAY)
        if weights := self._weight_problem():
            problems["weights"] = weights
        return problems

    def arguments(self, files: RetrainFiles) -> list[str]:
        """What follows ``kd-core retrain``, without --threads and --events."""
        options: list[tuple[str, str | Path]] = [
            ("--labels", files.labels),
            ("--base", files.base),
            ("--replay", files.replay),
            ("--out", files.out),
            ("--held-out", files.held_out),
            ("--cache", files.cache),
            ("--name", files.name),
            ("--scheme", self.scheme),
            ("--temperature", f"{self.temperature:g}"),
            ("--learning-rate", f"{self.learning_rate:g}"),
            ("--seed", str(self.seed)),
        ]
        if files.sides is not None:
            options.append(("--sides", files.sides))
        if files.unlabelled is not None:
            options.append(("--unlabelled", files.unlabelled))
        if self.epochs:
            options.append(("--epochs", str(self.epochs)))
        # one by one: a folder's name may hold a comma
        options += [("--teachers", teacher) for teacher in self.teachers]
        options += [
            ("--weight", f"{name}={value:g}") for name, value in sorted(self.weights.items())
        ]
        arguments = [str(part) for option in options for part in option]
        return [*arguments, "--thorough"] if self.thorough else arguments

    def _weight_problem(self) -> str:
        weights = {**default_weights(self.scheme), **self.weights}
        del weights[REPLAY]
        if not all(0 <= weight <= HIGHEST_WEIGHT for weight in weights.values()):
            return wording.weight_range(HIGHEST_WEIGHT)
        own = OWN_LOSS[self.scheme]
        if weights[own] == 0:
            consequence = (
                wording.NOTHING_FROM_REFERENCE
                if self.scheme == "response"
                else wording.SAME_AS_RESPONSE
            )
            return wording.without_own_loss(figure_name(own), consequence)
        if self.scheme == "relation" and weights["anchor"] == 0:
            return wording.without_fusion(figure_name("anchor"))
        return ""


@dataclass(frozen=True)
class RetrainFiles:
    """Where a run finds and puts things.

    ``labels``: the images with their manifest; ``base``: the model in use; ``out``: the new model;
    ``held_out``: the file of all runs; ``sides``: the choice for this one, None: as kd-core
    chooses; ``unlabelled``: the table of frames without a label, None: of none.
    """

    labels: Path
    base: Path
    replay: Path
    held_out: Path
    out: Path
    cache: Path
    name: str = "student"
    sides: Path | None = None
    unlabelled: Path | None = None
