"""Every file of a reader's data, damaged in many ways: what reads it falls back, and nothing
but errors in words comes out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from endoscope_app.base.errors import AppError
from endoscope_app.base.settings import Settings, load_settings, save_settings
from endoscope_app.models.model_registry import ModelRegistry
from endoscope_app.retraining.comparison.comparison_files import read_comparison
from endoscope_app.retraining.run.interrupted_run import unfinished
from endoscope_app.retraining.run_folders import RunFolders, RunRecord
from endoscope_app.viewing.classifier import Classifier
from endoscope_app.viewing.recent import RecentFiles
from kd_core.schema.card_text import as_markdown
from kd_core.schema.errors import CoreError
from kd_core.schema.held_out import read_held_out
from tests.endoscope_app.app_session import running
from tests.endoscope_app.clips import make_clip
from tests.endoscope_app.comparison_run import make_run
from tests.endoscope_app.model_stage import A, S, make
from tests.model_factory import make_model_dir

#: A file holds at most this many flipped bytes and cuts, spread over it.
FLIPS, CUTS = 50, 8
HOSTILE = (
    b"",
    b"\0" * 40,
    b"null",
    b"[]",
    b"{}",
    b"3",
    b'"',
    b"[" * 100_000,
    b'{"a":' * 5000,
    b"\xff\xfe{\0}\0",
    b'{"a": "\xff"}',
    b'{"a": NaN}',
    b'{"a": 1e999}',
    b"9" * 6000,
    b'{"a": 1}{"a": 1}',
)


def damaged(content: bytes) -> Iterator[bytes]:
    """The content with single bytes exchanged, cut off, and replaced altogether."""
    step = max(1, len(content) // FLIPS)
    for where in range(0, len(content), step):
        for value in (content[where] ^ 0x01, 0xFF, ord("{")):
            yield content[:where] + bytes([value]) + content[where + 1 :]
    for where in range(0, len(content), max(1, len(content) // CUTS)):
        yield content[:where]
    yield from HOSTILE


def survives(path: Path, read: Callable[[], object]) -> None:
    """``read`` raises nothing but errors in words, however ``path`` is damaged."""
    content = path.read_bytes()
    for number, bad in enumerate(damaged(content)):
        path.write_bytes(bad)
        with suppress(AppError, CoreError):
            read()
        for aside in path.parent.glob(f"{path.name}.damaged-*"):
            assert aside.read_bytes() == bad, number
            aside.unlink()
    path.write_bytes(content)
    read()


def test_settings(tmp_path: Path) -> None:
    save_settings(tmp_path / "settings.json", Settings(theme="light"))
    survives(tmp_path / "settings.json", lambda: load_settings(tmp_path / "settings.json"))


def test_recent_files(tmp_path: Path) -> None:
    path = tmp_path / "recent.json"
    recent = RecentFiles(path)
    for number in range(3):
        recent.add(tmp_path / f"{number}.mp4", f"{number}" * 40, number)
    survives(path, lambda: [entry.path.exists() for entry in RecentFiles(path).entries()])


def _everything(registry: ModelRegistry) -> None:
    registry.active_path()
    for entry in registry.entries():
        registry.why_kept(entry.version)
    registry.previous()
    with suppress(AppError):
        as_markdown(registry.card(A))


def test_the_list_of_models(tmp_path: Path, two: ModelRegistry) -> None:
    two.promote(A, "Dr. A", "")
    two.rename(A, "mine")
    survives(tmp_path / "data" / "models" / "active.json", lambda: _everything(two))


def test_the_card_of_a_model_exchange(tmp_path: Path, two: ModelRegistry, shipped: Path) -> None:
    two.promote(A, "Dr. A", "")
    path = tmp_path / "data" / "models" / A / "card.json"
    path.write_text(
        json.dumps(
            json.loads(path.read_text())
            | {"checks": {"comparison": {"new": {"accuracy": {"candidate": 0.5}}}}}
        )
    )

    def read() -> None:
        _everything(two)
        found = two.active_path()
        assert found in (path.parent, shipped)
        assert bool(two.trouble) == (found == shipped)

    survives(path, read)


def test_a_card_with_sound_files_behind_it(tmp_path: Path) -> None:
    model = make_model_dir(tmp_path / "m")
    survives(model / "card.json", lambda: Classifier.load(model).card_text())


def test_the_record_of_a_run(tmp_path: Path) -> None:
    runs = RunFolders(tmp_path / "runs")
    folder = runs.new(RunRecord("base", {"scheme": "response", "teachers": ("a",)}, ("x",)))
    survives(
        folder / "run.json",
        lambda: (
            runs.all(),
            runs.latest(),
            runs.last_measured(),
            runs.learnt_by("v"),
            unfinished(runs),
        ),
    )


@pytest.mark.parametrize("name", ["evidence.json", "compared.json", "card.json"])
def test_a_comparison(tmp_path: Path, name: str) -> None:
    folder = make_run(tmp_path / "runs" / "20261201-080000-00")
    survives(folder / "candidate" / name, lambda: read_comparison(folder, {}))


def test_held_out_procedures(tmp_path: Path) -> None:
    path = tmp_path / "held-out.json"
    path.write_text(json.dumps({"held_out": ["a"], "learnt": ["b"]}))
    survives(path, lambda: read_held_out(path))


@pytest.mark.parametrize(
    "content",
    [b'{"colour_map": "jet"}', b'{"range_step": 0}', b'{"theme": "\xff"}', b"[" * 100_000],
)
def test_the_window_opens_on_damaged_settings_and_says_so_once(
    qtbot: QtBot, tmp_path: Path, content: bytes
) -> None:
    data, model, clip = (
        tmp_path / "data",
        make_model_dir(tmp_path / "m"),
        make_clip(tmp_path / "c.mp4", count=10),
    )
    data.mkdir()
    (data / "settings.json").write_bytes(content)
    with running(data, model) as session:
        session.open(clip)
        message = session.message()
        assert message.count("kept as settings.json.damaged-") == 1
        assert len(message.splitlines()) == 1
    with running(data, model) as session:
        session.open(clip)
        assert session.message() == ""


@pytest.mark.parametrize("content", HOSTILE, ids=range(len(HOSTILE)))
def test_the_window_opens_on_damaged_files_of_every_kind_and_the_shipped_model_speaks(
    qtbot: QtBot, tmp_path: Path, content: bytes
) -> None:
    data, model, clip = (
        tmp_path / "data",
        make_model_dir(tmp_path / "m"),
        make_clip(tmp_path / "c.mp4", count=10),
    )
    run = data / "runs" / "20261201-080000-00"
    for path in (data, data / "models" / S, run / "candidate"):
        path.mkdir(parents=True)
    names = (
        "settings.json",
        "recent.json",
        "models/active.json",
        f"models/{S}/card.json",
        "runs/held-out.json",
    )
    for name in (
        *names,
        *(
            f"runs/{run.name}/{file}"
            for file in ("run.json", "events.jsonl", "candidate/evidence.json")
        ),
    ):
        (data / name).write_bytes(content)
    with running(data, model) as session:
        session.open(clip)
        assert session.app.classifier is not None
        session.app.models.list.open()
        assert session.app.models.list.dialog is not None
        session.app.retraining.flow.open()


def test_the_shipped_model_stands_in_for_one_whose_card_is_damaged(
    qtbot: QtBot, tmp_path: Path
) -> None:
    data, clip = tmp_path / "data", make_clip(tmp_path / "c.mp4", count=10)
    model = make_model_dir(tmp_path / "m")
    registry = ModelRegistry(data / "models", model)
    registry.adopt(make(tmp_path / "candidates" / A, A))
    registry.promote(A, "Dr. A", "")
    card = data / "models" / A / "card.json"
    card.write_bytes(card.read_bytes().replace(b"polyp", b"pol\xffp"))
    with running(data, model) as session:
        session.open(clip)
        assert session.app.classifier is not None
        assert A in session.message()
        assert "model that came with the program is used" in session.message()
