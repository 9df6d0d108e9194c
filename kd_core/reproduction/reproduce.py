"""The paper's table on any data set: teachers, the student alone, and each scheme, over seeds.

It resumes where it was stopped.

Every row of every seed is a run of its own in OUT/seed-N/ROW; its logits and scores are kept in
result.json and logits.npz, and a row whose result carries the fingerprint of today's settings and
data is not run again.
"""

from __future__ import annotations

import dataclasses
import io
import shutil
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from zipfile import BadZipFile

import msgspec
import numpy as np
from numpy.typing import NDArray

from kd_core.artifacts.checkpoint import load_student, writing
from kd_core.artifacts.teacher_folder import LoadedTeacher, load_teacher
from kd_core.data.labelled import DataSet, Part
from kd_core.models.backbones import IMAGENET
from kd_core.models.student import ARCHITECTURE, Student
from kd_core.models.teacher import Teacher
from kd_core.reproduction.rows import ALONE, Row, epochs_as_long
from kd_core.schema import old_keys
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.config import TrainConfig
from kd_core.schema.events import PartStarted, RunEvent
from kd_core.schema.json_text import JsonError, JsonObject, read_json
from kd_core.schema.model_card import ModelCard, read_card
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
from kd_core.vision.head_probabilities import softmax

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
    finished model is asked about the test part, those of runs before too, and compared on it;
    without, on the validation part.
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
                if len(self.compared.labels):
                    done = self._asked(row, seed, done)
                self.results[row.name][seed] = done

    @property
    def compared_part(self) -> str:
        """The part of the data that models are compared on, by the name that scores have."""
        return "test" if self._open_test else "validation"

    @property
    def compared(self) -> Part:
        """The same: its images."""
        return self.data.test if self._open_test else self.data.val

    def folder(self, row: Row, seed: int) -> Path:
        """Where a row's run of one seed lies."""
        return self._place.out / f"seed-{seed}" / row.folder

    def logits(self, name: str, seed: int) -> NDArray[np.float32]:
        """(N, C) on the part that models are compared on."""
        row = next(row for row in self.rows if row.name == name)
        return self._kept_logits(row, seed)[self.compared_part]

    def _kept_logits(self, row: Row, seed: int) -> dict[str, NDArray[np.float32]]:
        """By part; empty where none were kept yet, or what was kept cannot be read."""
        try:
            with np.load(self.folder(row, seed) / LOGITS) as file:
                return {part: file[part] for part in file.files}
        except (OSError, ValueError, BadZipFile):
            return {}

    def _run(
        self,
        row: Row,
        config: TrainConfig,
        fingerprint: str,
        on_event: Callable[[RunEvent], object],
        should_stop: Callable[[], bool],
    ) -> Result | None:
        out = self.folder(row, config.seed)
        if row.trained is not None:
            return self._copied(row.trained, out, fingerprint)
        data = self.data
        if row.searched:  # whoever chooses must not see the test part
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
        result = self._noted(run.card, out, fingerprint)
        # Only now: a kill before would have cost the whole run
        (out / STATE_NAME).unlink(missing_ok=True)
        return result

    def _copied(self, trained: Path, out: Path, fingerprint: str) -> Result:
        """A teacher that was trained before: what the table was made with stays with the table."""
        load_teacher(trained, self.data.classes)
        with writing(out):
            shutil.copytree(trained, out, dirs_exist_ok=True)
        return self._noted(read_card(out), out, fingerprint)

    @staticmethod
    def _noted(card: ModelCard, out: Path, fingerprint: str) -> Result:
        result = Result(
            fingerprint=fingerprint,
            version=card.version,
            # what the test part gave elsewhere is not this table's to tell
            scores={part: scores for part, scores in card.scores.items() if part != "test"},
            parameters=card.training.parameters,
            minutes=card.training.minutes,
            training=card.training,
        )
        with writing(out):
            # Those of a run with other settings
            (out / LOGITS).unlink(missing_ok=True)
            write_atomically(out / RESULT, msgspec.json.encode(result))
        return result

    def _asked(self, row: Row, seed: int, done: Result) -> Result:
        """``done`` with scores on the part that models are compared on, and its logits kept."""
        out, name, part = self.folder(row, seed), self.compared_part, self.compared
        kept = self._kept_logits(row, seed)
        if name in done.scores and name in kept:
            return done
        learner = (
            load_teacher(out, self.data.classes).teacher if row.is_teacher else load_student(out)[0]
        )
        card, logits = read_card(out), logits_of(learner, part.crops)
        content = io.BytesIO()
        kept[name] = logits
        np.savez(content, allow_pickle=False, **kept)
        levels = np.array([card.threshold(each) for each in card.classes])
        probabilities = softmax(logits / np.float32(card.temperature))
        scored = part_scores(probabilities, part.labels, levels, card.classes)
        asked = msgspec.structs.replace(done, scores={**done.scores, name: scored})
        with writing(out):
            write_atomically(out / LOGITS, content.getvalue())
            write_atomically(out / RESULT, msgspec.json.encode(asked))
        return asked

    def _teachers(self, seed: int) -> list[LoadedTeacher]:
        return [
            load_teacher(self.folder(row, seed), self.data.classes)
            for row in self.rows
            if row.is_teacher
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
            [
                self.results[other.name][config.seed].version
                for other in self.rows
                if other.is_teacher
            ]
            if row.taught
            else []
        )
        if (
            row.as_long
        ):  # its epochs are those of the result itself: what they hang on is named here
            taught_by = [f"as long as {row.config.epochs} epochs"]
        if row.trained is not None:
            taught_by = [read_card(row.trained).version]
        return fingerprint_of(config, row.backbone, self._data_digest, *taught_by)
