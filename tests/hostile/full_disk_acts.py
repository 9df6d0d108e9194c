"""What the program writes, each as an act on a data folder that the attack fills the disk of.

An act is begun while there is room (``open``), done on the full disk, and then what is there is
read anew (``state``), as the next start of the program would.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from endoscope_app.analysis.prediction_store import PredictionStore
from endoscope_app.base.errors import AppError
from endoscope_app.base.paths import DataDir
from endoscope_app.base.settings import Settings, read_settings, save_settings
from endoscope_app.labels.exchange.document import FormatName
from endoscope_app.labels.exchange.export_choice import ExportChoice
from endoscope_app.labels.exchange.export_work import ExportWork
from endoscope_app.labels.exchange.import_act import import_act
from endoscope_app.labels.exchange.import_plan import ImportPlan, plan_import
from endoscope_app.labels.exchange.import_work import LargeImport
from endoscope_app.labels.library import backups, edits, restoring
from endoscope_app.labels.library.acts_in_pieces import PIECE
from endoscope_app.labels.library.frame_pngs import FramePngs
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Context, FrameMoment
from endoscope_app.models.model_registry import ModelRegistry
from endoscope_app.report import saved_file
from endoscope_app.report.report_values import Signature
from endoscope_app.report.signed_reports import SignedReports
from endoscope_app.retraining.run_folders import RunFolders, RunRecord
from endoscope_app.viewing.recent import RecentFiles
from endoscope_app.worklist import inbox
from tests.endoscope_app.import_plans import document_of, frame_of
from tests.endoscope_app.label_library import PROCEDURE
from tests.endoscope_app.model_stage import A, make
from tests.hostile.folder_cases import FIXTURE
from tests.hostile.readers import SHIPPED

READER = Context("Dr. Example", "hidden")
FIRST, PROMOTED = "2026.11.30-0bcaa271", "2026.11.30-be7bd7af"
STAMP = datetime(2027, 1, 2, 3, 4, 5, tzinfo=UTC)
OLD, NEW = b"what was there " * 2000, b"what comes in its place " * 3000
SHA = "0123456789abcdef" * 4


@dataclass(frozen=True)
class Place:
    """A copy of the folder: ``data`` is the program's, ``out`` the reader's own."""

    root: Path

    @property
    def data(self) -> DataDir:
        """As the program names its parts."""
        return DataDir.named(str(self.root / "data"))

    @property
    def out(self) -> Path:
        """Where the reader exports to."""
        return self.root / "out"


def fingerprint(store: LabelStore) -> str:
    """Of the first procedure there."""
    return store.read.procedures()[0].fingerprint


@contextmanager
def library(place: Place) -> Iterator[LabelStore]:
    """Open, and closed whatever the disk says."""
    with LabelStore(place.data.labels, lambda: STAMP) as store:
        yield store


def labels(place: Place) -> tuple[object, object, int]:
    """Labels, classes and how long the journal is."""
    with library(place) as store:
        assert not store.read_only_because, store.read_only_because
        assert not store.opened_from_backup, store.opened_from_backup
        found = [
            (one, store.read.frame_labels(one.fingerprint), store.read.ranges(one.fingerprint))
            for one in store.read.procedures()
        ]
        return found, store.read.classes(), len(list(store.read.journal_rows()))


def file_of(name: str) -> Callable[[Place], object]:
    """The state of one file of the reader's."""
    return lambda place: (place.out / name).read_bytes() if (place.out / name).exists() else None


@dataclass(frozen=True)
class Act:
    """``do`` gets what ``open`` yields."""

    name: str
    do: Callable[[Place, Any], object]
    state: Callable[[Place], object]
    open: Callable[[Place], Any] = lambda place: nullcontext()
    #: What is compared is behind an undo.
    is_undone: bool = False


def _label(place: Place, store: LabelStore) -> None:
    moments = [FrameMoment(40 * index, index, None) for index in range(25, 35)]
    store.apply(edits.label_frames(store.read, fingerprint(store), moments, 3), READER)


