"""The paper's table on any data set: teachers, the student alone, and each scheme, over seeds.

It resumes where it was stopped.

Every row of every seed is a run of its own in OUT/seed-N/ROW; its logits and scores are kept in
result.json and logits.npz, and a row whose result carries the fingerprint of today's settings and
data is not run again.
"""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from kd_core.artifacts.checkpoint import load_student, writing
from kd_core.artifacts.teacher_folder import LoadedTeacher, load_teacher
from kd_core.data.labelled import DataSet
from kd_core.models.backbones import IMAGENET
from kd_core.models.student import ARCHITECTURE, Student
from kd_core.models.teacher import Teacher
from kd_core.reproduction.rows import ALONE, Row, epochs_as_long
from kd_core.schema import old_keys
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.config import TrainConfig
from kd_core.schema.events import PartStarted, RunEvent
from kd_core.schema.json_text import JsonError, JsonObject, read_json
from kd_core.schema.model_card import read_card
from kd_core.schema.model_origin import ParameterCounts, TrainingNotes
from kd_core.schema.model_scores import PartScores
from kd_core.schema.run_files import STATE_NAME
from kd_core.training.calibrated import part_scores
from kd_core.training.recipe import Recipe
from kd_core.training.resume import fingerprint_of
from kd_core.training.run import TrainingRun
from kd_core.training.student_recipe import StudentRecipe
from kd_core.training.teacher_recipe import TeacherRecipe
from kd_core.training.validation import logits_of
from kd_core.training.workspace import Workspace
from kd_core.vision.predictor import softmax

