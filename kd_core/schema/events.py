"""What a training process says while it works: JSON lines, one event each, a closed union."""

from __future__ import annotations

import msgspec


class RunStarted(msgspec.Struct, frozen=True, tag="started"):
    """The run's shape, before the first step.

    ``parameters`` are deployed, ``training_only`` ones are thrown away in the end.
    """

    epochs: int
    samples: int
    classes: tuple[str, ...]
    parameters: int
    training_only: int = 0


class PartStarted(msgspec.Struct, frozen=True, tag="part"):
    """A part of the work begins: "reading images", "teachers", "training"."""

    name: str


class RunProgress(msgspec.Struct, frozen=True, tag="progress"):
    """How far the part that began last is: ``done`` of ``total``.

    Images read, images that teachers looked at, or steps of all epochs.
    """

    done: int
    total: int
    seconds_left: float


class EpochEnded(msgspec.Struct, frozen=True, tag="epoch"):
    """Mean of each named loss over the epoch and the scores on the validation groups.

    ``learning_rate``: that of its last step; ``seconds``: of the epoch, scoring included.
    """

    epoch: int
    losses: dict[str, float]
    scores: dict[str, float]
    learning_rate: float = 0.0
    seconds: float = 0.0


class RunEnded(msgspec.Struct, frozen=True, tag="ended"):
    """The run's end.

    ``outcome`` is 'finished', 'stopped', 'failed' or, said by who discarded the run, 'cancelled';
    ``sentence`` says it to people; ``model_dir`` is '' when nothing was kept.
    """

    outcome: str
    sentence: str
    model_dir: str = ""


RunEvent = PartStarted | RunStarted | RunProgress | EpochEnded | RunEnded
