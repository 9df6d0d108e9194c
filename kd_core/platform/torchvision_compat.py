"""Making ``import torchvision`` work beside a CPU-only torch.

The grad-cam package imports torchvision for a class we never use.

The registry's torchvision wheel for Linux is linked against CUDA torch: beside the CPU build its
extension does not load, and the import then fails because it registers rules for the operators
torchvision::nms and torchvision::qnms, which the extension would have declared (checked with torch
2.13.0 and torchvision 0.28.0). Declaring their schemas first is enough.
"""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path

import torch

_BOXES_TO_INDICES = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
OPERATORS = ("nms", "qnms")


@cache
def make_torchvision_importable() -> tuple[torch.library.Library, ...]:
    """Declare the operators that torchvision's extension does not bring.

    Call before importing anything that imports torchvision.

    Returns the declarations, empty where the extension loads. The cache keeps them alive: a Library
    that is collected takes its operators with it.
    """
    _load_extension()
    missing = [name for name in OPERATORS if not hasattr(torch.ops.torchvision, name)]
    if not missing:
        return ()
    library = torch.library.Library("torchvision", "DEF")
    for name in missing:
        library.define(name + _BOXES_TO_INDICES)
    return (library,)


def _load_extension() -> None:
    """What torchvision.extension does when it is imported.

    Only after that is it known which operators exist.
    """
    spec = importlib.util.find_spec("torchvision")  # finds it without running its __init__
    if spec is None or spec.origin is None:
        return
    for file in sorted(Path(spec.origin).parent.glob("_C*")):
        if file.suffix in (".so", ".pyd", ".dll"):
            try:
                torch.ops.load_library(str(file))
            except (OSError, ImportError):
                continue
