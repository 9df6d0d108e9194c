"""The reader's models: a folder each, and one small file that says which is in use and which were
before it.

models/<version>/ holds card.json and what it vouches for. models/active.json holds the promotions:
the last one is the active model, and without any it is the shipped one. That file is replaced in
one step and folders are renamed into place, so that after kill -9 the old or the new state is
there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from endoscope_app.base.atomic_file import write_atomically
from endoscope_app.base.damaged_files import set_aside
from endoscope_app.base.errors import AppError
from endoscope_app.base.permissions import open_like_folder
from endoscope_app.models import model_folders
from endoscope_app.models.card_checks import accuracies, needs_reason, reason_given
from kd_core.schema.json_text import JsonError, read_json
from kd_core.schema.model_card import IN_SPITE, ModelCard
from kd_core.schema.model_files import ONNX_NAME

ACTIVE_NAME = "active.json"
LONGEST_NAME = 120


class Promotion(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who made which version the active one, when (UTC, ISO 8601), and why where a reason was
    asked for.
    """

    version: str
    utc: str
    reader: str = ""
    reason: str = ""


class TakenBack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A promotion that was rolled back, by whom and when."""

    promotion: Promotion
    utc: str
    reader: str = ""


class State(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """active.json. ``names``: version -> the name that the reader gave it."""

    format: int = 1
    history: tuple[Promotion, ...] = ()
    taken_back: tuple[TakenBack, ...] = ()
    names: dict[str, str] = {}


@dataclass(frozen=True)
class ModelEntry:
    """One model.

    ``scores``: accuracy on what its card has of HELD_OUT, OLD_KNOWLEDGE and TEST. ``reader``
    promoted it last and gave ``reason``, empty where none was needed; one from elsewhere has its
    card's.

    ``needs_reason``: classes that lost too much to promote it without one. ``problem``: why it
    cannot be used, empty for a sound one.
    """

    version: str
    name: str
    path: Path
    parent: str = ""
    created: str = ""
    reader: str = ""
    shipped: bool = False
    active: bool = False
    scores: dict[str, float] = field(default_factory=dict)
    needs_reason: tuple[str, ...] = ()
    problem: str = ""
    reason: str = ""


class ModelRegistry:
    """``folder``: data/models, made when first written.

    ``shipped``: the model folder that is always there. Errors are AppError.
    """

    def __init__(self, folder: Path, shipped: Path) -> None:
        self._folder, self.shipped = folder, shipped
        self.trouble = ""
        """Why the shipped model stands in for the one that was active; empty where it does not."""
        self._damaged, self._unreadable = "", False

    def active_path(self) -> Path:
        """The folder of the model to use; see ``trouble``."""
        state = self._state()
        self.trouble = self._damaged
        if not state.history or state.history[-1].version == self._shipped_version():
            return self.shipped
        version = state.history[-1].version
        found = self._path(version)
        if found is None:
            self.trouble = (
                f"The active model {version[:40]} is missing, so the shipped model is used."
            )
            return self.shipped
        return found

    def entries(self) -> list[ModelEntry]:
        """All models: the shipped one, then the newest first."""
        state, active = self._state(), self.active_path()
        folders = [path for path in self._folders() if path.name != self._shipped_version()]
        made = [self._entry(path, state, active) for path in folders]
        return [
            self._entry(self.shipped, state, active),
            *sorted(made, key=lambda one: (one.created, one.version), reverse=True),
        ]

    def parents(self) -> dict[str, str]:
        """Version of every model of the reader, besides the shipped one, to that of the model
        that it was made from; '' for none.
        """
        return {one.version: one.parent for one in self.entries() if not one.shipped}

    def card(self, version: str) -> ModelCard:
        """The card of a model of the list."""
        return model_folders.card_of(self._known(version))

    def history(self) -> tuple[Promotion, ...]:
        """Promotions that stand, the oldest first."""
        return self._state().history

    def adopt(self, candidate: Path) -> str:
        """Copy a finished model into the registry and return its version; it is not used before
        it is promoted.
        """
        version = model_folders.card_of(candidate).version
        if self._path(version) is not None:
            raise AppError(f"Model {version} is already here.", "Choose it in the list.")
        model_folders.remove_stale(self._folder)
        model_folders.copy_model(candidate, self._folder / version, "the model was not taken in")
        return version

    def promote(self, version: str, reader: str, reason: str = "") -> Path:
        """Make it the active model and return its folder.

        A reason that was needed is kept in its card too, which is exported with it.
        """
        path = self._known(version)
        lost, why = needs_reason(model_folders.card_of(path)), reason.strip()
        if lost and not why:
            raise AppError(
                f"Model {version} lost too much recall of {', '.join(lost)}.",
                "Give a reason to promote it all the same.",
            )
        state = self._state()
        if path == self.active_path():
            raise AppError(f"Model {version} is already the active one.", "Nothing was changed.")
        promotion = Promotion(version, _now(), reader, why)
        if lost and path != self.shipped:
            # the card before the choice: a kill in between leaves a reason without a promotion,
            # never a promotion without its reason
            note = {"classes": list(lost), "reason": why, "reader": reader, "date": promotion.utc}
            self._refuse_unreadable()
            model_folders.note_in_card(path, IN_SPITE, note)
        self._save(msgspec.structs.replace(state, history=(*state.history, promotion)))
        return path

    def previous(self) -> str:
        """The version that a roll back would bring, empty where the shipped model is active and
        nothing was before it.
        """
        left = self._before(self._state())
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
        state = self._state()
        if not self.previous():
            raise AppError(
                "The shipped model is in use, and none was before it.",
                "Promote another model instead.",
            )
        left = self._before(state)
        undone = tuple(TakenBack(one, _now(), reader) for one in state.history[len(left) :])
        self._save(
            msgspec.structs.replace(state, history=left, taken_back=(*state.taken_back, *undone))
        )
        return left[-1].version if left else self._shipped_version()

    def rename(self, version: str, name: str) -> None:
        """The name that the list shows, kept here; the model's files stay what they are.

        An empty one brings the card's back.
        """
        self._known(version)
        name = " ".join(name.split())
        if len(name) > LONGEST_NAME:
            raise AppError(f"A name has at most {LONGEST_NAME} letters.", "Choose a shorter one.")
        state = self._state()
        names = {one: given for one, given in state.names.items() if one != version} | (
            {version: name} if name else {}
        )
        self._save(msgspec.structs.replace(state, names=names))

    def export_to(self, version: str, target: Path) -> Path:
        """Write it as the folder ``target``/version, which can be imported elsewhere, and
        return that.
        """
        made = target / version
        model_folders.copy_model(self._known(version), made, "the model was not exported")
        return made

    def export_onnx(self, version: str, target: Path) -> None:
        """Write its ONNX file alone, for other programs."""
        path = self._known(version)
        with model_folders.writing("the model was not exported"):
            content = (path / ONNX_NAME).read_bytes()
        write_atomically(target, [content], "the exported model")
        open_like_folder(target)

    def why_kept(self, version: str) -> str:
        """Why this model cannot be deleted; empty for one that can."""
        if version == self._shipped_version():
            return f"Model {version} came with the program and stays."
        if self.active_path() == self._folder / version:
            return f"Model {version} is in use."
        if version == self.previous():
            return f"Model {version} is the one that a roll back brings."
        return ""

    def delete(self, version: str) -> None:
        """Take its folder away for good.

        Never the active model, the shipped one, or the one that a roll back brings.
        """
        reason = self.why_kept(version)
        if reason:
            raise AppError(reason, "Choose another model to delete.")
        if version not in [path.name for path in self._folders()]:
            raise AppError(f"There is no model {version[:40]}.", "Choose one of the list.")
        model_folders.remove_folder(self._folder / version, "the model was not deleted")

    def _entry(self, path: Path, state: State, active: Path) -> ModelEntry:
        shipped = path == self.shipped
        try:
            card = model_folders.card_of(path)
            if not shipped and card.version != path.name:
                raise AppError(f"The card in the folder {path.name} is of another model.")
        except AppError as error:
            return ModelEntry(
                path.name, state.names.get(path.name, ""), path, shipped=shipped, problem=str(error)
            )
        made = [one for one in state.history if one.version == card.version]
        reason = made[-1].reason if made else reason_given(card)
        return ModelEntry(
            card.version,
            state.names.get(card.version, card.name),
            path,
            card.parent or "",
            card.created,
            made[-1].reader if made else "",
            shipped,
            path == active,
            accuracies(card),
            needs_reason(card),
            reason=reason,
        )

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
            raise AppError(f"There is no sound model {version[:40]}.", "Choose one of the list.")
        return path

    def _before(self, state: State) -> tuple[Promotion, ...]:
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

    def _state(self) -> State:
        path = self._folder / ACTIVE_NAME
        self._unreadable = False
        try:
            state = read_json(path, State)
        except (FileNotFoundError, NotADirectoryError):
            return State()
        except OSError:
            self._damaged, self._unreadable = (
                "The list of models cannot be read, so the shipped model is used.",
                True,
            )
            return State()
        except JsonError:
            kept = set_aside(path)
            self._damaged = (
                f"The list of models was damaged and set aside as {kept}, so the shipped model is"
                " used."
            )
            return State()
        return state

    def _save(self, state: State) -> None:
        self._refuse_unreadable()
        text = msgspec.json.format(msgspec.json.encode(state), indent=1)
        write_atomically(self._folder / ACTIVE_NAME, [text, b"\n"], "the choice of the model")
        self._damaged = ""

    def _refuse_unreadable(self) -> None:
        if self._unreadable:  # writing now would forget what it holds
            raise AppError(
                "The list of models cannot be read, so nothing was changed.",
                "Look at the rights of the data folder.",
            )


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
