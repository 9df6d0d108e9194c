"""Heat maps of one image by any method of the grad-cam package, for any layer.

The package is Gildenblat's (2021), the layer one of the student's. The live view uses the closed
form in kd_core.vision.cam; with method "gradcam" at the last layer both are the same map (tests
hold them equal to 1e-5), so what is shown while playing and what is computed here while paused
never contradict each other.
"""

from __future__ import annotations

import copy

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from kd_core.models.student import Student
from kd_core.platform.torchvision_compat import make_torchvision_importable
from kd_core.schema.errors import ModelError
from kd_core.schema.heat_map_methods import LAST_LAYER

Image = NDArray[np.uint8]
Array = NDArray[np.float32]

#: Key of kd_core.schema.heat_map_methods -> class in pytorch_grad_cam.
_CLASSES = {
    "gradcam": "GradCAM",
    "hirescam": "HiResCAM",
    "layercam": "LayerCAM",
    "eigencam": "EigenCAM",
    "scorecam": "ScoreCAM",
    "gradcam++": "GradCAMPlusPlus",
    "xgradcam": "XGradCAM",
    "ablationcam": "AblationCAM",
}


class _Logits(nn.Module):
    """A copy of the student that gives one tensor.

    The package wants that, and in-place layers would change the activations that it keeps.
    """

    def __init__(self, student: Student) -> None:
        super().__init__()
        self.student = copy.deepcopy(student).eval()
        for module in self.student.modules():
            if isinstance(module, nn.ReLU):
                module.inplace = False

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.student(images).logits
        return logits


def layer_names(student: Student) -> list[str]:
    """What ``layer`` may be: every stage and its parts, e.g. "stages.10" or "stages.10.0"."""
    return [name for name, _ in student.named_modules() if name.startswith("stages.")]


def grad_cam_map(
    student: Student,
    image: Tensor,
    class_index: int,
    method: str = "gradcam",
    layer: str = LAST_LAYER,
) -> Array:
    """(1, 3, S, S) model input -> (h, w) map of the class's logit.

    At the layer's own resolution, negative parts cut to 0. It is the package's map BEFORE the
    package subtracts the minimum, divides by the maximum and enlarges it, so that maps keep their
    scale. Raises ModelError for a layer that the student does not have.
    """
    make_torchvision_importable()
    import pytorch_grad_cam
    from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

    if layer not in layer_names(student):
        stages = ", ".join(name for name in layer_names(student) if name.count(".") == 1)
        raise ModelError(
            f"The student has no layer '{layer}'.",
            f"It has {stages}, and their parts such as {LAST_LAYER}.0.",
        )
    model = _Logits(student)
    raw: list[NDArray[np.floating]] = []
    with (
        torch.enable_grad(),
        getattr(pytorch_grad_cam, _CLASSES[method])(
            model, [model.student.get_submodule(layer)]
        ) as explainer,
    ):
        package_map = explainer.get_cam_image

        def keep(*arguments: object) -> NDArray[np.floating]:
            heat: NDArray[np.floating] = package_map(*arguments)
            raw.append(heat)
            return heat

        explainer.get_cam_image = keep
        explainer(image, [ClassifierOutputTarget(class_index)])
    if not raw:
        raise ModelError(
            f"The method {method} made no map for layer '{layer}'.", f"Use layer {LAST_LAYER}."
        )
    result: Array = np.maximum(raw[0][0], 0.0).astype(np.float32)
    return result
