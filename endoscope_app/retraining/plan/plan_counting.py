"""The labels counted for a retraining in the background, once: the last count serves as long as
nothing was labelled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange.training_selection import RangeSampling
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.retraining.plan.training_tally import Tally, tally_library
from endoscope_app.retraining.run.run_folders import RunFolders

Then = Callable[[Tally], None]
Failed = Callable[[AppError], None]


@dataclass(frozen=True)
class _State:
    """What a count depends on: the library's last act, how ranges are sampled, the active
    model, and the models that are kept.
    """

    sequence: int
    sampling: RangeSampling
    version: str
    kept: tuple[tuple[str, str], ...]


class Counting(QObject):
    """``sampling``: how ranges are sampled now; ``kept``: version of every model of the reader
    to its parent's.
    """

    def __init__(
        self,
        library: Path,
        runs: RunFolders,
        sampling: Callable[[], RangeSampling],
        kept: Callable[[], Mapping[str, str]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._library, self._runs, self._sampling, self._kept = library, runs, sampling, kept
        self._tasks = Tasks(self)
        self._last: tuple[_State, Tally] | None = None
        self._waiting: list[tuple[_State, Then, Failed]] = []

    def count(self, store: LabelStore, version: str, then: Then, failed: Failed) -> None:
        """``then`` is called at once where nothing has changed since the last count, else when the
        background has counted.

        AppError where the library was closed.
        """
        state = _State(
            store.read.last_sequence(),
            self._sampling(),
            version,
            tuple(sorted(self._kept().items())),
        )
        if self._last is not None and self._last[0] == state:
            then(self._last[1])
            return
        self._waiting.append((state, then, failed))
        if len(self._waiting) == 1:
            self._begin(state)

    def forget(self) -> None:
        """Runs or held-out procedures are others now: count anew when asked next."""
        self._last = None

    def close(self) -> None:
        """Wait for what is under way and answer nobody any more (only while closing)."""
        self._tasks.close()

    def _begin(self, state: _State) -> None:
        def work() -> Tally:
            return tally_library(
                self._library, self._runs, state.sampling, state.version, dict(state.kept)
            )

        self._tasks.run(
            work,
            lambda made: self._on_counted(state, made),
            lambda error: self._on_failed(state, error),
        )

    def _on_counted(self, state: _State, made: Tally) -> None:
        self._last = state, made
        for _, then, _ in self._served(state):
            then(made)

    def _on_failed(self, state: _State, error: AppError) -> None:
        for _, _, failed in self._served(state):
            failed(error)

    def _served(self, state: _State) -> list[tuple[_State, Then, Failed]]:
        served = [one for one in self._waiting if one[0] == state]
        self._waiting = [one for one in self._waiting if one[0] != state]
        if self._waiting:
            self._begin(self._waiting[0][0])
        return served
