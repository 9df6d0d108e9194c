"""One run from data to a folder: views and teachers' logits, training, the finished model."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence

import msgspec
import torch

from kd_core.artifacts.quick_teacher import QuickTeacherViews
from kd_core.artifacts.seen_contents import digest_of, shortened
from kd_core.artifacts.teacher_folder import LoadedTeacher
from kd_core.data.image_files import content_of
from kd_core.data.labelled import DataSet
from kd_core.data.mask_bank import bank_of
from kd_core.data.teacher_cache import CachedViews
from kd_core.data.view_policy import ViewPolicy, is_usual, policy_for
from kd_core.data.views import MadeViews, ViewSource
from kd_core.models.reused_head import TeacherHead
from kd_core.models.teacher import FrozenTeacher
from kd_core.platform.hardware import hardware_words
from kd_core.platform.provenance import git_commit, package_versions
from kd_core.schema.config import TrainConfig
from kd_core.schema.errors import DataError
from kd_core.schema.events import EpochEnded, PartStarted, RunEnded, RunEvent, RunProgress
from kd_core.schema.model_card import ModelCard
from kd_core.schema.model_origin import Provenance, TrainingNotes
from kd_core.schema.run_files import STATE_NAME
from kd_core.schemes.grouped import GroupedScheme
from kd_core.schemes.scheme import Scheme
from kd_core.training.attention import taught_by
from kd_core.training.batches import AskTeachers
from kd_core.training.history import keep_epoch
from kd_core.training.process_group import ProcessGroup, SingleProcess
from kd_core.training.recipe import Recipe
from kd_core.training.resume import Resumable, run_fingerprint
from kd_core.training.trainer import Trainer
from kd_core.training.workspace import Workspace

OnEvent = Callable[[RunEvent], object]
ShouldStop = Callable[[], bool]


class TrainingRun:
    """Trains what ``recipe`` makes.

    ``takes_over``: a state of other settings in the folder is replaced, and the state stays when
    the run has ended, for the caller to delete once the result is safe.
    """

    def __init__(
        self,
        recipe: Recipe,
        config: TrainConfig,
        data: DataSet,
        workspace: Workspace,
        teachers: Sequence[LoadedTeacher] = (),
        *,
        policy: ViewPolicy | None = None,
        takes_over: bool = False,
    ) -> None:
        """``policy``: how views are made, the usual way by default.

        Raises DataError where a teacher was trained on images that are held out here.
        """
        self._recipe, self._config, self._data = recipe, config, data
        self._workspace, self._teachers, self._takes_over = workspace, teachers, takes_over
        crops = data.train.crops
        masks = bank_of(crops).joined(recipe.replay.masks if recipe.replay else None)
        self._policy = policy or policy_for(crops.shape[1], masks)
        self._answer = QuickTeacherViews()
        self.card: ModelCard | None = None
        self.stopped = False
        _refuse_seen(data, teachers)

    def execute(
        self,
        on_event: OnEvent = lambda event: None,
        should_stop: ShouldStop = lambda: False,
        group: ProcessGroup | None = None,
    ) -> RunEnded:
        """Do the work; the last event is returned too.

        A stopped run keeps the best so far, where there is any. Raises DataError and ModelError.
        """
        ended = self._executed(on_event, should_stop, group or SingleProcess())
        on_event(ended)
        return ended

    def _executed(
        self, on_event: OnEvent, should_stop: ShouldStop, group: ProcessGroup
    ) -> RunEnded:
        config, data, recipe = self._config, self._data, self._recipe
        frozen = self._asked_teachers()
        torch.manual_seed(config.seed)
        widths = [teacher.last_width for teacher in frozen]
        earlier = [teacher.earlier_width for teacher in frozen if config.depths == 2]
        heads = [teacher.head() for teacher in frozen] if config.head == "reused" else []
        scheme = self._scheme(widths, earlier, heads)
        resumable = Resumable(self._workspace.out / STATE_NAME, self._fingerprint(frozen))
        self._refuse_other_state(resumable)
        kept = frozen and not config.mixup
        on_event(PartStarted("computing the teachers' logits" if kept else "making views"))
        # Of mixed images no answer can be kept: teachers are asked in each step.
        asked = [] if config.mixup else frozen
        views = self._views(asked, on_event, should_stop if group.first else lambda: True)
        # The first has filled the cache: on a common disk the others find it filled
        group.agree(False)
        trainer = Trainer(
            scheme,
            data.classes,
            views,
            recipe.validation,
            outliers=recipe.outliers,
            replay=recipe.replay,
            device=self._workspace.device,
            resumable=resumable,
            group=group,
            ask=self._ask(frozen),
            strong_views=is_usual(self._policy),
            head_labels=data.train.head_labels if data.heads else None,
        )
        on_event(PartStarted("training"))
        trainer.train(self._keeping(on_event) if group.first else on_event, should_stop)
        self.stopped = trainer.stopped
        if trainer.best_epoch == 0:
            return RunEnded("stopped", "Stopped before the first epoch was done; nothing was kept.")
        if not group.first:
            return RunEnded("finished", "")
        scheme.learner.load_state_dict(trainer.best)
        notes = self._notes(trainer, views, frozen)
        self.card, results = recipe.finish(scheme.learner.cpu(), notes)
        # One that was stopped can be resumed by the same command
        if not self.stopped and not self._takes_over:
            resumable.path.unlink(missing_ok=True)
        part, row = list(results.items())[-1]
        return RunEnded(
            "stopped" if self.stopped else "finished",
            f"Model {self.card.version}: accuracy {row.accuracy:.3f}, macro-F1"
            f" {row.macro_f1:.3f} on {row.n} {part.removesuffix(' procedures')} images.",
            str(self._workspace.out),
        )

    def _scheme(
        self, widths: Sequence[int], earlier: Sequence[int], heads: Sequence[TeacherHead]
    ) -> Scheme:
        config, data, recipe = self._config, self._data, self._recipe
        learner = recipe.learner()
        if not data.heads:
            return Scheme(learner, config, widths, recipe.untaught(), earlier, heads)
        return GroupedScheme(
            learner, config, data.heads, data.classes, widths, recipe.untaught(), earlier
        )

    def _asked_teachers(self) -> list[FrozenTeacher]:
        """On the device, with an earlier map where a fusion reads one."""
        teachers = [loaded.teacher for loaded in self._teachers]
        if self._config.depths == 2:
            teachers = [teacher.with_earlier() for teacher in teachers]
        return [teacher.to(self._workspace.device) for teacher in teachers]

    def _keeping(self, on_event: OnEvent) -> OnEvent:
        """What keeps each epoch's line beside the state, and tells it."""

        def keep_and_tell(event: RunEvent) -> None:
            if isinstance(event, EpochEnded):
                keep_epoch(self._workspace.out, event)
            on_event(event)

        return keep_and_tell

    def _provenance(self, trainer: Trainer) -> Provenance:
        return Provenance(
            commit=git_commit(),
            packages=package_versions(),
            python=platform.python_version(),
            precision=trainer.precision,
            threads=torch.get_num_threads(),
            command=self._workspace.command,
            data=digest_of([content_of(crop) for crop in self._data.train.crops]),
        )

    def _refuse_other_state(self, resumable: Resumable) -> None:
        path = resumable.path
        if not self._takes_over and path.is_file() and resumable.read() is None:
            raise DataError(
                f"{path.parent} holds an unfinished run with other settings or data.",
                f"Use those again to resume it, choose another --out, or delete {path.name} there"
                " to start anew.",
            )

    def _views(
        self, frozen: list[FrozenTeacher], on_event: OnEvent, should_stop: ShouldStop
    ) -> ViewSource:
        train, config, where = self._data.train, self._config, self._workspace
        if where.cache is None:
            return MadeViews(
                train.crops,
                train.labels,
                config.views,
                frozen,
                where.device,
                self._policy,
                config.seed,
            )
        cached = CachedViews(
            where.cache,
            train.crops,
            train.labels,
            config.views,
            frozen,
            where.cache_limit,
            self._policy,
            self._answer,
            config.seed,
        )
        begun = time.monotonic()
        for done, total in cached.fill(should_stop):
            if done % 20 == 0 or done == total:
                seconds_left = (time.monotonic() - begun) / done * (total - done)
                on_event(RunProgress(done, total, seconds_left))
        return cached

    def _ask(self, frozen: list[FrozenTeacher]) -> AskTeachers:
        device = self._workspace.device
        return lambda crops: [self._answer(teacher, crops.to(device)) for teacher in frozen]

    def _fingerprint(self, frozen: list[FrozenTeacher]) -> str:
        train, val = self._data.train, self._data.val
        said = [labels for labels in (train.head_labels, val.head_labels) if labels is not None]
        heads = [str(head.stored) for head in self._data.heads]
        return run_fingerprint(
            self._config,
            self._policy,
            (train.crops, train.labels, val.crops, val.labels, *said),
            (self._recipe.identity, *heads, *(teacher.fingerprint for teacher in frozen)),
        )

    def _notes(
        self, trainer: Trainer, views: ViewSource, frozen: list[FrozenTeacher]
    ) -> TrainingNotes:
        """What the card says of the training."""
        scheme, device = trainer.scheme, self._workspace.device
        cards = [loaded.card for loaded in self._teachers]
        return TrainingNotes(
            scheme=f"{self._recipe.description(scheme)}; our reading of arXiv 2308.08731",
            config=msgspec.to_builtins(self._config),
            teachers=tuple(taught_by(cards, scheme, views, self._ask(frozen), device)),
            parameters=scheme.parameter_counts(),
            hardware=hardware_words(device),
            kept=self._recipe.kept,
            best_epoch=trainer.best_epoch,
            provenance=self._provenance(trainer),
            minutes=round(trainer.seconds / 60, 1),
        )


def _refuse_seen(data: DataSet, teachers: Sequence[LoadedTeacher]) -> None:
    """Raises DataError for a teacher that was trained on an image held out here.

    It has told its student about it: scores would be worth nothing.
    """
    held_out = {
        shortened(content_of(crop)) for part in (data.val, data.test) for crop in part.crops
    }
    for loaded in teachers:
        known = len(held_out & loaded.seen)
        if known:
            raise DataError(
                f"{known} images that are held out here were seen by the teacher {loaded.card.name}"
                " in training.",
                "Use the split that the teacher was trained with, or fine-tune a teacher on this"
                " one.",
            )
