"""A label library beside a plain Python model of it: what every random act of test_label_machine.py is held against."""

from __future__ import annotations

import copy
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from endoscope_app.errors import AppError
from endoscope_app.store.labels import class_edits, edits
from endoscope_app.store.labels.label_store import LabelStore
from endoscope_app.store.labels.records import Act, Context, FrameMoment
from tests.app.label_library import OTHER, PROCEDURE

FILMS = (PROCEDURE.fingerprint, OTHER.fingerprint)
READER = Context("r", "hidden")


@dataclass
class World:
    """All that acts can change, as plain values."""

    classes: dict[int, dict[str, object]] = field(default_factory=dict)
    frames: dict[tuple[str, int], tuple[object, ...]] = field(default_factory=dict)
    ranges: dict[int, tuple[object, ...]] = field(default_factory=dict)


def at(index: int, png: str | None = None) -> FrameMoment:
    return FrameMoment(index * 3, index, png)


class ModelledLibrary(RuleBasedStateMachine):
    """The store and the model, with undo, redo, restart and the comparisons; the acts are in test_label_machine.py."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="labels-"))
        self.store = LabelStore(self.folder)
        self.world = World()
        self.done: list[tuple[str, World]] = []
        self.undone: list[tuple[str, World]] = []
        self.entries = 0

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @initialize()
    def begin(self) -> None:
        self.store.apply(edits.compound("x", [edits.register_procedure(self.store, one) for one in (PROCEDURE, OTHER)]), READER)
        self.entries = 1
        for name in ("one", "two"):
            self.new_class(name, "#000000")

    def act(self, act: Act, before: World) -> None:
        """Apply, and remember what was; self.world has been changed by hand already."""
        changes = self.store.apply(act, READER)
        assert bool(changes) == (self.world != before)
        if changes:
            self.done.append((act.title, before))
            self.undone.clear()
            self.entries += 1
            assert changes.sequence == self.entries

    def class_id(self, pick: int) -> int:
        return sorted(self.world.classes)[pick % len(self.world.classes)]

    def range_id(self, pick: int) -> int:
        return sorted(self.world.ranges)[pick % len(self.world.ranges)]

    def new_class(self, name: str, colour: str) -> None:
        before = copy.deepcopy(self.world)
        number = self.store.new_id("classes")
        taken = {str(one["name"]) for one in self.world.classes.values() if one["merged_into"] is None}
        if name in taken:
            try:
                class_edits.add_class(self.store, name.upper(), colour, number)
            except AppError:
                return
            raise AssertionError("a second class of the same name")
        places = [int(str(one["place"])) for one in self.world.classes.values()]
        row = {"name": name, "colour": colour, "place": max(places, default=-1) + 1, "retired": False, "merged_into": None}
        act = class_edits.add_class(self.store, name, colour, number)
        assert number not in self.world.classes
        self.world.classes[number] = row
        self.act(act, before)

    @rule(times=st.integers(1, 6))
    def undo(self, times: int) -> None:
        for _ in range(times):
            changes = self.store.undo(READER)
            assert bool(changes) == bool(self.done)
            if self.done:
                title, before = self.done.pop()
                self.undone.append((title, self.world))
                self.world = before
                self.entries += 1

    @rule(times=st.integers(1, 6))
    def redo(self, times: int) -> None:
        for _ in range(times):
            changes = self.store.redo(READER)
            assert bool(changes) == bool(self.undone)
            if self.undone:
                title, after = self.undone.pop()
                self.done.append((title, self.world))
                self.world = after
                self.entries += 1

    @rule()
    def restart(self) -> None:
        self.store.close()
        self.store = LabelStore(self.folder)
        assert (self.store.read_only_because, self.store.opened_from_backup, self.store.backup_failed) == ("", "", "")

    def root(self, number: int) -> int:
        found = self.world.classes[number]["merged_into"]
        return number if found is None else self.root(int(str(found)))

    @invariant()
    def classes_are_as_in_the_model(self) -> None:
        found = {one.id: one for one in self.store.classes()}
        fields = ("name", "colour", "place", "retired", "merged_into")
        assert {number: {name: getattr(one, name) for name in fields} for number, one in found.items()} == self.world.classes
        assert {number: self.store.resolved_class(number).id for number in found} == {one: self.root(one) for one in self.world.classes}

    @invariant()
    def labels_are_as_in_the_model(self) -> None:
        for film in FILMS:
            frames = {(film, one.pts): (one.frame_index, one.kind, one.class_id, one.png) for one in self.store.frame_labels(film)}
            assert frames == {key: found for key, found in self.world.frames.items() if key[0] == film}
            ranges = {one.id: (film, one.first_index, one.last_index, one.class_id) for one in self.store.ranges(film)}
            assert ranges == {key: found for key, found in self.world.ranges.items() if found[0] == film}
            assert list(self.store.label_arrays(film).pts) == sorted(pts for one, pts in self.world.frames if one == film)
            counted: dict[int, int] = {}
            for (one, _), found in self.world.frames.items():
                if one == film and found[2] is not None:
                    root = self.root(int(str(found[2])))
                    counted[root] = counted.get(root, 0) + 1
            assert self.store.frame_counts(film) == counted

    @invariant()
    def the_menu_is_as_in_the_model(self) -> None:
        assert self.store.undo_title() == (self.done[-1][0] if self.done else "")
        assert self.store.redo_title() == (self.undone[-1][0] if self.undone else "")
