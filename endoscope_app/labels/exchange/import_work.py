"""An import up to its plan, as it runs in the background: the file read, and compared. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from endoscope_app.base.errors import AppError
from endoscope_app.labels.exchange import format_detection, import_wording
from endoscope_app.labels.exchange.document import ExchangeClass, FormatName
from endoscope_app.labels.exchange.import_plan import ImportPlan, plan_import
from endoscope_app.labels.exchange.library_matching import class_finder
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Procedure
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

            def pts_of(fingerprint: str, index: int) -> int | None:
                if should_stop():
                    raise AppError(import_wording.IMPORT_STOPPED)
                return recordings.pts(fingerprint, index)

            def is_kept(content: str) -> bool:
                return kept.path(content).exists()

            find = class_finder(store.read)
            document = format_detection.read(
                self.file, lambda text: find(ExchangeClass(text)) is not None
            )
            return plan_import(store.read, document, pts_of, is_kept, self.opened), name
