"""``kd-core retrain`` fixes nothing before a model has learnt, and keeps to the reader's
choice, in a resumed run too.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kd_core.__main__ import main
from kd_core.artifacts.model_folder import write_model_folder
from kd_core.platform.claimed_folder import LOCK_NAME
from kd_core.retraining import recipe as run_module
from kd_core.schema.errors import DataError
from kd_core.schema.held_out import HeldOut, read_held_out, write_held_out
from kd_core.schema.model_files import CARD_NAME
from kd_core.schema.run_files import SIDES_NAME
from tests.kd_core.platform.test_claimed_folder import held_by_another
from tests.kd_core.retrained import KNOWN, Retrained, reader_labels, retrained
from tests.kd_core.training.test_distil import teacher_folder

pytestmark = pytest.mark.timeout(600)  # each trains for seconds, minutes on a loaded machine


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Retrained:
    return retrained(tmp_path_factory.mktemp("sides"))


def words(run: Retrained, root: Path, *more: str | Path) -> list[str]:
    """A short retraining on the procedures p and q in ``root``."""
    labels = reader_labels(root / "labels", "cecum")
    teacher = root / "teacher"
    if not teacher.exists():
        teacher_folder(teacher, KNOWN)
    made = [
        "retrain",
        "--labels",
        labels,
        "--base",
        run.base,
        "--replay",
        run.replay,
        "--out",
        root / "run" / "candidate",
    ]
    made += [
        "--teachers",
        teacher,
        "--epochs",
        "1",
        "--scheme",
        "response",
        "--threads",
        "1",
        "--held-out",
        root / "held-out.json",
    ]
    return [str(word) for word in (*made, *more)]


def choice(root: Path, held_out: str, learnt: str) -> Path:
    write_held_out(root / "choice.json", HeldOut(tuple(held_out), tuple(learnt)))
    return root / "choice.json"


def test_a_second_retraining_into_a_folder_is_refused_and_changes_nothing_there(
    run: Retrained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = words(run, tmp_path, "--sides", choice(tmp_path, "q", "p"), "--events")
    out = tmp_path / "run" / "candidate"
    out.mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    with held_by_another(out):
        assert main(arguments) == 2
        assert [path.name for path in out.iterdir()] == [LOCK_NAME]
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["outcome"] == "failed"
    assert "Another training is at work" in last["sentence"]
    (out / LOCK_NAME).unlink()
    assert sorted(tmp_path.rglob("*")) == before


def test_a_refusal_is_one_event_and_writes_nothing(
    run: Retrained, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = words(run, tmp_path, "--sides", choice(tmp_path, "pq", ""), "--events")
    before = sorted(tmp_path.rglob("*"))
    assert main(arguments) == 2
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["outcome"] for line in lines] == ["failed"]
    assert "held out" in json.loads(lines[0])["sentence"]
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.slow
def test_the_readers_choice_is_fixed_once_the_candidate_is_there(
    run: Retrained, tmp_path: Path
) -> None:
    assert main(words(run, tmp_path, "--sides", choice(tmp_path, "p", "q"))) == 0
    assert read_held_out(tmp_path / "held-out.json") == HeldOut(("p",), ("q",))
    compared = json.loads((tmp_path / "run" / "candidate" / "compared.json").read_bytes())
    assert {frame["procedure"] for frame in compared["frames"]} == {"p"}


@pytest.mark.slow
def test_a_run_that_was_torn_away_before_its_candidate_fixed_nothing_and_keeps_its_sides(
    run: Retrained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise DataError("The disk is full.")

    whole = write_model_folder
    monkeypatch.setattr(run_module, "write_model_folder", full)
    out = tmp_path / "run" / "candidate"
    assert main(words(run, tmp_path, "--sides", choice(tmp_path, "p", "q"))) == 2
    assert not (tmp_path / "held-out.json").exists()
    assert read_held_out(out / SIDES_NAME) == HeldOut(("p",), ("q",))
    monkeypatch.setattr(run_module, "write_model_folder", whole)
    write_held_out(tmp_path / "held-out.json", HeldOut((), ("z",)))  # another run ended meanwhile
    assert main(words(run, tmp_path)) == 0
    assert (out / CARD_NAME).is_file()
    assert read_held_out(tmp_path / "held-out.json") == HeldOut(("p",), ("q", "z"))


@pytest.mark.slow
def test_teachers_may_lie_in_a_folder_with_a_comma_in_its_name(
    run: Retrained, tmp_path: Path
) -> None:
    odd = teacher_folder(tmp_path / "Smith, Jones" / "a", KNOWN)
    assert main(words(run, tmp_path, "--teachers", odd)) == 0
    card = json.loads((tmp_path / "run" / "candidate" / CARD_NAME).read_bytes())
    assert len(card["training"]["teachers"]) == 2


@pytest.mark.slow
def test_a_model_that_learnt_a_class_is_retrained_beside_teachers_that_never_heard_of_it(
    run: Retrained, tmp_path: Path
) -> None:
    arguments = words(run, tmp_path, "--sides", choice(tmp_path, "", "pq"))
    arguments[arguments.index("--labels") + 1] = str(reader_labels(tmp_path / "three", "lipoma"))
    assert main(arguments) == 0
    first = tmp_path / "run" / "candidate"
    assert json.loads((first / CARD_NAME).read_bytes())["classes"] == ["cecum", "polyps", "lipoma"]
    arguments[arguments.index("--base") + 1] = str(first)
    arguments[arguments.index("--out") + 1] = str(tmp_path / "run" / "second")
    assert main(arguments) == 0
    assert json.loads((tmp_path / "run" / "second" / CARD_NAME).read_bytes())["classes"] == [
        "cecum",
        "polyps",
        "lipoma",
    ]
