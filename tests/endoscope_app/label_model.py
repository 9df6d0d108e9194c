"""A label library beside a plain Python model of it: what every random act of
test_label_machine.py is held against.
"""

from __future__ import annotations

import copy
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library import class_edits, edits
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import CLASSES_SCOPE, Act, Changes, Context, FrameMoment
from tests.endoscope_app.label_library import OTHER, PROCEDURE

FILMS = (PROCEDURE.fingerprint, OTHER.fingerprint)
SCOPES = (*FILMS, CLASSES_SCOPE)
Row = tuple[str, Any]
READER = Context("r", "hidden")


@dataclass
class World:
    """All that acts can change, as plain values."""

    classes: dict[int, dict[str, object]] = field(default_factory=dict)
    frames: dict[tuple[str, int], tuple[object, ...]] = field(default_factory=dict)
    ranges: dict[int, tuple[object, ...]] = field(default_factory=dict)

    def rows(self) -> dict[Row, object]:
        """Every row under the name of its table and its key."""
        tables: dict[str, dict[Any, Any]] = {
            "classes": self.classes,
            "frames": self.frames,
            "ranges": self.ranges,
        }
        return {(name, key): row for name, table in tables.items() for key, row in table.items()}

    def put(self, row: Row, value: Any) -> None:
        """Make one row be so; None for no row."""
        table: dict[Any, Any] = getattr(self, row[0])
        table.pop(row[1], None)
        if value is not None:
            table[row[1]] = copy.deepcopy(value)

    def stands(self) -> bool:
        """No label of a class that there is not, and no two classes of one name."""
        ids = {value[2] for value in self.frames.values()} | {
            value[3] for value in self.ranges.values()
        } - {None}
        into = {value["merged_into"] for value in self.classes.values()}
        names = [
            str(value["name"]).casefold()
            for value in self.classes.values()
            if value["merged_into"] is None
        ]
        return (ids | into) - {None} <= set(self.classes) and len(names) == len(set(names))


@dataclass(frozen=True)
class Deed:
    """What undo and redo of one scope know of an act: its title, and its rows before and after."""

    title: str
    rows: dict[Row, tuple[object, object]]


def difference(before: World, after: World) -> dict[Row, tuple[object, object]]:
    """The rows that are not the same."""
    old, new = before.rows(), copy.deepcopy(after.rows())
    return {
        row: (old.get(row), new.get(row)) for row in {**old, **new} if old.get(row) != new.get(row)
    }


def scope_of(row: Row, change: tuple[Any, Any]) -> str:
    """Whose undo a row belongs to by itself."""
    if row[0] == "classes":
        return CLASSES_SCOPE
    return str(row[1][0] if row[0] == "frames" else (change[1] or change[0])[0])


def at(index: int, png: str | None = None) -> FrameMoment:
    return FrameMoment(index * 3, index, png)