def _undo(place: Place, store: LabelStore) -> None:
    labelled = next(
        one.fingerprint
        for one in store.read.procedures()
        if store.read.frame_labels(one.fingerprint)
    )
    assert store.undo(READER, labelled).rows


def _keep_image(place: Place, store: LabelStore) -> None:
    drawn = np.random.default_rng(1).integers(0, 255, (48, 64, 3), dtype=np.uint8)
    FramePngs(place.data.labels / "frames", 1 << 30).save(drawn)


def _images(place: Place) -> object:
    kept = FramePngs(place.data.labels / "frames", 0)
    return sorted(
        (path.name, kept.load(path.stem).shape)
        for path in (place.data.labels / "frames").rglob("*.png")
    )


def _plan(store: LabelStore) -> ImportPlan:
    """A label for every frame of a long procedure: more than one piece."""
    named = store.read.classes()[0].name
    frames = [frame_of(index, named) for index in range(PIECE + 50)]
    return plan_import(store.read, document_of(frames), lambda _, index: index * 40)


def _import(place: Place, store: LabelStore) -> None:
    plan = _plan(store)
    store.apply(import_act(plan, plan.choice, store), READER)


def _large_import(place: Place, plan: ImportPlan) -> None:
    work = LargeImport(place.data.labels, plan, plan.choice, READER)
    written = work.run(lambda done, total: None, lambda: False)
    if written.problem is not None:
        raise written.problem


@contextmanager
def _planned(place: Place) -> Iterator[ImportPlan]:
    with library(place) as store:
        plan = _plan(store)
        store.rest(AppError("An import is being written."))
        yield plan


def _labels_alone(place: Place) -> object:
    """Without the history, which grows by what is done again."""
    found, classes, _ = labels(place)
    return found, classes


def _undone(place: Place) -> object:
    """Of an import in pieces: what one undo leaves, where any of it was written."""
    with library(place) as store:
        for procedure in store.read.procedures():
            if procedure == PROCEDURE and store.read.frame_labels(procedure.fingerprint):
                store.undo(READER, procedure.fingerprint)
    return _labels_alone(place)


def _export(format_name: FormatName) -> Callable[[Place, Any], None]:
    choice = ExportChoice(format_name, True, "name", "png", blank_identity=False)

    def do(place: Place, _: Any) -> None:
        kept = FramePngs(place.data.labels / "frames", 0)
        target = place.out / (f"labels.{format_name}" if choice.format_details().suffix else "new")
        ExportWork(place.data.labels, choice, target, "", kept, False).run(
            lambda done, total: None, lambda: False
        )

    return do


def _whole_or_none(place: Place) -> object:
    """What was exported; nothing where it was refused."""
    folder = place.out / "new"
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@contextmanager
def _labelled(place: Place) -> Iterator[LabelStore]:
    """With labels that the backup has not."""
    with library(place) as store:
        _label(place, store)
        yield store


def _restore(place: Place, store: LabelStore) -> None:
    (backup, *_) = backups.newest_first(place.data.labels / backups.FOLDER)
    restoring.restore(place.data.labels, backup, READER, STAMP)


def _analysis(place: Place, _: Any) -> None:
    raw = np.full((3000, 7), 1 / 7, np.float16)
    PredictionStore(place.data.predictions).save(SHA[:40], "new", raw, np.ones(3000, np.bool_))


def _analyses(place: Place) -> object:
    found = PredictionStore(place.data.predictions).load(SHA[:40], "new", 3000, 7)
    return found and found.raw.tobytes()


def registry(place: Place) -> ModelRegistry:
    """The models there."""
    return ModelRegistry(place.data.models, SHIPPED)


def _models(place: Place) -> object:
    now = registry(place)
    entries = [(one.version, one.active, one.problem, one.name) for one in now.entries()]
    assert not now.trouble, now.trouble
    return entries, len(now.history())


def _adopt(place: Place, _: Any) -> None:
    registry(place).adopt(place.root / "candidate")


def _promote(place: Place, _: Any) -> None:
    registry(place).promote(FIRST, "Dr. Example", "a reason")


