"""One retraining, from the student in use to a new model in a folder.

It learns from the reader's frames and a replay of what was known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from kd_core.artifacts.checkpoint import writing
from kd_core.artifacts.replay import Replay
from kd_core.artifacts.teacher_folder import LoadedTeacher
from kd_core.data.mask_bank import bank_of
from kd_core.data.view_policy import policy_for
from kd_core.retraining.grouped_recipe import GroupedRetrainingRecipe
from kd_core.retraining.held_back import held_back
from kd_core.retraining.reader_data import ReaderData
from kd_core.retraining.recipe import Base, RetrainingRecipe, Sides
from kd_core.retraining.unlabelled import Moment, unlabelled_frames
from kd_core.schema.config import TrainConfig
from kd_core.schema.events import PartStarted, RunEnded, RunEvent, RunStarted
from kd_core.schema.held_out import write_held_out
from kd_core.schema.run_files import SIDES_NAME
from kd_core.training.process_group import ProcessGroup
from kd_core.training.run import TrainingRun
from kd_core.training.workspace import Workspace

HOLDING_BACK = "holding frames of new classes back"
ASKING = "asking the teachers about unlabelled frames"


class RetrainingRun:
    """A TrainingRun of a RetrainingRecipe, and what is asked before it and kept beside it."""

    def __init__(
        self,
        config: TrainConfig,
        data: ReaderData,
        workspace: Workspace,
        teachers: Sequence[LoadedTeacher],
        base: Base,
        replay: Replay,
        sides: Sides,
        name: str,
        moments: Sequence[Moment] = (),
    ) -> None:
        """``moments``: unlabelled frames with their neighbours. Raises DataError as TrainingRun."""
        self._moments, self._teachers = moments, teachers
        self._config, self._data, self._workspace = config, data, workspace
        self._base, self._sides = base, sides
        make = GroupedRetrainingRecipe if data.heads else RetrainingRecipe
        self._recipe = make(config, data, workspace.out, teachers, base, replay, sides, name)
        self._replay = self._recipe.replay
        self._run = TrainingRun(self._recipe, config, data, workspace, teachers)

    def execute(
        self,
        on_event: Callable[[RunEvent], object] = lambda event: None,
        should_stop: Callable[[], bool] = lambda: False,
        group: ProcessGroup | None = None,
    ) -> RunEnded:
        """As TrainingRun.

        The run's sides are kept in the folder too.
        """
        self._ask_teachers(on_event, should_stop)
        if group is not None and not group.first:
            return self._run.execute(on_event, should_stop, group)
        self._hold_back(on_event, should_stop)

        def keep_and_tell(event: RunEvent) -> None:
            if isinstance(event, RunStarted):
                with writing(self._workspace.out):
                    write_held_out(self._workspace.out / SIDES_NAME, self._sides.chosen)
            on_event(event)

        return self._run.execute(keep_and_tell, should_stop, group)

    def _ask_teachers(
        self, on_event: Callable[[RunEvent], object], should_stop: Callable[[], bool]
    ) -> None:
        """About unlabelled frames: those that they agree on are learnt besides."""
        if not self._moments:
            return
        on_event(PartStarted(ASKING))
        masks = bank_of(self._data.train.crops).joined(self._replay.masks)
        frozen = [loaded.teacher for loaded in self._teachers]
        size = self._data.train.crops.shape[1]
        self._recipe.learn_besides(
            unlabelled_frames(
                self._moments, self._base.student, frozen, policy_for(size, masks), should_stop
            )
        )

    def _hold_back(
        self, on_event: Callable[[RunEvent], object], should_stop: Callable[[], bool]
    ) -> None:
        """Ask what can be said of frames of classes that the replay set does not show."""
        places = self._recipe.unsettled()
        if places:
            on_event(PartStarted(HOLDING_BACK))
        for place in places:
            frames = held_back(
                self._base.student,
                self._data.train,
                np.array(self._data.train_units, np.str_),
                len(self._data.classes),
                self._replay,
                self._config,
                place,
                should_stop,
                self._recipe.within(place),
            )
            if frames is not None:
                self._recipe.held_back[place] = frames
