"""Two windows on one folder of models: what both decide at the same time is all there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from endoscope_app.base.errors import AppError
from endoscope_app.base.lock import LibraryLock
from endoscope_app.models import promotions, wording
from endoscope_app.models.model_registry import ModelRegistry
from endoscope_app.models.promotions import LOCK_NAME, PromotionFile, Promotions
from tests.endoscope_app.model_stage import A, B

Decides = Callable[[ModelRegistry], object]


def meanwhile(
    monkeypatch: pytest.MonkeyPatch, first: ModelRegistry, decides: Callable[[], object]
) -> threading.Thread:
    """Another window decides between the first one's reading and its writing: it is done, or it
    waits, before the first goes on.
    """
    told, begun = threading.Event(), threading.Event()
    read, take = PromotionFile.read, LibraryLock.take

    def work() -> None:
        decides()
        told.set()

    other = threading.Thread(target=work)

    def reading(file: PromotionFile) -> Promotions:
        state = read(file)
        if file is first._file and not begun.is_set():
            begun.set()
            other.start()
            told.wait()
        return state

    def taking(lock: LibraryLock) -> bool:
        taken = take(lock)
        if not taken:
            told.set()
        return taken

    monkeypatch.setattr(PromotionFile, "read", reading)
    monkeypatch.setattr(LibraryLock, "take", taking)
    return other


@pytest.mark.parametrize(
    ("first_does", "second_does"),
    [
        (lambda one: one.promote(A, "Dr. A"), lambda one: one.promote(B, "Dr. B", "why")),
        (lambda one: one.rename(A, "first"), lambda one: one.promote(B, "Dr. B", "why")),
        (lambda one: one.promote(A, "Dr. A"), lambda one: one.rename(B, "second")),
    ],
)
def test_neither_forgets_what_the_other_decided(
    two: ModelRegistry,
    shipped: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    first_does: Decides,
    second_does: Decides,
) -> None:
    folder = tmp_path / "data" / "models"
    second = ModelRegistry(folder, shipped)
    other = meanwhile(monkeypatch, two, lambda: second_does(second))
    first_does(two)
    other.join()
    state = PromotionFile(folder).read()
    decided = [*state.names.items(), *((one.version, one.reader) for one in state.history)]
    assert sorted(version for version, _ in decided) == [A, B]


def test_a_window_that_holds_the_models_too_long_is_said(
    two: ModelRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promotions, "PATIENCE_S", 0.01)
    held = LibraryLock(tmp_path / "data" / "models" / LOCK_NAME)
    assert held.take()
    with pytest.raises(AppError) as caught:
        two.promote(A, "Dr. A")
    assert (caught.value.sentence, caught.value.way_out) == wording.CHANGED_ELSEWHERE
    held.release()
    two.promote(A, "Dr. A")
