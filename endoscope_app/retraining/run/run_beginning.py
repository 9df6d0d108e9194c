"""The beginning of a run: what was chosen and counted becomes a folder with a record and its
sides, and one that was torn away resumes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange.training_selection import TrainingSelection
from endoscope_app.retraining.plan import held_out_sides as sides
from endoscope_app.retraining.plan.learning_plan import LearningPlan
from endoscope_app.retraining.plan.plan_making import Active, Means, sides_of
from endoscope_app.retraining.plan.training_choice import TrainingChoice
from endoscope_app.retraining.plan.training_cost import work
from endoscope_app.retraining.plan.training_tally import Tally
from endoscope_app.retraining.run import interrupted_run as interrupted
from endoscope_app.retraining.run.interrupted_run import Interrupted
from endoscope_app.retraining.run.run_flow import Run, Running, give_up
from endoscope_app.retraining.run.run_folders import RunFolders, RunRecord
from endoscope_app.retraining.run.training_process import TrainingProcess
from kd_core.schema.held_out import HeldOut
from kd_core.schema.json_text import decode_json
from kd_core.schema.run_files import SIDES_NAME

NOTHING_LEFT = "There is nothing to resume any more."
Launched = Callable[[], None]


class Beginning:
    """Nothing that all runs share is written here: what a run decides is in its folder until it
    has learnt. Errors are AppError.
    """

    def __init__(
        self,
        process: TrainingProcess,
        running: Running,
        runs: RunFolders,
        means: Means,
        deinterlace: Callable[[], bool],
    ) -> None:
        self._process, self._running, self._runs, self._means = process, running, runs, means
        self._deinterlace = deinterlace

    def begin(
        self,
        choice: TrainingChoice,
        active: Active,
        tally: Tally,
        plan: LearningPlan,
        launched: Launched,
    ) -> None:
        """Begin this run, or resume the one that asked for the same and was torn away.

        ``launched`` is called before it does anything.
        """
        if plan.refusals:
            raise AppError(plan.refusals[0])
        left, chosen = (
            interrupted.unfinished(self._runs),
            sides_of(tally, active, self._runs, choice.held_out),
        )
        names = {one.fingerprint: one.name for one in tally.procedures}
        record = self._record(choice, active, tally, plan)
        with self.claimed():
            if left is not None and left.record.same_work(record) and _sides_of_run(left) == chosen:
                self._launch(
                    Run(left.folder, left.record, choice, active.folder, whole=False),
                    tally.selection,
                    names,
                    launched,
                )
                return
            if left is not None:
                give_up(self._runs, left.folder)
            folder = self._runs.new(record)
            sides.write(folder / SIDES_NAME, chosen)
            run = Run(folder, self._runs.record(folder) or record, choice, active.folder)
            self._launch(run, tally.selection, names, launched)

    def resumable(self, active: Active) -> Interrupted:
        """The run that was torn away.

        AppError where there is none, or it began from another model.
        """
        left = interrupted.unfinished(self._runs)
        if left is None:
            raise AppError(NOTHING_LEFT)
        if not left.fits(active.version):
            raise AppError(interrupted.OTHER_BASE.format(base=left.record.base))
        return left

    def resume(
        self,
        left: Interrupted,
        active: Active,
        tally: Tally | None,
        names: Mapping[str, str],
        launched: Launched,
    ) -> None:
        """``tally``: the labels as they are now, None where the run has exported its own."""
        record = left.record
        with self.claimed():
            if tally is not None:
                sampling = tally.selection.sampling
                record = msgspec.structs.replace(
                    record, labels=tally.words, range_step=sampling.step, thin_ranges=sampling.thin
                )
                self._runs.write(left.folder, record)
                sides.write(
                    left.folder / SIDES_NAME,
                    sides_of(tally, active, self._runs, left.choice.held_out),
                )
            elif (
                _sides_of_run(left) is None
            ):  # begun by an earlier version, which had written them for all runs
                sides.write(left.folder / SIDES_NAME, sides.read(self._runs.held_out))
            selection = None if tally is None else tally.selection
            self._launch(
                Run(left.folder, record, left.choice, active.folder, whole=False),
                selection,
                names,
                launched,
            )

    @contextmanager
    def claimed(self) -> Iterator[None]:
        """Every other window is kept out until the run that is begun here has ended, or at once
        where it could not be begun.
        """
        self._process.claim(self._runs.root)
        try:
            yield
        except AppError:
            self._process.let_go()
            raise

    def _record(
        self, choice: TrainingChoice, active: Active, tally: Tally, plan: LearningPlan
    ) -> RunRecord:
        # As the record will be read
        settings = decode_json(msgspec.json.encode(choice), dict[str, Any])
        learnt = plan.learnt + plan.none_of_these[0]
        amount = work(learnt, len(choice.teachers), thorough=choice.thorough, epochs=choice.epochs)
        sampling = tally.selection.sampling
        return RunRecord(
            active.version,
            settings,
            tally.words,
            fixed_work=amount.fixed,
            training_work=amount.training,
            frames=plan.frames,
            range_step=sampling.step,
            thin_ranges=sampling.thin,
        )

    def _launch(
        self,
        run: Run,
        selection: TrainingSelection | None,
        names: Mapping[str, str],
        launched: Launched,
    ) -> None:
        launched()
        self._running.begin(run, selection, names, deinterlace=self._deinterlace())


def _sides_of_run(left: Interrupted) -> HeldOut | None:
    """What a run had decided; None where that is missing or damaged."""
    path = left.folder / SIDES_NAME
    try:
        return sides.read(path) if path.is_file() else None
    except AppError:
        return None