def _sign(place: Place, _: Any) -> None:
    files = {"txt": b"report " * 500, "html": b"<p>report</p>" * 500}
    kept = SignedReports(place.data.root / "reports")
    kept.keep(SHA[:40], Signature(1, "Dr. Example", STAMP.isoformat()), SHA, "model", files)


def _signed(place: Place) -> object:
    versions = SignedReports(place.data.root / "reports").versions(SHA[:40])
    return [(one.record.version, one.content("txt"), one.content("html")) for one in versions]


def _settings(place: Place, _: Any) -> None:
    save_settings(place.data.settings_file, Settings(theme="dark"))


def _recent(place: Place, recent: RecentFiles) -> None:
    recent.add(Path("/videos/c.mp4"), SHA[:40], 7)


def _recent_files(place: Place) -> AbstractContextManager[RecentFiles]:
    return nullcontext(RecentFiles(place.data.recent_file))


def _recents(place: Place) -> object:
    recent = RecentFiles(place.data.recent_file)
    assert not recent.trouble
    return recent.entries()


def _run(place: Place, _: Any) -> None:
    RunFolders(place.data.runs, lambda: STAMP).new(RunRecord(PROMOTED, {}, ("a label",)))


def _runs(place: Place) -> object:
    return [record for _, record in RunFolders(place.data.runs).all()]


def _open(place: Place, _: Any) -> None:
    with library(place):
        pass


def _add(place: Place, _: Any) -> None:
    inbox.leave(place.data.added, [Path("/videos/a.mp4")])


def _added(place: Place) -> object:
    return [inbox.paths_of(file) for file in inbox.waiting(place.data.added)]


def _report(place: Place, _: Any) -> None:
    saved_file.save(place.out / "old.pdf", NEW)


def _history(place: Place, store: LabelStore) -> None:
    store.export_history_csv(place.out / "old.csv")


def _back_up(place: Place, store: LabelStore) -> None:
    store.back_up(place.out / "old.sqlite")


def _backed_up(place: Place) -> object:
    """The labels in it; what else lies there as it is."""
    content = (place.out / "old.sqlite").read_bytes()
    if not content.startswith(b"SQLite"):
        return content
    with closing(sqlite3.connect(place.out / "old.sqlite")) as copy:
        return copy.execute("SELECT * FROM frame_labels").fetchall()


def make_place(root: Path) -> None:
    """The data folder of 2026, with 24 labels and two models; files to replace; a new model."""
    shutil.copytree(FIXTURE, root / "data")
    (root / "out").mkdir()
    for name in ("old.pdf", "old.csv", "old.sqlite", "labels.csv", "labels.json"):
        (root / "out" / name).write_bytes(OLD)
    make(root / "candidate", A)
    with library(Place(root)) as store:
        store.apply(edits.register_procedure(store.read, PROCEDURE), READER)


ACTS = (
    Act("labels", _label, labels, library),
    Act("undo", _undo, labels, library),
    Act("opening the library", _open, labels, is_undone=True),
    Act("image of a labelled frame", _keep_image, _images, library),
    Act("import", _import, labels, library),
    Act("large import", _large_import, _undone, _planned, is_undone=True),
    Act("restore labels", _restore, _labels_alone, _labelled, is_undone=True),
    Act("analysis", _analysis, _analyses),
    Act("model taken in", _adopt, _models),
    Act("promotion", _promote, _models),
    Act("signed report", _sign, _signed),
    Act("report", _report, file_of("old.pdf")),
    Act("export as CSV", _export("csv"), file_of("labels.csv"), library),
    Act("export as JSON", _export("json"), file_of("labels.json"), library),
    Act("export as folders", _export("class folders"), _whole_or_none, library),
    Act("history", _history, file_of("old.csv"), library),
    Act("backup", _back_up, _backed_up, library),
    Act("settings", _settings, lambda place: read_settings(place.data.settings_file)),
    Act(
        "recent files",
        _recent,
        _recents,
        _recent_files,
    ),
    Act("new run", _run, _runs),
    Act("added procedures", _add, _added),
)
