"""The packages of the extra "train": what is said where they are not installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kd_core.schema.errors import MissingPackageError

PACKAGES = frozenset(
    {
        "efficientnet_lite_pytorch",
        "jinja2",
        "matplotlib",
        "onnx",
        "pytorch_grad_cam",
        "safetensors",
        "sklearn",
        "torch",
        "torchvision",
    }
)


@contextmanager
def learning_side_named() -> Iterator[None]:
    """Around work: a missing package of the extra is a MissingPackageError, any other a bug."""
    try:
        yield
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0]
        if name not in PACKAGES:
            raise
        raise MissingPackageError(name) from error
