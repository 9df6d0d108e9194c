"""Of procedures that were read twice, which frames can be learnt from. No Qt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.second_reading import second_library
from endoscope_app.second_reading.library_readings import read_both


def learnable_frames(library: Path, main: LabelReader) -> dict[str, NDArray[np.bool_]]:
    """By fingerprint (N,) of every procedure whose second reading is finished: True where both
    readers say the same in the group that counts, or where it was adjudicated.

    ``library``: the folder of ``main``. AppError where the second readings cannot be opened.
    """
    finished = [key for key, item in main.second_readings().items() if item.state == "finished"]
    second = second_library.open_to_read(library) if finished else None
    if second is None:
        return {}
    with second:
        return {key: read_both(main, second.read, key).agreed for key in finished}
