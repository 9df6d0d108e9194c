"""Retraining: a better student from a reader's labels, compared on procedures kept aside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kd_core.api.execution import ShouldStop, TrainedModel, carry_out, never
from kd_core.api.labelled_data import OnEvent, OnWarning, ignore
from kd_core.api.machine import Machine, check_device, refuse_finished
from kd_core.artifacts.checkpoint import load_student, refuse_old_preprocessing
from kd_core.artifacts.replay import read_replay
from kd_core.artifacts.seen_contents import read_seen
from kd_core.artifacts.teacher_folder import LoadedTeacher
from kd_core.platform.claimed_folder import claimed
from kd_core.retraining.comparison import compare_with_base, write_report
from kd_core.retraining.held_out import sides_of_run
from kd_core.retraining.reader_data import (
    ReaderData,
    data_set,
    read_labels,
    teachable,
    without_seen,
)
from kd_core.retraining.recipe import Base, Sides
from kd_core.retraining.run import RetrainingRun
from kd_core.retraining.teachers import load_teachers, untaught
from kd_core.retraining.unlabelled import Moment, read_moments
from kd_core.schema.config import TrainConfig
from kd_core.schema.errors import DataError
from kd_core.schema.evidence import Evidence
from kd_core.schema.held_out import read_held_out
from kd_core.schema.model_card import ModelCard, read_card
from kd_core.schema.model_files import CARD_NAME
from kd_core.schema.retraining_defaults import DEFAULT_SCHEME, retrain_config
from kd_core.schema.run_files import HELD_OUT_NAME
from kd_core.schema.taxonomy import display_name


@dataclass(frozen=True)
class RetrainedModel(TrainedModel):
    """``evidence``: what may be said of the new model beside the one it was made from.

    None where nothing was kept.
    """

    evidence: Evidence | None = None


def unchanged(config: TrainConfig) -> TrainConfig:
    """The settings that the number of labels asks for."""
    return config


def retrain(
    labels: str | Path,
    base: str | Path,
    teachers: Sequence[str | Path],
    replay: str | Path,
    out: str | Path,
    *,
    scheme: str = DEFAULT_SCHEME,
    thorough: bool = False,
    settings: Callable[[TrainConfig], TrainConfig] = unchanged,
    held_out: str | Path | None = None,
    sides: str | Path | None = None,
    unlabelled: str | Path | None = None,
    name: str = "student",
    machine: Machine | None = None,
    on_event: OnEvent = ignore,
    on_warning: OnWarning = ignore,
    should_stop: ShouldStop = never,
) -> RetrainedModel:
    """Teach the student in ``base`` a reader's ``labels`` (the application's label export).

    ``replay``: the file that keeps it from forgetting. ``settings`` is given what the number of
    labels asks for and returns what is done; ``thorough`` takes four times as long. ``held_out``:
    the file that says which procedures no model ever learns from (beside ``out`` by default),
    ``sides`` such a file for this run. ``unlabelled``: a table of frames without a label, of
    procedures that are learnt from, which the new model learns as all teachers agree on them. The
    new model, its comparison and its report are written
    into ``out``. ``on_warning`` may be told names of patients. Raises DataError and ModelError.
    """
    folder, where = Path(out), machine or Machine()
    refuse_finished(folder)
    check_device(where.device)
    student, card = load_student(Path(base))
    refuse_old_preprocessing(card)
    memory = read_replay(Path(replay), student)
    kept = Path(held_out) if held_out else folder.absolute().parent / HELD_OUT_NAME
    data, fixed = _read(Path(labels), card, kept, Path(sides) if sides else None, folder)
    loaded = load_teachers([Path(teacher) for teacher in teachers], data.classes)
    data = without_seen(data, frozenset().union(*(teacher.seen for teacher in loaded)))
    moments = _moments(unlabelled, data, fixed, loaded, on_warning)
    config = retrain_config(
        scheme,
        len(data.train.labels),
        thorough=thorough,
        none_of_these=len(data.none_of_these.learnt) > 0,
    )
    run = RetrainingRun(
        settings(config),
        data,
        where.open(folder),
        loaded,
        Base(student, card, read_seen(Path(base), card) or frozenset()),
        memory,
        fixed,
        name,
        moments,
    )
    for sentence in data.warnings:
        on_warning(sentence)
    with claimed(folder):
        refuse_finished(folder)  # by now
        trained = carry_out(run, on_event, should_stop)
        if not (folder / CARD_NAME).exists():
            return RetrainedModel(trained.outcome, trained.sentence)
        evidence = _compare(Path(base), folder, Path(replay), Path(labels), data, on_warning)
    return RetrainedModel(
        trained.outcome,
        trained.sentence,
        folder,
        read_card(folder),
        evidence.sentence,
        evidence,
    )


def _moments(
    table: str | Path | None,
    data: ReaderData,
    sides: Sides,
    teachers: Sequence[LoadedTeacher],
    on_warning: OnWarning,
) -> list[Moment]:
    """Unlabelled frames; none where teachers would call a frame of a new class something else."""
    if table is None:
        return []
    if unknown := untaught(teachers, data.classes):
        names = ", ".join(display_name(data.classes[place]) for place in unknown)
        on_warning(
            f"Unlabelled frames are not learnt from: a teacher does not know {names}, and would"
            " call frames of it something else."
        )
        return []
    return read_moments(Path(table), sides.chosen.learnt)


def _read(
    source: Path, card: ModelCard, kept: Path, sides: Path | None, out: Path
) -> tuple[ReaderData, Sides]:
    """The reader's labels, parted. Whatever is refused is refused before anything is written."""
    known = card.classes
    labels = read_labels(source, known, card.heads)
    chosen, both = sides_of_run(labels.samples, read_held_out(kept), sides, out)
    warnings = [
        f"Patient {name} was held out and learnt from; all procedures of {name} are learnt from"
        " now."
        for name in both
    ]
    samples, classes, too_few, heads = teachable(labels, known, chosen)
    data = data_set(samples, classes, chosen, "labels of a reader", too_few, warnings, heads)
    return data, Sides(kept, chosen)


def _compare(
    base: Path, out: Path, replay: Path, labels: Path, data: ReaderData, on_warning: OnWarning
) -> Evidence:
    """Ask both models; a report that cannot be written is told, and the new model stays."""
    comparison = compare_with_base(base, out, replay, labels, data)
    try:
        write_report(out, comparison, data)
    except DataError as error:
        on_warning(f"The report is missing, the model is not: {error}")
    return comparison.evidence
