"""What a frame counts as: its own label, else the newest range over it, whatever the order of
the acts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endoscope_app.labels.frame_states import (
    AGREED,
    CLASS,
    NONE,
    UNUSABLE,
    FrameStates,
    Given,
    Span,
    State,
)
from endoscope_app.labels.label_tally import counts_of
from endoscope_app.labels.library import edits
from endoscope_app.labels.library.effective_labels import GROUPS, effective
from tests.endoscope_app.label_library import PROCEDURE, READER, library, moment

FRAMES = 12
LABEL = st.tuples(
    st.integers(0, FRAMES + 2),
    st.sampled_from([(NONE, NONE), (CLASS, 0), (CLASS, 2), (AGREED, 1), (UNUSABLE, NONE)]),
)
SPAN = st.tuples(
    st.integers(1, 4), st.integers(0, FRAMES + 2), st.integers(0, 4), st.integers(0, 2)
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.one_of(LABEL, st.lists(SPAN, max_size=4, unique_by=lambda one: one[0])), max_size=12
    )
)
def test_states_are_those_of_a_plain_loop_after_every_act(acts: list[Any]) -> None:
    states = FrameStates(FRAMES, ["a", "b", "c"])
    own: dict[int, tuple[Any, Any]] = {}
    spans: list[Span] = []
    for act in acts:
        if isinstance(act, tuple):
            frame, (kind, code) = act
            states.set_label(frame, kind, code)
            own[frame] = (kind, code)
        else:
            before = [_meant(frame, own, spans) for frame in range(FRAMES)]
            spans = [
                Span(number, first, first + length, code) for number, first, length, code in act
            ]
            told = set(states.set_ranges(spans).tolist())
            after = [_meant(frame, own, spans) for frame in range(FRAMES)]
            assert {frame for frame in range(FRAMES) if before[frame] != after[frame]} <= told
        for frame in range(FRAMES):
            said = int(states.kind[frame]), int(states.label[frame]), bool(states.from_range[frame])
            assert said == _meant(frame, own, spans)
            assert states.has_answer(frame) == (said[0] != NONE)
    assert states.counts().tolist() == [int((states.label == code).sum()) for code in range(3)]


def _meant(frame: int, own: dict[int, tuple[int, int]], spans: list[Span]) -> tuple[int, int, bool]:
    kind, code = own.get(frame, (NONE, NONE))
    if kind != NONE:
        return kind, code, False
    over = [span for span in spans if span.first <= frame <= span.last]
    return (CLASS, max(over).code, True) if over else (NONE, NONE, False)


def test_states_and_the_librarys_effective_labels_agree(tmp_path: Path) -> None:
    with library(tmp_path / "labels", grouped=True) as store:
        film = PROCEDURE.fingerprint
        for first, last, class_id in ((10, 40, 1), (30, 60, 2), (35, 36, 3)):
            store.apply(
                edits.add_range(
                    store.read,
                    film,
                    moment(first),
                    moment(last),
                    class_id,
                    store.new_id("range_labels"),
                ),
                READER,
            )
        store.apply(edits.label_frames(store.read, film, [moment(12)], 3), READER)
        store.apply(edits.mark_unusable(store.read, film, [moment(50)]), READER)
        there = effective(store.read, film, 100)
        groups = store.read.groups()
        lanes = [GROUPS.index(groups[class_id]) for class_id in (1, 2, 3)]
        states = FrameStates(100, ["polyps", "cecum", "stool"], lanes)
        states.set_ranges(
            Span(span.id, span.first_index, span.last_index, span.class_id - 1)
            for span in store.read.ranges(film)
        )
        own = store.read.label_arrays(film)
        states.set_labels(
            own.frame_index, own.kind, np.where(own.class_id < 0, NONE, own.class_id - 1)
        )
        assert np.array_equal(states.kind == UNUSABLE, there.unusable)
        said = there.class_id[: len(states.labels)]
        assert np.array_equal(np.where(states.labels < 0, NONE, states.labels + 1), said)
        given = [len(states.given(frame)) for frame in (12, 20, 35, 36, 50, 99)]
        assert given == [2, 1, 3, 3, 0, 0]
        assert states.given(35) == [Given(code, CLASS, True) for code in (0, 1, 2)]
        assert states.given(12) == [Given(0, CLASS, True), Given(2, CLASS, False)]
        counts = counts_of(there)
        assert counts.labelled == int((states.kind != NONE).sum()) == 51
        assert (counts.from_ranges, counts.beside) == (
            int(states.from_range.sum()),
            states.beside(),
        )


def test_a_range_counts_as_an_answer_for_every_question() -> None:
    states = FrameStates(6, ["a", "b"])
    states.set_ranges([Span(1, 1, 3, 0)])
    states.set_model(
        np.array([0, 0, 1, 1, 1, 1]), {0: 0, 1: 1}, np.array([True, True, False, True, True, False])
    )
    assert states.differing().tolist() == [False, False, True, True, False, False]
    assert states.worth_a_look().tolist() == [True, False, True, True, True, False]
    assert states.states().tolist() == [2, 0, 1, 1, 2, 3]


@pytest.mark.parametrize("spans", [1000])
def test_a_thousand_ranges_are_read_at_once(spans: int) -> None:
    import time

    states = FrameStates(45_000, ["a", "b"])
    begun = time.thread_time()
    states.set_ranges(
        [Span(number, 40 * number, 40 * number + 60, number % 2) for number in range(spans)]
    )
    assert time.thread_time() - begun < 0.5
    assert int((states.kind == CLASS).sum()) == 40 * (spans - 1) + 61


def test_a_label_agrees_with_nobody_before_the_model_has_spoken() -> None:
    states = FrameStates(3, ["a", "b"])
    states.set_ranges([Span(1, 0, 2, 0)])
    assert states.states().tolist() == [State.LABELLED] * 3
    states.set_model(np.array([0, 1, -1]), {0: 0, 1: 1}, np.array([False, False, False]))
    assert states.states().tolist() == [State.AGREED, State.DISAGREEMENT, State.LABELLED]


def test_the_model_agrees_with_any_label_and_a_range_of_a_later_group_denies_nothing() -> None:
    states = FrameStates(7, ["polyp", "colitis", "prepared", "poor"], [0, 0, 2, 2])
    states.set_ranges([Span(1, 0, 5, 2)])
    for frame, code in ((1, 0), (2, 0), (4, 2)):
        states.set_label(frame, CLASS, code)
    says = np.array([0, 2, 1, 3, 0, 2, 0])
    states.set_model(says, dict(enumerate(range(4))), np.zeros(7, np.bool_))
    agreed, differs = State.AGREED, State.DISAGREEMENT
    assert states.states().tolist() == [
        State.LABELLED,  # prepared as all are; of a polyp nothing is said
        agreed,
        differs,
        differs,
        differs,  # the reader looked at this very frame
        agreed,
        State.UNLABELLED,
    ]
    assert states.differing().tolist() == [False, False, True, True, True, False, False]
