"""A commit that makes the program slower is seen by its ratios; another machine's are not ours."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.cli.benchmark.command import ATTEMPTS, run_benchmark
from endoscope_app.cli.benchmark.history import fallen, last_kept, ratios_in, this_machine
from tests.endoscope_app.clips import make_clip
from tests.places import REPOSITORY

HERE = this_machine(3, "a clip")


def keep(folder: Path, name: str, ratio: float, **machine: object) -> None:
    folder.mkdir(exist_ok=True)
    where = msgspec.structs.asdict(msgspec.structs.replace(HERE, **machine))
    (folder / name).write_text(json.dumps({"machine": where, "analysis": {"ratio": ratio}}))


def test_a_ratio_that_has_fallen_by_more_than_its_share_is_told_and_one_within_is_not(
    tmp_path: Path,
) -> None:
    keep(tmp_path, "a.json", 0.8)
    kept = last_kept(tmp_path, HERE)
    assert kept is not None
    assert list(fallen({"analysis.ratio": 0.69}, kept)) == []
    assert list(fallen({"analysis.ratio": 0.67}, kept)) == [("analysis.ratio", 0.8, 0.67)]


def test_where_less_is_better_more_is_slower() -> None:
    before = ratios_in({"apart": {"seek_ratio": 1.0}})
    after = ratios_in({"apart": {"seek_ratio": 2.0}})
    assert after["apart.seek_ratio"] < before["apart.seek_ratio"]


def test_the_newest_of_an_equal_machine_and_clip_counts(tmp_path: Path) -> None:
    keep(tmp_path, "a.json", 0.5, taken="2026-01-01")
    keep(tmp_path, "b.json", 0.6, taken="2026-02-01")
    keep(tmp_path, "c.json", 0.7, taken="2026-03-01", cores=HERE.cores + 6)
    keep(tmp_path, "d.json", 0.8, taken="2026-03-01", clip="another")
    kept = last_kept(tmp_path, HERE)
    assert kept is not None
    assert kept.name == "b.json"


def test_a_file_that_is_none_of_the_benchmarks_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"analysis": {"ratio": 1}}')
    with pytest.raises(AppError, match=r"a\.json holds no figures"):
        last_kept(tmp_path, HERE)


@pytest.mark.parametrize(("ratio", "status", "measured"), [(0.001, 0, 1), (1000.0, 1, ATTEMPTS)])
def test_the_command_fails_only_where_a_ratio_stays_below_what_was_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], ratio: float, status: int, measured: int
) -> None:
    clip = make_clip(tmp_path / "c.mp4", count=30)
    keep(tmp_path / "kept", "a.json", ratio, clip=clip.name)
    given = ["--json", "--parts", "analysis", "--runs", "1", "--clip", str(clip)]
    assert run_benchmark([*given, "--against", str(tmp_path / "kept")]) == status
    said = capsys.readouterr()
    assert json.loads(said.out)["machine"]["cores"] == HERE.cores
    assert said.err.count("analysis: run 1 of 1") == measured


def test_without_figures_of_such_a_machine_nothing_is_compared_and_that_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clip = make_clip(tmp_path / "c.mp4", count=30)
    keep(tmp_path / "kept", "a.json", 1000.0, clip="another")
    given = ["--parts", "analysis", "--runs", "1", "--clip", str(clip)]
    assert run_benchmark([*given, "--against", str(tmp_path / "kept")]) == 0
    assert "nothing is compared" in capsys.readouterr().err


def test_every_kept_file_can_be_read_and_has_ratios() -> None:
    files = sorted((REPOSITORY / "resources" / "benchmarks").glob("*.json"))
    assert files
    for path in files:
        parts = json.loads(path.read_text(encoding="utf-8"))
        machine = msgspec.convert(parts["machine"], type(HERE))
        kept = last_kept(path.parent, machine)
        assert kept is not None
        assert kept.ratios
