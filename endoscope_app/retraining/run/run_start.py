"""The start of a run: what was chosen and counted becomes a folder with a record and its sides.

A run that was interrupted is resumed from its folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import msgspec

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange.training_selection import TrainingSelection
from endoscope_app.retraining.plan import checking_set
from endoscope_app.retraining.plan.learning_plan import LearningPlan
from endoscope_app.retraining.plan.library_tally import LibraryTally
from endoscope_app.retraining.plan.plan_making import sides_of
from endoscope_app.retraining.plan.training_choice import TrainingChoice
from endoscope_app.retraining.plan.training_cost import work
from endoscope_app.retraining.run import interrupted_run as interrupted
from endoscope_app.retraining.run import wording
from endoscope_app.retraining.run.interrupted_run import InterruptedRun
from endoscope_app.retraining.run.run_flow import RunFlow
from endoscope_app.retraining.run.training_process import TrainingProcess
from endoscope_app.retraining.run.training_run import Run
from endoscope_app.retraining.run_folders import RunFolders, RunRecord, Setting
from endoscope_app.retraining.starting_point import StartingModel
from kd_core.schema.json_text import decode_json
from kd_core.schema.run_files import SIDES_NAME

Launched = Callable[[], None]


class RunStart:
    """Starts and resumes runs; errors are AppError.

    Nothing that all runs share is written here: what a run decides is in its folder until it has
    learnt.
    """

    def __init__(
        self,
        process: TrainingProcess,
        running: RunFlow,
        runs: RunFolders,
        deinterlace: Callable[[], bool],
    ) -> None:
        self._process, self._running, self._runs = process, running, runs
        self._deinterlace = deinterlace

    def start(
        self,
        choice: TrainingChoice,
        model: StartingModel,
        tally: LibraryTally,
        plan: LearningPlan,
        launched: Launched,
    ) -> None:
        """Start this run, or resume the one that asked for the same and was interrupted.

        ``launched`` is called before it does anything.
        """
        if plan.refusals:
            raise AppError(plan.refusals[0])
        left = interrupted.unfinished(self._runs)
        sides = sides_of(tally, model, self._runs, choice.held_out)
        names = {procedure.fingerprint: procedure.name for procedure in tally.procedures}
        record = _record(choice, model, tally, plan)
        with self.claimed():
            if left is not None and left.record.same_work(record) and left.sides() == sides:
                run = Run(left.folder, left.record, choice, model.folder, whole=False)
                self._launch(run, tally.selection, names, launched)
                return
            if left is not None:
                interrupted.give_up(self._runs, left.folder)
            folder = self._runs.new(record)
            checking_set.write(folder / SIDES_NAME, sides)
            run = Run(folder, self._runs.record(folder) or record, choice, model.folder)
            self._launch(run, tally.selection, names, launched)

    def resumable(self, model: StartingModel) -> InterruptedRun:
        """The run that was interrupted.

        AppError where there is none, or it began from another model.
        """
        left = interrupted.unfinished(self._runs)
        if left is None:
            raise AppError(wording.NOTHING_TO_RESUME)
        if not left.fits(model.version):
            raise AppError(wording.other_base(left.record.base))
        return left

    def resume(
        self,
        left: InterruptedRun,
        model: StartingModel,
        tally: LibraryTally | None,
        names: Mapping[str, str],
        launched: Launched,
    ) -> None:
        """``tally``: the labels as they are now, None where the run has exported its own.

        ``names``: fingerprint of each procedure to what the reader calls it.
        """
        record, sides_path = left.record, left.folder / SIDES_NAME
        with self.claimed():
            if tally is not None:
                sampling = tally.selection.sampling
                record = msgspec.structs.replace(
                    record,
                    labels=tally.label_ids,
                    range_step=sampling.step,
                    thin_ranges=sampling.thin,
                )
                self._runs.write(left.folder, record)
                sides = sides_of(tally, model, self._runs, left.choice.held_out)
                checking_set.write(sides_path, sides)
            elif left.sides() is None:
                # begun by an earlier version, which had written them for all runs
                checking_set.write(sides_path, checking_set.read(self._runs.held_out))
            run = Run(left.folder, record, left.choice, model.folder, whole=False)
            self._launch(run, None if tally is None else tally.selection, names, launched)

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Every other window is kept out until the run that is started here has ended.

        Or at once, where it could not be started.
        """
        self._process.claim(self._runs.root)
        try:
            yield
        except AppError:
            self._process.let_go()
            raise

    def _launch(
        self,
        run: Run,
        selection: TrainingSelection | None,
        names: Mapping[str, str],
        launched: Launched,
    ) -> None:
        launched()
        self._running.begin(run, selection, names, deinterlace=self._deinterlace())


def _record(
    choice: TrainingChoice, model: StartingModel, tally: LibraryTally, plan: LearningPlan
) -> RunRecord:
    # As the record will be read
    settings = decode_json(msgspec.json.encode(choice), dict[str, Setting])
    learnt = plan.learnt + plan.none_of_these[0]
    amount = work(learnt, len(choice.teachers), thorough=choice.thorough, epochs=choice.epochs)
    sampling = tally.selection.sampling
    return RunRecord(
        model.version,
        settings,
        tally.label_ids,
        fixed_work=amount.fixed,
        training_work=amount.training,
        frames=plan.frames,
        range_step=sampling.step,
        thin_ranges=sampling.thin,
    )
