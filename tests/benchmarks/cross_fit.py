"""Do teachers teach better about images that they have not seen?

    python -m tests.benchmarks.cross_fit --data ../shared/data/hyperkvasir-lower-gi --out /tmp/fold
    [--frozen]

One teacher learns from the whole training part, and one for each of K folds from all others; folds
keep groups together. Students are then taught by the first, which knows every image it speaks of,
by the teachers of the folds, each about the images that it has not seen, and by none: the same
views, order and first weights. Small images, scored on validation; the test part stays closed.
A teacher is a fine-tuned backbone, or with ``--frozen`` a linear layer on a frozen one, which takes
seconds and knows its images better by heart. Prints tables in Markdown; the same command resumes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from torch import Tensor

from kd_core.api.machine import Machine
from kd_core.api.training import train_teacher
from kd_core.artifacts.quick_teacher import QuickTeacherViews
from kd_core.artifacts.teacher_folder import load_teacher
from kd_core.data.image_files import content_of
from kd_core.data.labelled import DataSet, Part
from kd_core.data.teacher_cache import GIGABYTE, CachedViews
from kd_core.data.view_policy import ViewPolicy
from kd_core.data.views import TeacherView, ViewSource
from kd_core.evaluation.seed_comparison import compare_over_seeds
from kd_core.models.student import Student
from kd_core.models.teacher import FrozenTeacher, Teacher
from kd_core.reproduction.spread import spread_of
from kd_core.schema.config import SCHEMES, TEACHER_DEFAULTS, TrainConfig
from kd_core.schema.model_files import CARD_NAME
from kd_core.schema.run_files import STATE_NAME
from tests.benchmarks.short_training import TrialRun, covering, train_short, validation_data

ALONE, SEEN, UNSEEN = "none", "a teacher that saw the image", "a teacher that did not"
CACHE_LIMIT = 12 * GIGABYTE
TOGETHER = 64
Array = NDArray[np.float32]
Labels = NDArray[np.int64]
#: Crops (n, S, S, 3) -> logits (n, C).
Answer = Callable[[NDArray[np.uint8]], Array]


def folds_of(labels: Labels, groups: NDArray[np.str_], count: int, seed: int) -> Labels:
    """(N,) labels and groups -> (N,) fold 0..count - 1 of each image; groups stay together.

    Groups are shuffled, then handed out the largest first (a group counts for its most frequent
    label), each to the fold that has the fewest images of that class, of these to the smallest.
    """
    names, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    table = np.zeros((len(names), int(labels.max()) + 1), np.int64)
    np.add.at(table, (place, labels), 1)
    order = np.random.default_rng(seed).permutation(len(names))
    filled = np.zeros((count, table.shape[1]), np.int64)
    fold = np.empty(len(names), np.int64)
    for group in sorted(order, key=lambda number: -int(sizes[number])):
        label = int(table[group].argmax())
        fold[group] = int(np.lexsort((filled.sum(1), filled[:, label]))[0])
        filled[fold[group]] += table[group]
    return fold[place]


def out_of_fold(folds: Labels, teachers: list[Array]) -> Array:
    """(N,) folds and (N, V, C) logits of each fold's teacher -> (N, V, C) of the image's own.

    The teacher of a fold is the one that has not learnt from it.
    """
    return np.stack(teachers)[folds, np.arange(len(folds))]


class ToldViews:
    """A ViewSource whose one teacher has said ``logits`` (N, V, C) of the views; no maps."""

    def __init__(self, source: ViewSource, logits: Array) -> None:
        self.labels, self.views = source.labels, source.views
        self._source, self._logits = source, torch.from_numpy(logits)

    def batch(
        self, places: NDArray[np.int64], views: NDArray[np.int64]
    ) -> tuple[Tensor, list[TeacherView]]:
        """See ViewSource."""
        crops, _ = self._source.batch(places, views)
        nothing = torch.zeros(len(places), 1, 1, 1)
        return crops, [TeacherView(self._logits[places, views], nothing)]


def chosen(part: Part, which: NDArray[np.bool_]) -> Part:
    """The images of ``part`` at which (N,) is true."""
    return Part(part.crops[which], part.labels[which], part.groups[which])


class Teachers:
    """The teacher of all images and those of the folds, made when they are asked for."""

    def __init__(self, data: DataSet, options: argparse.Namespace, policy: ViewPolicy) -> None:
        self._data, self._options, self._policy = data, options, policy
        self._quick = QuickTeacherViews()
        self._trunk: FrozenTeacher | None = None
        self._known: dict[str, Array] = {}

    def taught(self, name: str, part: Part, views: ViewSource, places: Labels) -> Answer:
        """A teacher of ``part``, the images at ``places`` of the training part with ``views``."""
        print(f"teacher {name}: {len(places)} images ...", file=sys.stderr, flush=True)
        if self._options.frozen:
            return self._linear(part.labels, views, places)
        return self._fine_tuned(replace(self._data, train=part), name)

    def _linear(self, labels: Labels, views: ViewSource, places: Labels) -> Answer:
        """On the mean of the map of an untouched backbone, from weak views as they come."""
        rows = np.concatenate(
            [self._embedded(crops) for crops in view_crops(views, 0, places)], dtype=np.float64
        )
        mean, scale = rows.mean(0), rows.std(0) + 1e-6
        fitted = LogisticRegression(C=0.1, max_iter=200).fit((rows - mean) / scale, labels)

        def answer(crops: NDArray[np.uint8]) -> Array:
            seen = (self._embedded(crops) - mean) / scale
            return np.asarray(fitted.decision_function(seen), np.float32)

        return answer

    def _embedded(self, crops: NDArray[np.uint8]) -> Array:
        if self._trunk is None:
            torch.manual_seed(0)
            network = Teacher(self._options.backbone, len(self._data.classes)).eval()
            self._trunk = FrozenTeacher(network, size=crops.shape[1])
        names = [content_of(crop) for crop in crops]
        new = [place for place, name in enumerate(names) if name not in self._known]
        if new:
            made = self._quick(self._trunk, torch.from_numpy(crops[new])).features.mean((2, 3))
            self._known |= zip((names[place] for place in new), made.numpy(), strict=True)
        return np.stack([self._known[name] for name in names])

    def _fine_tuned(self, data: DataSet, name: str) -> Answer:
        options, folder = self._options, self._options.out / "teachers" / name
        if not (folder / CARD_NAME).exists() or (folder / STATE_NAME).exists():
            machine = Machine(device="cpu", cache=options.out / "cache", cache_gb=12.0)
            config = msgspec.structs.replace(
                TEACHER_DEFAULTS, epochs=options.teacher_epochs, views=options.views
            )
            train_teacher(
                data,
                folder,
                backbone=options.backbone,
                config=config,
                policy=self._policy,
                machine=machine,
            )
        teacher = load_teacher(folder, data.classes).teacher
        return lambda crops: self._quick(teacher, torch.from_numpy(crops)).logits.numpy()


def view_crops(source: ViewSource, view: int, places: Labels) -> Iterator[NDArray[np.uint8]]:
    """Crops (n, S, S, 3) of one view of the images at ``places``, some at a time."""
    for first in range(0, len(places), TOGETHER):
        some = places[first : first + TOGETHER]
        yield source.batch(some, np.full_like(some, view))[0].numpy()


def said_of(answer: Answer, source: ViewSource) -> Array:
    """(N, V, C) logits of every view."""
    everyone = np.arange(len(source.labels))
    by_view = [
        np.concatenate([answer(crops) for crops in view_crops(source, view, everyone)])
        for view in range(source.views)
    ]
    return np.stack(by_view, 1)


class Trial:
    """What teachers say, and students of every seed."""

    def __init__(self, data: DataSet, options: argparse.Namespace) -> None:
        self._data, self._options = data, options
        self._policy = covering(data)
        self._folds = folds_of(data.train.labels, data.train.groups, options.folds, seed=0)
        self._teachers = Teachers(data, options, self._policy)

    def logits(self, seed: int) -> tuple[Array, list[Array], str]:
        """(N, V, C) of the teacher of all and of each fold's, and how right they are, as rows."""
        stored = self._options.out / f"seed-{seed}" / "logits.npz"
        train, views = self._data.train, self._views(seed)
        if not stored.exists():
            found, rows = [], []
            for fold in range(-1, self._options.folds):
                places = np.flatnonzero(self._folds != fold)
                name = "of-all" if fold < 0 else f"without-fold-{fold + 1}"
                answer = self._teachers.taught(
                    name, chosen(train, self._folds != fold), views, places
                )
                found.append(said_of(answer, views))
                rows.append(self._row(name, found[-1], fold, answer))
            stored.parent.mkdir(parents=True, exist_ok=True)
            np.savez(stored, logits=np.stack(found), rows=np.array("\n".join(rows)))
        kept = np.load(stored)
        return kept["logits"][0], list(kept["logits"][1:]), str(kept["rows"])

    def _row(self, name: str, logits: Array, fold: int, answer: Answer) -> str:
        """Of the first view of training images, and of validation images as they are."""
        train, val = self._data.train, self._data.val
        right = logits[:, 0].argmax(1) == train.labels
        known = self._folds != fold
        unseen = f"{right[~known].mean():.3f}" if not known.all() else ""
        said = [
            answer(val.crops[first : first + TOGETHER])
            for first in range(0, len(val.labels), TOGETHER)
        ]
        of_val = (np.concatenate(said).argmax(1) == val.labels).mean()
        return f"| {name} | {known.sum()} | {right[known].mean():.3f} | {unseen} | {of_val:.3f} |"

    def student(self, way: str, seed: int) -> TrialRun:
        """One student, taught so."""
        options = self._options
        config = TrainConfig(
            epochs=options.epochs,
            views=options.views,
            seed=seed,
            sizes=str(options.student_side) if options.student_side else "",
            losses=SCHEMES["alone" if way == ALONE else "response"],
        )
        print(f"student of {way}, seed {seed} ...", file=sys.stderr, flush=True)
        views: ViewSource = self._views(seed)
        if way != ALONE:
            of_all, by_fold, _ = self.logits(seed)
            views = ToldViews(views, of_all if way == SEEN else out_of_fold(self._folds, by_fold))
        return train_short(
            lambda: Student(len(self._data.classes)),
            config,
            self._data,
            views,
            options.out / f"seed-{seed}" / way.replace(" ", "-"),
            policy=self._policy,
            name=way,
            teacher_widths=() if way == ALONE else (1,),
        )

    def _views(self, seed: int) -> CachedViews:
        train, where = self._data.train, self._options.out / "cache"
        made = CachedViews(
            where,
            train.crops,
            train.labels,
            self._options.views,
            limit=CACHE_LIMIT,
            policy=self._policy,
            seed=seed,
        )
        for _ in made.fill():
            pass
        return made