RESULT, LOGITS = "result.json", "logits.npz"


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What one run of a row gave; ``scores`` by part of the data."""

    fingerprint: str
    version: str
    scores: dict[str, PartScores]
    parameters: ParameterCounts
    minutes: float
    training: TrainingNotes = TrainingNotes()

    @property
    def epochs(self) -> int:
        """That it was trained for at most; 0 where that was not kept."""
        said = self.training.config.get("epochs", 0)
        return said if isinstance(said, int) else 0


class Reproduction:
    """All rows over all seeds.

    ``execute`` works; ``results`` holds what is done, by row and seed. With ``open_test`` every
    finished model is asked about the test part, those of runs before too.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        seeds: Sequence[int],
        data: DataSet,
        place: Workspace,
        *,
        open_test: bool = False,
    ) -> None:
        self._open_test = open_test
        self.rows, self.seeds, self.data = rows, seeds, data
        self.results: dict[str, dict[int, Result]] = {row.name: {} for row in rows}
        self._place = place
        arrays = [
            array
            for part in (data.train, data.val, data.test)
            for array in (part.crops, part.labels, part.groups)
        ]
        self._data_digest = fingerprint_of(*arrays)

    def execute(
        self,
        on_event: Callable[[RunEvent], object] = lambda event: None,
        should_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        """Run what is not done yet, teachers first; a stop leaves the row at hand resumable."""
        for seed in self.seeds:
            for row in self.rows:
                if should_stop():
                    return
                epochs = self._epochs_as_long(row, seed) if row.as_long else row.config.epochs
                config = msgspec.structs.replace(row.config, seed=seed, epochs=epochs)
                fingerprint = self._fingerprint(row, config)
                done = self._read(row, seed)
                if done is None or done.fingerprint != fingerprint:
                    on_event(PartStarted(f"{row.name}, seed {seed}"))
                    done = self._run(row, config, fingerprint, on_event, should_stop)
                if done is None:
                    return
                if self._open_test and len(self.data.test.labels):
                    done = self._opened(row, seed, done)
                self.results[row.name][seed] = done

    def folder(self, row: Row, seed: int) -> Path:
        """Where a row's run of one seed lies."""
        return self._place.out / f"seed-{seed}" / row.folder

    def logits(self, name: str, seed: int) -> NDArray[np.float32]:
        """(N, C) on the test part."""
        row = next(row for row in self.rows if row.name == name)
        with np.load(self.folder(row, seed) / LOGITS) as file:
            logits: NDArray[np.float32] = file["test"]
        return logits

    def _run(
        self,
        row: Row,
        config: TrainConfig,
        fingerprint: str,
        on_event: Callable[[RunEvent], object],
        should_stop: Callable[[], bool],
    ) -> Result | None:
        out = self.folder(row, config.seed)
        data = self.data
        if row.searched and not row.backbone:  # whoever chooses must not see the test part
            data = dataclasses.replace(data, test=data.test.first(0))
        recipe: Recipe = (
            TeacherRecipe(
                config, data, out, partial(Teacher, row.backbone), row.backbone, weights=IMAGENET
            )
            if row.backbone
            else StudentRecipe(config, data, out, Student, ARCHITECTURE, name=row.name)
        )
        teachers = self._teachers(config.seed) if row.taught else []
        place = dataclasses.replace(self._place, out=out)
        run = TrainingRun(recipe, config, data, place, teachers, takes_over=True)
        run.execute(on_event, should_stop)
        if run.card is None or run.stopped:
            return None
        training = run.card.training
        result = Result(
            fingerprint=fingerprint,
            version=run.card.version,
            scores=run.card.scores,
            parameters=training.parameters,
            minutes=training.minutes,
            training=training,
        )
        with writing(out):
            write_atomically(out / RESULT, msgspec.json.encode(result))
        # Only now: a kill before would have cost the whole run
        (out / STATE_NAME).unlink(missing_ok=True)
        return result

    def _opened(self, row: Row, seed: int, done: Result) -> Result:
        """``done`` with scores on the test part, whose logits are kept for comparisons."""
        out, test = self.folder(row, seed), self.data.test
        if "test" in done.scores and (out / LOGITS).is_file():
            return done
        learner = (
            load_teacher(out, self.data.classes).teacher if row.backbone else load_student(out)[0]
        )
        card, logits = read_card(out), logits_of(learner, test.crops)
        content = io.BytesIO()
        np.savez(content, test=logits)
        levels = np.array([card.threshold(name) for name in card.classes])
        probabilities = softmax(logits / np.float32(card.temperature))
        scored = part_scores(probabilities, test.labels, levels, card.classes)
        opened = msgspec.structs.replace(done, scores={**done.scores, "test": scored})
        with writing(out):
            write_atomically(out / LOGITS, content.getvalue())
            write_atomically(out / RESULT, msgspec.json.encode(opened))
        return opened

    def _teachers(self, seed: int) -> list[LoadedTeacher]:
        return [
            load_teacher(self.folder(row, seed), self.data.classes)
            for row in self.rows
            if row.backbone
        ]

    def _epochs_as_long(self, row: Row, seed: int) -> int:
        """A run that is done keeps its number: one that is repeated takes a little more or less."""
        done = self._read(row, seed)
        if done is not None and done.epochs >= row.config.epochs:
            return done.epochs
        taught = [self.results[other.name][seed].minutes for other in self.rows if other.taught]
        return epochs_as_long(row.config.epochs, self.results[ALONE][seed].minutes, taught)

    def _read(self, row: Row, seed: int) -> Result | None:
        try:
            plain = read_json(self.folder(row, seed) / RESULT, JsonObject)
            return msgspec.convert(old_keys.result(plain), Result)
        except (OSError, JsonError, msgspec.ValidationError):
            return None

    def _fingerprint(self, row: Row, config: TrainConfig) -> str:
        taught_by = (
            [self.results[other.name][config.seed].version for other in self.rows if other.backbone]
            if row.taught
            else []
        )
        if (
            row.as_long
        ):  # its epochs are those of the result itself: what they hang on is named here
            taught_by = [f"as long as {row.config.epochs} epochs"]
        return fingerprint_of(config, row.backbone, self._data_digest, *taught_by)
