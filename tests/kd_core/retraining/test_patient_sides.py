"""Held-out sides go by patient: two recordings of one patient are never parted, and nothing is
fixed until a run has learnt.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kd_core.data.folders import read_samples
from kd_core.retraining.held_out import sides_of_run
from kd_core.retraining.reader_data import data_set
from kd_core.schema.errors import DataError
from kd_core.schema.held_out import HeldOut, merged_sides, write_held_out
from kd_core.schema.manifest import Sample
from kd_core.schema.reader_labels import (
    NONE_OF_THESE,
    choose_held_out,
    chosen_sides,
    patient_units,
    settled,
)
from kd_core.schema.run_files import SIDES_NAME

PROCEDURES = "pqrstu"


def recorded(*rows: tuple[str, str, str]) -> list[Sample]:
    """Samples of (label, procedure, patient)."""
    return [
        Sample(f"/{number}", label, group, "", patient)
        for number, (label, group, patient) in enumerate(rows)
    ]


samples_of_patients = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(PROCEDURES)), min_size=1, max_size=30
).flatmap(
    lambda rows: st.dictionaries(
        st.sampled_from(PROCEDURES), st.sampled_from(["", "P1", "P2"])
    ).map(
        lambda patients: recorded(
            *[(label, group, patients.get(group, "")) for label, group in rows]
        )
    )
)
sides = st.lists(
    st.sampled_from(["held_out", "learnt", "none"]),
    min_size=len(PROCEDURES),
    max_size=len(PROCEDURES),
).map(lambda chosen: HeldOut(*(_on(chosen, name) for name in ("held_out", "learnt"))))


def _on(chosen: list[str], name: str) -> tuple[str, ...]:
    return tuple(group for group, side in zip(PROCEDURES, chosen, strict=True) if side == name)


def parted(samples: list[Sample], made: HeldOut) -> set[str]:
    """Patients on both sides, by a plain loop."""
    seen: dict[str, set[bool]] = {}
    for sample in samples:
        if sample.patient:
            seen.setdefault(sample.patient, set()).add(sample.group in made.held_out)
    return {patient for patient, both in seen.items() if len(both) == 2}


@given(samples_of_patients, sides, st.none() | sides)
def test_no_patient_is_ever_on_both_sides(
    samples: list[Sample], before: HeldOut, wanted: HeldOut | None
) -> None:
    made = (
        choose_held_out(samples, before)
        if wanted is None
        else chosen_sides(samples, before, wanted)
    )
    assert parted(samples, made) == set()
    assert not set(made.held_out) & set(made.learnt)
    assert {sample.group for sample in samples} <= {*made.held_out, *made.learnt}
    # What a model has learnt from is never held out, whoever wants it.
    assert set(before.learnt) <= set(made.learnt)
    # What was held out stays so, but for patients that stood on both sides already.
    moved = set(before.held_out) - set(made.held_out)
    known = {sample.group: sample.patient for sample in samples}
    assert {known[group] for group in moved} <= set(settled(samples, before)[1])


def test_a_new_recording_of_a_held_out_patient_is_held_out_and_of_a_learnt_one_is_learnt() -> None:
    samples = recorded(("a", "p", "P1"), ("a", "q", "P2"), ("a", "r", "P1"), ("a", "s", "P2"))
    made = choose_held_out(samples, HeldOut(("p",), ("q",)))
    assert made == HeldOut(("p", "r"), ("q", "s"))


def test_a_held_out_patient_stays_held_out_where_a_reader_forgets_his_new_recording() -> None:
    samples = recorded(("a", "p", "P1"), ("a", "q", "P1"), ("a", "r", "P2"), ("a", "s", "P2"))
    assert chosen_sides(samples, HeldOut(("p",)), HeldOut(("r",), ("q", "s"))) == HeldOut(
        ("p", "q"), ("r", "s")
    )


def test_a_patient_on_both_sides_counts_as_learnt_and_is_named() -> None:
    samples = recorded(("a", "p", "P1"), ("a", "q", "P1"), ("a", "r", ""))
    made, named = settled(samples, HeldOut(("p", "r"), ("q",)))
    assert made == HeldOut(("r",), ("p", "q"))
    assert named == ("P1",)
    assert choose_held_out(samples, HeldOut(("p", "r"), ("q",))) == made


def test_frames_that_show_no_class_hold_no_procedure_out() -> None:
    samples = recorded(("a", "p", ""), (NONE_OF_THESE, "q", ""))
    assert choose_held_out(samples, HeldOut()) == HeldOut((), ("p", "q"))


def test_a_patient_who_is_called_like_a_procedure_is_not_that_procedure() -> None:
    units = patient_units(recorded(("a", "p", "q"), ("a", "q", "")))
    assert units["p"] != units["q"]


def test_a_parted_patient_is_no_data_set() -> None:
    with pytest.raises(ValueError, match="both learnt from and held out"):
        data_set(
            recorded(("a", "p", "P1"), ("a", "q", "P1")),
            ("a", "b"),
            HeldOut(("p",), ("q",)),
            "reader",
        )


def test_a_manifest_names_the_patient_or_not(tmp_path: Path) -> None:
    (tmp_path / "manifest.csv").write_text("file,label,group,patient\n1.png,a,p, P1 \n2.png,a,q,\n")
    assert [sample.patient for sample in read_samples(tmp_path)] == ["P1", ""]
    (tmp_path / "manifest.csv").write_text("file,label,group\n1.png,a,p\n")
    assert [sample.patient for sample in read_samples(tmp_path)] == [""]


def test_a_run_keeps_its_sides_when_others_fixed_theirs_meanwhile(tmp_path: Path) -> None:
    samples = recorded(*[("a", group, "") for group in PROCEDURES])
    first, _ = sides_of_run(samples, HeldOut(), None, tmp_path)
    assert not (tmp_path / SIDES_NAME).exists()
    write_held_out(tmp_path / SIDES_NAME, first)
    others = HeldOut((), ("z",))
    assert sides_of_run(samples, others, None, tmp_path)[0] == merged_sides(first, others)


def test_the_readers_choice_for_a_run_holds_unless_a_model_has_learnt_from_the_procedure(
    tmp_path: Path,
) -> None:
    samples = recorded(*[("a", group, "") for group in "pqr"])
    chosen = tmp_path / "choice.json"
    write_held_out(chosen, HeldOut(("p", "q"), ("r",)))
    assert sides_of_run(samples, HeldOut((), ("q",)), chosen, tmp_path) == (
        HeldOut(("p",), ("q", "r")),
        (),
    )
    with pytest.raises(DataError, match="choice of held-out procedures of this run is missing"):
        sides_of_run(samples, HeldOut(), tmp_path / "gone.json", tmp_path)