def student_table(runs: dict[str, list[TrialRun]], data: DataSet) -> str:
    """Mean and standard deviation over seeds, and the ways compared in pairs."""
    lines = ["| taught by | accuracy | macro-F1 | minutes |", "|---|---|---|---|"]
    for way, made in runs.items():
        accuracy = spread_of([run.accuracy for run in made])
        f1 = spread_of([run.macro_f1 for run in made])
        minutes = np.mean([run.minutes for run in made])
        lines.append(f"| {way} | {accuracy} | {f1} | {minutes:.1f} |")
    val = data.val
    for better, against in ((UNSEEN, SEEN), (SEEN, ALONE), (UNSEEN, ALONE)):
        first, second = (
            [np.array(run.predicted) for run in runs[way]] for way in (against, better)
        )
        found = compare_over_seeds(val.labels, first, second, val.groups, len(data.classes), seed=0)
        low, high = found.difference.low, found.difference.high
        lines.append(
            f"\n{better} against {against}: macro-F1 {found.difference.value:+.3f} ({low:+.3f} to"
            f" {high:+.3f}), chance {found.chance:.2f}."
        )
    return "\n".join(lines)


def main() -> None:
    """Teachers, then students, seed by seed; tables after each seed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--backbone", default="efficientnet_lite0")
    parser.add_argument("--frozen", action="store_true", help="linear teachers on a frozen one")
    parser.add_argument("--side", type=int, default=112, help="px of views and teachers")
    parser.add_argument("--student-side", type=int, default=0, help="px; 0: as its teachers")
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--teacher-epochs", type=int, default=4)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--views", type=int, default=6)
    parser.add_argument("--seeds", type=int, default=2)
    options = parser.parse_args()
    data = validation_data(options.data, options.side)
    trial = Trial(data, options)
    runs: dict[str, list[TrialRun]] = {ALONE: [], SEEN: [], UNSEEN: []}
    for seed in range(options.seeds):
        print("| teacher | images seen | right of these | right of its fold | of validation |")
        print(f"|---|---|---|---|---|\n{trial.logits(seed)[2]}\n", flush=True)
        for way, made in runs.items():
            made.append(trial.student(way, seed))
        print(f"{student_table(runs, data)}\n", flush=True)


if __name__ == "__main__":
    main()