class ModelledLibrary(RuleBasedStateMachine):
    """The store and the model, with undo, redo, restart and the comparisons; the acts are in
    test_label_machine.py.
    """

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="labels-"))
        self.store = LabelStore(self.folder)
        self.world = World()
        self.done: dict[str, list[Deed]] = {scope: [] for scope in SCOPES}
        self.undone: dict[str, list[Deed]] = {scope: [] for scope in SCOPES}
        self.entries = 0

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @initialize()
    def begin(self) -> None:
        self.store.apply(
            edits.compound(
                "x", [edits.register_procedure(self.store.read, one) for one in (PROCEDURE, OTHER)]
            ),
            READER,
        )
        self.entries = 2  # one per procedure
        for name in ("one", "two"):
            self.new_class(name, "#000000")

    def act(self, act: Act, before: World) -> None:
        """Apply, and remember what was; self.world has been changed by hand already."""
        changes = self.store.apply(act, READER)
        rows = difference(before, self.world)
        assert bool(changes) == bool(rows)
        if not changes:
            return
        groups: dict[str, dict[Row, tuple[object, object]]] = {}
        for row, change in rows.items():
            groups.setdefault(act.scope or scope_of(row, change), {})[row] = change
        for scope, part in groups.items():
            title = self.store.read.undo_title(scope)
            assert title == act.title if len(groups) == 1 else title
            self.done[scope].append(Deed(title, part))
            self.undone[scope].clear()
        self.entries += len(groups)
        assert changes.sequence == self.entries

    def class_id(self, pick: int) -> int:
        return sorted(self.world.classes)[pick % len(self.world.classes)]

    def range_id(self, pick: int) -> int:
        return sorted(self.world.ranges)[pick % len(self.world.ranges)]

    def new_class(self, name: str, colour: str) -> None:
        before = copy.deepcopy(self.world)
        number = self.store.new_id("classes")
        taken = {
            str(value["name"])
            for value in self.world.classes.values()
            if value["merged_into"] is None
        }
        if name in taken:
            try:
                class_edits.add_class(self.store.read, name.upper(), colour, number)
            except AppError:
                return
            raise AssertionError("a second class of the same name")
        places = [int(str(value["place"])) for value in self.world.classes.values()]
        row = {
            "name": name,
            "colour": colour,
            "place": max(places, default=-1) + 1,
            "retired": False,
            "merged_into": None,
        }
        act = class_edits.add_class(self.store.read, name, colour, number)
        assert number not in self.world.classes
        self.world.classes[number] = row
        self.act(act, before)

    @rule(times=st.integers(1, 6), scope=st.sampled_from(SCOPES))
    def undo(self, times: int, scope: str) -> None:
        for _ in range(times):
            self._again(self.store.undo, self.done[scope], self.undone[scope], 0, scope)

    @rule(times=st.integers(1, 6), scope=st.sampled_from(SCOPES))
    def redo(self, times: int, scope: str) -> None:
        for _ in range(times):
            self._again(self.store.redo, self.undone[scope], self.done[scope], 1, scope)

    def _again(
        self,
        again: Callable[[Context, str], Changes],
        source: list[Deed],
        target: list[Deed],
        side: int,
        scope: str,
    ) -> None:
        """Undo (``side`` 0) or redo (1); where another scope has changed the rows, or needs
        them, it is refused and nothing changes.
        """
        if not source:
            assert not again(READER, scope)
            return
        deed, after = source[-1], copy.deepcopy(self.world)
        for row, change in deed.rows.items():
            after.put(row, change[side])
        fits = (
            all(self.world.rows().get(row) == change[1 - side] for row, change in deed.rows.items())
            and after.stands()
        )
        if not fits:
            try:
                again(READER, scope)
            except AppError:
                return
            raise AssertionError("what no longer fits was done")
        changes = again(READER, scope)
        assert (changes.title, changes.scope) == (deed.title, scope)
        self.world = after
        target.append(source.pop())
        self.entries += 1
        assert changes.sequence == self.entries

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = LabelStore(self.folder)
        assert (
            self.store.read_only_because,
            self.store.opened_from_backup,
            self.store.backup_failed,
        ) == ("", "", "")

    def root(self, number: int) -> int:
        found = self.world.classes[number]["merged_into"]
        return number if found is None else self.root(int(str(found)))

    @invariant()
    def classes_are_as_in_the_model(self) -> None:
        found = {label_class.id: label_class for label_class in self.store.read.classes()}
        fields = ("name", "colour", "place", "retired", "merged_into")
        assert {
            number: {name: getattr(one, name) for name in fields} for number, one in found.items()
        } == self.world.classes
        assert {number: self.store.read.resolved_class(number).id for number in found} == {
            label_class: self.root(label_class) for label_class in self.world.classes
        }

    @invariant()
    def labels_are_as_in_the_model(self) -> None:
        for film in FILMS:
            frames = {
                (film, label.pts): (label.frame_index, label.kind, label.class_id, label.png)
                for label in self.store.read.frame_labels(film)
            }
            assert frames == {
                key: found for key, found in self.world.frames.items() if key[0] == film
            }
            ranges = {
                span.id: (film, span.first_index, span.last_index, span.class_id)
                for span in self.store.read.ranges(film)
            }
            assert ranges == {
                key: found for key, found in self.world.ranges.items() if found[0] == film
            }
            assert list(self.store.read.label_arrays(film).pts) == sorted(
                pts for one, pts in self.world.frames if one == film
            )
            counted: dict[int, int] = {}
            for (one, _), found in self.world.frames.items():
                if one == film and found[2] is not None:
                    root = self.root(int(str(found[2])))
                    counted[root] = counted.get(root, 0) + 1
            assert self.store.read.frame_counts(film) == counted

    @invariant()
    def the_menus_are_as_in_the_model(self) -> None:
        for scope in SCOPES:
            assert self.store.read.undo_title(scope) == (
                self.done[scope][-1].title if self.done[scope] else ""
            )
            assert self.store.read.redo_title(scope) == (
                self.undone[scope][-1].title if self.undone[scope] else ""
            )
