"""Trying a model from elsewhere in a process that may fall: python -m kd_core.vision.trial FOLDER.

What a file may ask of a library is more than its operators say: memory without end, time without
end, a fault in the library itself. Here that costs a sentence. Exit 0 where the model answers, 2
with the reason on standard error where it is refused; anything else is a fall.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from kd_core.schema.errors import ModelError
from kd_core.vision.predictor import Predictor

#: Of address space, which includes the libraries; and of processor time. A student takes 0.7 GB of
#: the first and a second of the other.
MEMORY_BYTES, PROCESSOR_SECONDS = 3 << 30, 30


def limit(memory: int = MEMORY_BYTES, seconds: int = PROCESSOR_SECONDS) -> None:
    """Hold this process to limits, where the system has them (not Windows)."""
    try:
        import resource
    except ImportError:
        return
    for which, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds)):
        resource.setrlimit(which, (most, most))
    # A fall leaves no copy of memory behind
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(arguments: list[str]) -> int:
    """Load the model of the folder, and ask it about one image."""
    limit()
    try:
        predictor = Predictor.load(Path(arguments[0]))
        predictor.predict([np.full((256, 256, 3), 128, np.uint8)])
    except ModelError as error:
        print(f"kd-core: {error.sentence}\n{error.way_out}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
