"""An import in the background: the file read and compared, many labels written. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange import format_detection, import_wording
from endoscope_app.labels.exchange.document import ExchangeClass, FormatName
from endoscope_app.labels.exchange.import_act import import_act
from endoscope_app.labels.exchange.import_choice import ImportChoice
from endoscope_app.labels.exchange.import_plan import ImportPlan, plan_import
from endoscope_app.labels.exchange.library_matching import class_finder
from endoscope_app.labels.library.acts_in_pieces import Progressed, Written, write_in_pieces
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Context, Procedure
from endoscope_app.labels.recordings import Recordings


@dataclass(frozen=True)
class ImportWork:
    """Which file to read for which library.

    ``opened``: the open procedure, if labels may be for it; ``stamps``: its frames' pts, by its
    fingerprint.
    """

    file: Path
    library: Path
    deinterlace: bool
    opened: Procedure | None
    stamps: Mapping[str, NDArray[np.int64]]

    def run(self, should_stop: Callable[[], bool]) -> tuple[ImportPlan, FormatName]:
        """The plan, and what the file was taken for. AppError where it cannot be read."""
        name = format_detection.detect(self.file)
        kept = FramePngs(self.library / "frames", 0)  # it only reads
        with (
            LabelStore(self.library) as store,
            Recordings(store.read, deinterlace=self.deinterlace, stamps=self.stamps) as recordings,
        ):

            def go_on() -> None:
                if should_stop():
                    raise AppError(import_wording.IMPORT_STOPPED)

            def pts_of(fingerprint: str, index: int) -> int | None:
                go_on()
                return recordings.pts(fingerprint, index)

            def is_kept(content: str) -> bool:
                return kept.path(content).exists()

            find = class_finder(store.read)
            document = format_detection.read(
                self.file, lambda text: find(ExchangeClass(text)) is not None, go_on
            )
            plan = plan_import(store.read, document, pts_of, is_kept, self.opened)
            plan.counts()  # the labels are gone through here, and not while the window waits
            return plan, name


@dataclass(frozen=True)
class LargeImport:
    """An import that is written in the background, into a library whose store rests meanwhile."""

    library: Path
    plan: ImportPlan
    choice: ImportChoice
    context: Context

    def run(self, progressed: Progressed, should_stop: Callable[[], bool]) -> Written:
        """Write it, or as much as is wanted. AppError where it cannot be written."""
        with LabelStore(self.library) as store:
            act = import_act(self.plan, self.choice, store)
        return write_in_pieces(
            self.library, act, self.context, datetime.now(UTC), progressed, should_stop
        )
