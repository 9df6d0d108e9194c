"""What libraries would keep in the home folder goes into one that is removed.

And what they would keep in the system's folder for temporary files.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

#: Matplotlib's list of fonts, and the folder that torch makes for compiled kernels as soon as it is
#: loaded.
VARIABLES = ("MPLCONFIGDIR", "TORCHINDUCTOR_CACHE_DIR")


@contextmanager
def temporary_caches() -> Iterator[None]:
    """Within it the libraries cache in a folder of their own that is removed afterwards.

    A place that the user named is kept.
    """
    unset = [name for name in VARIABLES if name not in os.environ]
    with tempfile.TemporaryDirectory(prefix="kd-core-", ignore_cleanup_errors=True) as folder:
        os.environ.update(dict.fromkeys(unset, folder))
        try:
            yield
        finally:
            for name in unset:
                os.environ.pop(name, None)
