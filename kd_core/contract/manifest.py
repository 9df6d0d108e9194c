"""One labelled image of a data set, and the split it belongs to."""

from __future__ import annotations

import msgspec


class Sample(msgspec.Struct, frozen=True):
    """``path`` is absolute; ``group`` is the leak-free unit (near-duplicates share it); ``mask`` is a lesion mask or ''."""

    path: str
    label: str
    group: str
    mask: str = ""
