"""The label library against a plain Python model: random acts, undos, redos and restarts,
compared after every step.
"""

from __future__ import annotations

import copy

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library import class_edits, edits
from endoscope_app.labels.library import label_placing as placing
from endoscope_app.labels.library.records import FrameMoment
from tests.endoscope_app.label_library import OTHER, PROCEDURE
from tests.endoscope_app.label_model import FILMS, ModelledLibrary, at

FRAMES = st.integers(0, 12)
SEVERAL = st.lists(FRAMES, min_size=1, max_size=5)
FILM = st.sampled_from(FILMS)
PICK = st.integers(0, 50)
COLOUR = st.sampled_from(["#112233", "#445566", "#778899"])
NAME = st.sampled_from(["a", "b", "c", "d", "e"])

have_classes = precondition(lambda machine: machine.world.classes)
have_ranges = precondition(lambda machine: machine.world.ranges)


class LibraryMachine(ModelledLibrary):
    """Every rule acts on the store through the builders and on the model by hand."""

    @rule(name=NAME, colour=COLOUR)
    def add_class(self, name: str, colour: str) -> None:
        self.new_class(name, colour)

    @have_classes
    @rule(film=FILM, frames=SEVERAL, pick=PICK, png=st.sampled_from([None, "p", "q"]))
    def label(self, film: str, frames: list[int], pick: int, png: str | None) -> None:
        before = copy.deepcopy(self.world)
        number = self.class_id(pick)
        for one in frames:
            old = self.world.frames.get((film, one * 3))
            kept = png if png is not None or old is None else old[3]
            self.world.frames[film, one * 3] = (one, "class", number, kept)
        self.act(
            edits.label_frames(self.store.read, film, [at(frame, png) for frame in frames], number),
            before,
        )

    @have_classes
    @rule(film=FILM, frame=FRAMES, pick=PICK)
    def agree(self, film: str, frame: int, pick: int) -> None:
        before = copy.deepcopy(self.world)
        number = self.class_id(pick)
        self.world.frames[film, frame * 3] = (
            frame,
            "agreed",
            number,
            self.world.frames.get((film, frame * 3), (None,) * 4)[3],
        )
        self.act(edits.agree(self.store.read, film, at(frame), number), before)

    @rule(film=FILM, frames=SEVERAL)
    def unusable(self, film: str, frames: list[int]) -> None:
        before = copy.deepcopy(self.world)
        for one in frames:
            self.world.frames[film, one * 3] = (
                one,
                "unusable",
                None,
                self.world.frames.get((film, one * 3), (None,) * 4)[3],
            )
        self.act(
            edits.mark_unusable(self.store.read, film, [at(frame) for frame in frames]), before
        )

    @rule(film=FILM, frames=SEVERAL)
    def clear(self, film: str, frames: list[int]) -> None:
        before = copy.deepcopy(self.world)
        for one in frames:
            self.world.frames.pop((film, one * 3), None)
        self.act(edits.clear_frames(self.store.read, film, [frame * 3 for frame in frames]), before)

    @have_classes
    @rule(film=FILM, one=FRAMES, other=FRAMES, pick=PICK)
    def add_range(self, film: str, one: int, other: int, pick: int) -> None:
        before = copy.deepcopy(self.world)
        number = self.store.new_id("range_labels")
        assert number not in self.world.ranges
        self.world.ranges[number] = (film, min(one, other), max(one, other), self.class_id(pick))
        self.act(
            edits.add_range(self.store.read, film, at(one), at(other), self.class_id(pick), number),
            before,
        )

    @have_ranges
    @rule(pick=PICK, first=st.none() | FRAMES, last=st.none() | FRAMES, to=st.none() | PICK)
    def change_range(self, pick: int, first: int | None, last: int | None, to: int | None) -> None:
        before = copy.deepcopy(self.world)
        number = self.range_id(pick)
        film, old_first, old_last, old_class = self.world.ranges[number]
        ends = sorted(
            [
                first if first is not None else int(str(old_first)),
                last if last is not None else int(str(old_last)),
            ]
        )
        new_class = old_class if to is None else self.class_id(to)
        self.world.ranges[number] = (film, *ends, new_class)
        self.act(
            edits.change_range(
                self.store.read,
                number,
                None if first is None else at(first),
                None if last is None else at(last),
                None if to is None else self.class_id(to),
            ),
            before,
        )

    @have_ranges
    @rule(pick=PICK, cut=FRAMES)
    def split_range(self, pick: int, cut: int) -> None:
        before = copy.deepcopy(self.world)
        number = self.range_id(pick)
        film, first, last, class_id = self.world.ranges[number]
        if not int(str(first)) < cut <= int(str(last)):
            return
        other = self.store.new_id("range_labels")
        self.world.ranges[number] = (film, first, cut - 1, class_id)
        self.world.ranges[other] = (film, cut, last, class_id)
        self.act(edits.split_range(self.store.read, number, at(cut - 1), at(cut), other), before)

    @have_ranges
    @rule(pick=PICK)
    def delete_range(self, pick: int) -> None:
        before = copy.deepcopy(self.world)
        number = self.range_id(pick)
        del self.world.ranges[number]
        self.act(edits.delete_range(self.store.read, number), before)

    @have_classes
    @rule(pick=PICK, name=st.integers(0, 10**6))
    def rename(self, pick: int, name: int) -> None:
        before = copy.deepcopy(self.world)
        if any(value["name"] == f"n{name}" for value in self.world.classes.values()):
            return
        self.world.classes[self.class_id(pick)]["name"] = f"n{name}"
        self.act(
            class_edits.rename_class(self.store.read, self.class_id(pick), f" n{name}"), before
        )

    @have_classes
    @rule(pick=PICK, colour=COLOUR)
    def recolour(self, pick: int, colour: str) -> None:
        before = copy.deepcopy(self.world)
        self.world.classes[self.class_id(pick)]["colour"] = colour
        self.act(class_edits.recolour_class(self.store.read, self.class_id(pick), colour), before)

    @have_classes
    @rule(picks=st.lists(PICK, max_size=3))
    def reorder(self, picks: list[int]) -> None:
        before = copy.deepcopy(self.world)
        front = [self.class_id(pick) for pick in picks]
        rest = sorted(
            self.world.classes, key=lambda one: (int(str(self.world.classes[one]["place"])), one)
        )
        order: list[int] = []
        for one in front + rest:
            if one not in order:
                order.append(one)
        for place, one in enumerate(order):
            self.world.classes[one]["place"] = place
        self.act(class_edits.reorder_classes(self.store.read, front), before)

    @have_classes
    @rule(pick=PICK, into=PICK)
    def merge(self, pick: int, into: int) -> None:
        before = copy.deepcopy(self.world)
        one, target = self.class_id(pick), self.root(self.class_id(into))
        if one == target:
            try:
                class_edits.merge_classes(self.store.read, [one], self.class_id(into))
            except AppError:
                return
            raise AssertionError("a class was merged into itself")
        self.world.classes[one]["merged_into"] = target
        self.act(class_edits.merge_classes(self.store.read, [one], self.class_id(into)), before)

    @have_classes
    @rule(pick=PICK, retired=st.booleans())
    def retire(self, pick: int, retired: bool) -> None:
        before = copy.deepcopy(self.world)
        self.world.classes[self.class_id(pick)]["retired"] = retired
        build = class_edits.retire_class if retired else class_edits.bring_back
        self.act(build(self.store.read, self.class_id(pick)), before)

    @rule(back=st.booleans())
    def relink(self, back: bool) -> None:
        before = copy.deepcopy(self.world)
        old, new = FILMS[::-1] if back else FILMS
        for (film, pts), found in before.frames.items():
            if film == old and (new, pts) not in before.frames:
                self.world.frames[new, pts] = self.world.frames.pop((old, pts))
                assert found
        for number, found in before.ranges.items():
            if found[0] == old:
                self.world.ranges[number] = (new, *found[1:])
        self.act(
            placing.carry_over(self.store.read, old, PROCEDURE if back else OTHER, FrameMoment).act,
            before,
        )

    @have_classes
    @rule(film=FILM, frames=SEVERAL, cleared=SEVERAL, pick=PICK)
    def compound(self, film: str, frames: list[int], cleared: list[int], pick: int) -> None:
        before = copy.deepcopy(self.world)
        number = self.class_id(pick)
        for one in frames:
            old = self.world.frames.get((film, one * 3))
            self.world.frames[film, one * 3] = (
                one,
                "class",
                number,
                None if old is None else old[3],
            )
        # the clearing is built from the library as it is before the act: what it does not see it
        # does not clear
        for one in cleared:
            if (film, one * 3) in before.frames:
                self.world.frames.pop((film, one * 3), None)
        acts = [edits.label_frames(self.store.read, film, [at(frame) for frame in frames], number)]
        acts.append(edits.clear_frames(self.store.read, film, [one * 3 for one in cleared]))
        self.act(edits.compound("import", acts), before)

    @have_classes
    @rule(frames=SEVERAL, pick=PICK, name=NAME)
    def over_several(self, frames: list[int], pick: int, name: str) -> None:
        """A class and labels of two procedures in one act, which each scope takes back for
        itself.
        """
        before = copy.deepcopy(self.world)
        if any(
            value["merged_into"] is None and str(value["name"]).casefold() == name
            for value in self.world.classes.values()
        ):
            return
        new = self.store.new_id("classes")
        places = [int(str(value["place"])) for value in self.world.classes.values()]
        row = {
            "name": name,
            "colour": "#123456",
            "place": max(places) + 1,
            "retired": False,
            "merged_into": None,
        }
        number = self.class_id(pick)
        acts = [class_edits.add_class(self.store.read, name, "#123456", new)]
        for film, class_id in zip(FILMS, (new, number), strict=True):
            acts.append(
                edits.label_frames(self.store.read, film, [at(frame) for frame in frames], class_id)
            )
            for one in frames:
                old = self.world.frames.get((film, one * 3))
                self.world.frames[film, one * 3] = (
                    one,
                    "class",
                    class_id,
                    None if old is None else old[3],
                )
        self.world.classes[new] = row
        self.act(edits.compound("import", acts), before)


LibraryMachine.TestCase.settings = settings(
    max_examples=80,
    stateful_step_count=40,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
TestTheLibraryAgainstAPlainModel = LibraryMachine.TestCase
