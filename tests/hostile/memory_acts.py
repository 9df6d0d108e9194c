"""What is done with too little memory: all that the program writes, and what it reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from endoscope_app.base.paths import demo_clip
from endoscope_app.labels.exchange import format_detection
from endoscope_app.media.opening import open_source
from endoscope_app.media.opening_here import open_here
from endoscope_app.viewing.classifier import Classifier
from tests.hostile import full_disk_acts
from tests.hostile.attack import digest
from tests.hostile.full_disk_acts import ACTS, Act, Place
from tests.hostile.readers import SHIPPED, read_data_folder

_LABELS = Path("out") / "read.csv"


def make_place(root: Path) -> None:
    """As that of the full disk, with a file of labels to read."""
    full_disk_acts.make_place(root)
    rows = "".join(f"colon 1,{index},polyps\n" for index in range(20_000))
    (root / _LABELS).write_text(f"procedure,frame,label\n{rows}")


def _untouched(place: Place) -> object:
    return digest(place.root)


def _kept(place: Place) -> object:
    """Labels, and the names of all files that the start does not make: nothing is set aside."""
    names = sorted(
        str(path.relative_to(place.root))
        for path in place.root.rglob("*")
        if not path.name.endswith((".lock", "-wal", "-shm")) and path.parent.name != "backups"
    )
    return full_disk_acts.labels(place), names


def _reads(act: Callable[[Place], object]) -> Callable[[Place, Any], object]:
    return lambda place, _: act(place)


def _recording(opened: Callable[[Path], Any]) -> Callable[[Place, Any], object]:
    def do(_place: Place, _: Any) -> object:
        with opened(demo_clip()) as source:
            total = source.read(10).image.sum()
            # None is left out for want of memory, or of a thread
            assert sum(1 for _ in source.small_frames(0, 30, 112)) == 30
            return total

    return do


def _start(place: Place) -> object:
    return read_data_folder(place.data.root)


MEMORY_ACTS = (
    *ACTS,
    Act("start of the window", _reads(_start), _kept, is_undone=True),
    Act(
        "file of labels",
        _reads(lambda place: format_detection.read(place.root / _LABELS)),
        _untouched,
        is_undone=True,
    ),
    Act("recording", _recording(open_source), _untouched, is_undone=True),
    Act("recording decoded here", _recording(open_here), _untouched, is_undone=True),
    Act("model loaded", lambda place, _: Classifier.load(SHIPPED), _untouched, is_undone=True),
)
