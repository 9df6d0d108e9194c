"""How good a model is, and whether another is better, on labelled images."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from kd_core.api.comparison_result import (
    MOST_LISTED,
    ComparedModel,
    ComparedModels,
    DifferingImage,
    Latencies,
    ScoreDifference,
)
from kd_core.api.evaluation_result import Evaluation
from kd_core.api.labelled_data import OnWarning, ignore
from kd_core.api.loading import LoadedModel, load_model
from kd_core.api.openings import note_opening
from kd_core.api.predictions import PartName, Predictions, chosen_samples, predict_readable
from kd_core.api.seen_images import warn_of_seen
from kd_core.data.head_labels import head_labels
from kd_core.evaluation.abstention import abstention_scores
from kd_core.evaluation.group_scores import PairedScores, among_all, compare_scores, full_scores
from kd_core.evaluation.label_cases import case_scores, label_cases
from kd_core.schema.errors import DataError, ModelError
from kd_core.schema.model_card import ModelCard
from kd_core.schema.model_scores import PartScores

SEED = 0
_RECALL = "recall of "


def evaluate(
    model: str | Path,
    data: str | Path,
    *,
    split: str | Path | None = None,
    part: PartName = "val",
    ignore_unknown: bool = False,
    plots: str | Path | None = None,
    plot_format: str = "png",
    command: str = "kd_core.evaluate",
    on_warning: OnWarning = ignore,
) -> Evaluation:
    """Score the student or teacher in the folder ``model`` on ``data``.

    On all of it, or on one part of ``split``; the test part is opened by asking for it, which is
    noted beside the split as done by ``command``. What the model has learnt from is told and
    counted. ``plots``: a folder to draw reliability, confusion and recall into. A student runs
    through the same ONNX file and code as in the application. Raises DataError and ModelError.
    """
    loaded = load_model(model)
    classes = loaded.card.classes
    heads = loaded.card.heads
    samples, ignored = chosen_samples(data, classes, split, part, ignore_unknown, heads)
    if plots:
        _make_folder(Path(plots))
    note_opening(split, part, [model], command, on_warning)
    predictions = predict_readable([loaded], samples, classes, on_warning)
    seen = warn_of_seen(Path(model), loaded.card, predictions.samples, split, on_warning)
    scores = _part_scores(predictions, loaded.card)
    evaluation = msgspec.convert(
        {
            **{
                name: value
                for name, value in msgspec.structs.asdict(scores).items()
                if name != "by_group" or value
            },
            "model": loaded.card.version,
            "classes": tuple(scores.per_class),
            "latency_ms": predictions.milliseconds[0],
            "ignored": dict(ignored),
            "unreadable": predictions.broken,
            "seen_in_training": seen,
        },
        Evaluation,
    )
    if not plots:
        return evaluation
    return msgspec.structs.replace(evaluation, plots=_draw(evaluation, Path(plots), plot_format))


def compare(
    a: str | Path,
    b: str | Path,
    data: str | Path,
    *,
    split: str | Path | None = None,
    part: PartName = "val",
    ignore_unknown: bool = False,
    command: str = "kd_core.compare",
    on_warning: OnWarning = ignore,
) -> ComparedModels:
    """Ask the models in ``a`` and ``b`` about every image; say what may be said of B beside A.

    Differences are drawn again by group, and corrected for how many are compared; ``part`` and
    ``command``: see ``evaluate``. Raises DataError; ModelError also where the classes of the two
    differ.
    """
    first, second = load_model(a), load_model(b)
    classes = first.card.classes
    _refuse_other_classes(first, second)
    _refuse_heads(first, second)
    samples, ignored = chosen_samples(data, classes, split, part, ignore_unknown)
    note_opening(split, part, [a, b], command, on_warning)
    predictions = predict_readable([first, second], samples, classes, on_warning)
    for folder, loaded in ((a, first), (b, second)):
        warn_of_seen(Path(folder), loaded.card, predictions.samples, split, on_warning)
    by_a, by_b = (table.argmax(axis=1) for table in predictions.probabilities)
    right_a, right_b = by_a == predictions.truth, by_b == predictions.truth
    paired = compare_scores(predictions.truth, by_a, by_b, predictions.groups, classes, SEED)
    rows = _differences(paired)
    return ComparedModels(
        a=ComparedModel(str(a), first.card.version),
        b=ComparedModel(str(b), second.card.version),
        data=str(Path(data).absolute()),
        classes=classes,
        n=len(predictions.samples),
        groups=len(set(predictions.groups.tolist())),
        accuracy=rows["accuracy"],
        macro_f1=rows["macro_f1"],
        recall={name: rows.get(f"{_RECALL}{name}") for name in classes},
        both_right=int((right_a & right_b).sum()),
        only_a_right=int((right_a & ~right_b).sum()),
        only_b_right=int((right_b & ~right_a).sum()),
        neither_right=int((~right_a & ~right_b).sum()),
        differing=int((by_a != by_b).sum()),
        differ=_differing(predictions, by_a, by_b, classes),
        latency_ms=Latencies(*predictions.milliseconds),
        ignored=dict(ignored),
        unreadable=predictions.broken,
    )


def _part_scores(predictions: Predictions, card: ModelCard) -> PartScores:
    """With intervals by group, and what the levels name."""
    probabilities = predictions.probabilities[0]
    if card.heads:
        labels = head_labels(predictions.samples, card.heads, complete=card.data.complete_labels)
        cases = label_cases(probabilities, labels, card.classes, card.heads)
        return case_scores(cases, card.heads, predictions.groups, SEED)
    levels = np.array([card.threshold(name) for name in card.classes])
    return msgspec.structs.replace(
        full_scores(probabilities, predictions.truth, predictions.groups, card.classes, SEED),
        abstention=abstention_scores(probabilities, predictions.truth, levels, card.classes),
    )


def _make_folder(folder: Path) -> None:
    """Before the work, not after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"The folder {folder} cannot be made: {error.strerror}.",
            "Choose another place for --plots.",
        ) from error


