"""What lies in folders, what the list shows in which order, and which procedure comes next."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from endoscope_app.worklist import inbox, wording
from endoscope_app.worklist.entry import Entry
from endoscope_app.worklist.entry_lines import Sight, groups, in_order
from endoscope_app.worklist.folder_contents import procedures_in
from endoscope_app.worklist.procedure_walk import neighbour


def entry(number: int, name: str, **other: object) -> Entry:
    return Entry(number, Path("/p") / name, **other)  # type: ignore[arg-type]


def names(entries: list[Entry], sight: Sight) -> list[str]:
    return [one.path.name for one in in_order(groups(entries, sight))]


def test_videos_and_folders_of_stills_are_found_below_a_folder(tmp_path: Path) -> None:
    for name in (
        "b/case 10.mp4",
        "b/case 9.AVI",
        "a/notes.txt",
        "c/1.png",
        "c/2.png",
        ".trash/old.mp4",
        "z.mkv",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"x")
    found = [one.path.relative_to(tmp_path).as_posix() for one in procedures_in([tmp_path])]
    assert found == ["z.mkv", "b/case 9.AVI", "b/case 10.mp4", "c"]
    assert all(one.changed_at > 0 for one in procedures_in([tmp_path]))
    named = tmp_path / "a" / "notes.txt"
    assert [one.path for one in procedures_in([named])] == [named]


def test_lines_are_grouped_by_patient_and_searched_by_every_word() -> None:
    entries = [
        entry(1, "case 10.mp4", patient="P-2", state="signed"),
        entry(2, "case 9.mp4", patient="P-2"),
        entry(3, "other.mp4"),
        entry(4, "case 1.mp4", patient="P-1", changed_at=100.0),
    ]
    assert [group.patient for group in groups(entries, Sight())] == ["P-1", "P-2", ""]
    assert names(entries, Sight()) == ["case 1.mp4", "case 9.mp4", "case 10.mp4", "other.mp4"]
    assert names(entries, Sight(order="state", descending=True))[1] == "case 10.mp4"
    assert names(entries, Sight(search="p-2 signed")) == ["case 10.mp4"]
    assert names(entries, Sight(search="no pseudonym")) == ["other.mp4"]
    assert names(entries, Sight(search="nothing such")) == []
    assert names(entries, Sight(state="signed")) == ["case 10.mp4"]


def test_the_next_one_passes_over_those_that_cannot_be_read() -> None:
    shown = [entry(1, "a"), entry(2, "b", trouble="Damaged."), entry(3, "c")]

    def walked(current: int | None, by: int) -> int | None:
        there = neighbour(shown, current, by)
        return None if there is None else there.id

    assert (walked(None, 1), walked(None, -1)) == (1, 3)
    assert (walked(1, 1), walked(3, -1)) == (3, 1)
    assert (walked(3, 1), walked(1, -1)) == (None, None)
    assert neighbour([], None, 1) is None


def test_a_line_says_how_far_it_is() -> None:
    part = {"frame_count": 200, "analysed": 50}
    assert wording.state(entry(1, "a", wanted=True)) == "New, waits for analysis"
    assert wording.state(entry(1, "a", state="analysing", wanted=True, **part)) == (
        "Analysing, 25\N{NO-BREAK SPACE}% done, waits"
    )
    assert wording.state(entry(1, "a", state="analysing", **part)) == (
        "Partly analysed, 25\N{NO-BREAK SPACE}%"
    )
    assert wording.state(entry(1, "a", state="signed", trouble="It is gone.")) == "It is gone."
    assert wording.running(0.5, 30.0, "in review").startswith("In review, analysing 50")
    assert wording.length(entry(1, "a", kind="folder", frame_count=1)) == "1 image"
    assert wording.length(entry(1, "a")) == ""


def test_the_command_leaves_what_it_found_and_says_what_it_did_not(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    odd = tmp_path / "in" / "cas\N{LATIN SMALL LETTER E WITH ACUTE} 1.mp4"
    odd.write_bytes(b"x")
    (tmp_path / "empty").mkdir()

    def add(*words: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "endoscope_app", "add", *map(str, words)]
        place = ["--data-dir", str(tmp_path / "data")]
        return subprocess.run([*command, *place], capture_output=True, text=True, check=False)

    done = add(tmp_path / "in")
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 procedure added" in done.stdout
    (file,) = inbox.waiting(tmp_path / "data" / "added")
    assert inbox.paths_of(file) == [odd]
    assert file.stat().st_mode & 0o077 == 0
    inbox.taken(file)
    assert inbox.waiting(tmp_path / "data" / "added") == []
    empty = add(tmp_path / "empty")
    assert (empty.returncode, empty.stderr.count("No procedure lies there.")) == (2, 1)
    gone = add(tmp_path / "gone")
    assert gone.returncode == 2
    assert "does not exist" in gone.stderr
