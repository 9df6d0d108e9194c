"""The reader's models: a folder each, and one small file that says which is in use.

models/<version>/ holds card.json and what it vouches for. models/active.json holds the promotions:
the last one is the model in use, and without any it is the one that came with the program. Folders
are renamed into place, so that after kill -9 the old or the new state is there.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from endoscope_app.base.atomic_file import write_atomically
from endoscope_app.base.errors import AppError
from endoscope_app.base.permissions import open_like_folder
from endoscope_app.models import model_folders, wording
from endoscope_app.models.card_checks import needs_reason
from endoscope_app.models.model_entry import ModelEntry, read_entry
from endoscope_app.models.model_signatures import ModelSignatures
from endoscope_app.models.promotions import Promotion, PromotionFile, Promotions, TakenBack
from endoscope_app.models.trusted_keys import TrustedKeys
from kd_core.schema.model_card import ModelCard
from kd_core.schema.model_checks import PromotedInSpite
from kd_core.schema.model_files import ONNX_NAME
from kd_core.schema.taxonomy import display_name

LONGEST_NAME = 120


class ModelRegistry:
    """``folder``: data/models, made when first written.

    ``shipped``: the model folder that is always there. ``keys``: of labs, which the reader trusts;
    ``signatures``: of any model folder. Errors are AppError.
    """

    def __init__(self, folder: Path, shipped: Path) -> None:
        self._folder, self.shipped = folder, shipped
        self.trouble = ""
        """Why the shipped model stands in for the one that was active; empty where it does not."""
        self._file = PromotionFile(folder)
        self.keys = TrustedKeys(folder)
        self.signatures = ModelSignatures(self.keys, shipped)

    def active_path(self) -> Path:
        """The folder of the model to use; see ``trouble``."""
        state = self._file.read()
        self.trouble = self._file.trouble
        if not state.history or state.history[-1].version == self._shipped_version():
            return self.shipped
        version = state.history[-1].version
        path = self._path(version)
        if path is None:
            self.trouble = wording.active_missing(version)
            return self.shipped
        return path

    def entries(self) -> list[ModelEntry]:
        """All models: the shipped one, then the newest first."""
        promotions, active = self._file.read(), self.active_path()
        shipped, *others = (
            self._signed(
                read_entry(path, promotions, shipped=path == self.shipped, active=path == active)
            )
            for path in (
                self.shipped,
                *(path for path in self._folders() if path.name != self._shipped_version()),
            )
        )
        return [shipped, *sorted(others, key=lambda entry: (entry.created, entry.version))[::-1]]

    def _signed(self, entry: ModelEntry) -> ModelEntry:
        return replace(
            entry,
            signature=self.signatures.said(entry.path),
            problem=entry.problem or self.signatures.problem(entry.path),
        )

    def parents(self) -> dict[str, str]:
        """Version of every model of the reader, besides the shipped one, to that of the model
        that it was made from; '' for none.
        """
        return {entry.version: entry.parent for entry in self.entries() if not entry.shipped}

    def card(self, version: str) -> ModelCard:
        """The card of a model of the list."""
        return model_folders.card_of(self._known(version))

    def history(self) -> tuple[Promotion, ...]:
        """Promotions that stand, the oldest first."""
        return self._file.read().history

    def adopt(self, candidate: Path) -> str:
        """Copy a finished model into the registry and return its version; it is not used before
        it is promoted.
        """
        version = model_folders.card_of(candidate).version
        if self._path(version) is not None:
            raise wording.already_here(version)
        model_folders.copy_model(candidate, self._folder / version, wording.NOT_TAKEN_IN)
        return version

    def promote(self, version: str, reader: str, reason: str = "") -> Path:
        """Make it the active model and return its folder.

        A reason that was needed is kept in its card too, which is exported with it.
        """
        with self._file.alone():
            return self._promote(version, reader, reason.strip())

    def _promote(self, version: str, reader: str, why: str) -> Path:
        path = self._known(version)
        lost = needs_reason(model_folders.card_of(path))
        if lost and not why:
            raise wording.reason_needed(version, [display_name(key) for key in lost])
        state = self._file.read()
        if path == self.active_path():
            raise wording.already_in_use(version)
        promotion = Promotion(version, _now(), reader, why)
        if lost and path != self.shipped:
            # the card before the choice: a kill in between leaves a reason without a promotion,
            # never a promotion without its reason
            note = PromotedInSpite(tuple(lost), why, reader, promotion.utc)
            self._file.refuse_unreadable()
            model_folders.note_promotion(path, note)
        self._file.write(msgspec.structs.replace(state, history=(*state.history, promotion)))
        return path

    def previous(self) -> str:
        """The version that a roll back would bring, empty where the shipped model is active and
        nothing was before it.
        """
        left = self._before(self._file.read())
        return (
            left[-1].version
            if left
            else ""
            if self.active_path() == self.shipped
            else self._shipped_version()
        )

    def roll_back(self, reader: str = "") -> str:
        """Take the last promotion back; the version that was active before it, the shipped one
        at last.
        """
        with self._file.alone():
            state = self._file.read()
            if not self.previous():
                raise wording.nothing_before()
            left = self._before(state)
            undone = tuple(TakenBack(item, _now(), reader) for item in state.history[len(left) :])
            self._file.write(
                msgspec.structs.replace(
                    state, history=left, taken_back=(*state.taken_back, *undone)
                )
            )
            return left[-1].version if left else self._shipped_version()

    def rename(self, version: str, name: str) -> None:
        """The name that the list shows, kept here; the model's files stay what they are.

        An empty one brings the card's back.
        """
        self._known(version)
        name = " ".join(name.split())
        if len(name) > LONGEST_NAME:
            raise wording.name_too_long(LONGEST_NAME)
        with self._file.alone():
            state = self._file.read()
            names = {known: given for known, given in state.names.items() if known != version}
            if name:
                names[version] = name
            self._file.write(msgspec.structs.replace(state, names=names))

    def export_to(self, version: str, target: Path) -> Path:
        """Write it as the folder ``target``/version, which can be imported elsewhere, and
        return that.
        """
        folder = target / version
        model_folders.copy_model(self._known(version), folder, wording.NOT_EXPORTED)
        return folder

    def export_onnx(self, version: str, target: Path) -> None:
        """Write its ONNX file alone, for other programs."""
        path = self._known(version)
        with model_folders.writing(wording.NOT_EXPORTED):
            content = (path / ONNX_NAME).read_bytes()
        write_atomically(target, [content], wording.EXPORTED_MODEL)
        open_like_folder(target)

    def why_kept(self, version: str) -> str:
        """Why this model cannot be deleted; empty for one that can."""
        if version == self._shipped_version():
            return wording.came_with_program(version)
        if self.active_path() == self._folder / version:
            return wording.is_in_use(version)
        if version == self.previous():
            return wording.is_before(version)
        return ""

    def delete(self, version: str) -> None:
        """Take its folder away for good.

        Never the active model, the shipped one, or the one that a roll back brings.
        """
        with self._file.alone():
            reason = self.why_kept(version)
            if reason:
                raise AppError(reason, wording.CHOOSE_ANOTHER)
            if version not in [path.name for path in self._folders()]:
                raise wording.no_such_model(version)
            model_folders.remove_folder(self._folder / version, wording.NOT_DELETED)

    def _folders(self) -> list[Path]:
        try:
            return [
                path
                for path in self._folder.iterdir()
                if model_folders.VERSION.fullmatch(path.name) and _is_folder(path)
            ]
        except OSError:
            return []

    def _path(self, version: str) -> Path | None:
        """Where a version lies, None where it does not or what lies there is no model.

        The name comes from a file: never trusted.
        """
        if version == self._shipped_version():
            return self.shipped
        path = self._folder / version
        if not model_folders.VERSION.fullmatch(version) or not _is_folder(path):
            return None
        try:
            return path if model_folders.card_of(path).version == version else None
        except AppError:
            return None

    def _known(self, version: str) -> Path:
        path = self._path(version)
        if path is None:
            raise wording.no_such_model(version)
        return path

    def _before(self, state: Promotions) -> tuple[Promotion, ...]:
        """The promotions that a roll back leaves: of the rest, those at the end whose model is
        gone or active already go as well.
        """
        left, active = state.history[:-1], self.active_path()
        while left and self._path(left[-1].version) in (None, active):
            left = left[:-1]
        return left

    def _shipped_version(self) -> str:
        try:
            return model_folders.card_of(self.shipped).version
        except AppError:
            return self.shipped.name


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
