"""ONNX Runtime is told to report nothing to its maker, before anything can load it.

From version 1.32 on its wheels look its maker's servers up, leave a device's identity in the home
folder's cache and send events. It reads the variable when its library is loaded, so this must come
first: ``kd_core/__init__.py`` sees to that, because Python runs a package's ``__init__`` before any
of its modules. Child processes inherit the variable.
"""

from __future__ import annotations

import os
import sys

VARIABLE = "ORT_DISABLE_TELEMETRY"


def switch_off_telemetry() -> None:
    """Set the variable.

    Raises RuntimeError where ONNX Runtime was loaded before without it: then it has begun to
    report.
    """
    if "onnxruntime" in sys.modules and os.environ.get(VARIABLE) != "1":
        raise RuntimeError(
            f"onnxruntime was loaded before kd_core could set {VARIABLE}: import kd_core first."
        )
    os.environ[VARIABLE] = "1"
