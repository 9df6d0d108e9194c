"""One labelled image of a data set, and the split it belongs to."""

from __future__ import annotations

import msgspec


class Sample(msgspec.Struct, frozen=True):
    """One labelled image.

    ``path`` is absolute; ``group`` is the leak-free unit (near-duplicates share it), in a reader's
    labels the procedure's fingerprint; ``mask`` is a lesion mask or ''; ``patient`` a pseudonym, or
    '' where it is not known. ``labels``: where all class groups are read, what is known of each, as
    (class group, class or "none"); ``label`` is then the first class of them, "none" without one.
    """

    path: str
    label: str
    group: str
    mask: str = ""
    patient: str = ""
    labels: tuple[tuple[str, str], ...] = ()