def _draw(evaluation: Evaluation, folder: Path, kind: str) -> list[str]:
    from kd_core.evaluation.plots import confusion_diagram, recall_diagram, reliability_diagram

    version, classes = evaluation.model, list(evaluation.classes)
    confusion = np.array(evaluation.confusion)
    paths = [folder / f"{name}.{kind}" for name in ("reliability", "confusion", "recall")]
    reliability_diagram(evaluation.reliability, evaluation.ece, version, paths[0])
    confusion_diagram(confusion, classes, version, paths[1])
    recall_diagram(confusion, classes, version, paths[2])
    return [str(path) for path in paths]


def _refuse_other_classes(first: LoadedModel, second: LoadedModel) -> None:
    """Another order of the same classes is no hindrance."""
    only_a = [name for name in first.card.classes if name not in second.card.classes]
    only_b = [name for name in second.card.classes if name not in first.card.classes]
    if not only_a and not only_b:
        return
    parts = [
        f"only {letter} knows {', '.join(names)}"
        for letter, names in (("A", only_a), ("B", only_b))
        if names
    ]
    raise ModelError(
        f"The two models do not have the same classes: {'; '.join(parts)}.",
        "Choose two models of the same classes.",
    )


def _refuse_heads(*models: LoadedModel) -> None:
    for loaded in models:
        if loaded.card.heads:
            raise ModelError(
                f"Model {loaded.card.version} has a softmax for each class group, so it names"
                " several classes an image.",
                "Score it alone: kd-core evaluate. Its card has the scores of each class group.",
            )


def _differences(paired: PairedScores) -> dict[str, ScoreDifference]:
    """What is compared by name, corrected for how many they are."""
    rows = {
        "accuracy": paired.accuracy,
        "macro_f1": paired.macro_f1,
        **{f"{_RECALL}{name}": row for name, row in paired.recall.items()},
    }
    corrected = among_all(rows)
    return {
        name: ScoreDifference(
            row.a,
            row.b,
            *row.comparison.difference,
            corrected[name].comparison.verdict,
            row.chance,
            corrected[name].chance,
        )
        for name, row in rows.items()
    }


def _differing(
    predictions: Predictions,
    by_a: NDArray[np.intp],
    by_b: NDArray[np.intp],
    classes: tuple[str, ...],
) -> list[DifferingImage]:
    """The first images of which the models say different classes, in the data set's order."""
    return [
        DifferingImage(sample.path, sample.label, classes[by_a[place]], classes[by_b[place]])
        for place, sample in enumerate(predictions.samples)
        if by_a[place] != by_b[place]
    ][:MOST_LISTED]
