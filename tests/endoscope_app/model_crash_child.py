"""Changes a model registry until it is killed: python -m tests.endoscope_app.model_crash_child
FOLDER SHIPPED CANDIDATES. See test_model_registry_faults.

It says when it is ready, and how many seconds each round of changes took.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from endoscope_app.models.model_registry import ModelRegistry


def main() -> None:
    registry = ModelRegistry(Path(sys.argv[1]), Path(sys.argv[2]))
    candidates = sorted(Path(sys.argv[3]).iterdir())
    print("ready", flush=True)
    while True:
        begun = time.perf_counter()
        here = {entry.version for entry in registry.entries()}
        for candidate in candidates:
            version = (
                registry.card(candidate.name).version
                if candidate.name in here
                else registry.adopt(candidate)
            )
            registry.promote(version, "Dr. Crash", "a reason")
            registry.rename(version, "a name")
        registry.roll_back()
        registry.roll_back()
        for candidate in candidates:
            registry.delete(candidate.name)
            here.discard(candidate.name)
        print(time.perf_counter() - begun, flush=True)


if __name__ == "__main__":
    main()
