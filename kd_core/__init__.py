"""The learning core: small students for endoscopic frames, how they are taught, explained and run.

``kd_core.distil`` and its neighbours are loaded when they are first used: importing this package
alone loads neither torch nor ONNX Runtime. No Qt. For research and education. Not a medical device.
"""

import importlib
from typing import TYPE_CHECKING

from kd_core.platform.learning_side import learning_side_named
from kd_core.platform.quiet_runtime import switch_off_telemetry

# Before anything can load ONNX Runtime.
switch_off_telemetry()

if TYPE_CHECKING:
    from kd_core.api.explanation import explain
    from kd_core.api.loading import load_model
    from kd_core.api.retraining import retrain
    from kd_core.api.scoring import compare, evaluate
    from kd_core.api.training import distil, train_student, train_teacher
    from kd_core.schema.config import SCHEMES, TrainConfig
    from kd_core.vision.predictor import Predictor

__version__ = "0.1.0"

__all__ = [
    "SCHEMES",
    "Predictor",
    "TrainConfig",
    "compare",
    "distil",
    "evaluate",
    "explain",
    "load_model",
    "retrain",
    "train_student",
    "train_teacher",
]

#: Where each of them lives; a test holds it equal to the imports above.
_HOMES = {
    "SCHEMES": "kd_core.schema.config",
    "Predictor": "kd_core.vision.predictor",
    "TrainConfig": "kd_core.schema.config",
    "compare": "kd_core.api.scoring",
    "distil": "kd_core.api.training",
    "evaluate": "kd_core.api.scoring",
    "explain": "kd_core.api.explanation",
    "load_model": "kd_core.api.loading",
    "retrain": "kd_core.api.retraining",
    "train_student": "kd_core.api.training",
    "train_teacher": "kd_core.api.training",
}


def __getattr__(name: str) -> object:
    """What ``__all__`` names, imported when it is first asked for. Raises AttributeError."""
    if name not in _HOMES:
        raise AttributeError(f"module 'kd_core' has no attribute '{name}'")
    with learning_side_named():
        value: object = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
