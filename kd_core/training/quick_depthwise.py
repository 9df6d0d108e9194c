"""The gradient of depthwise convolutions, computed the quick way on a CPU.

Two things took most of a training step on a CPU. The input's gradient of strided depthwise
convolutions has no quick kernel in torch (32 channels of 112 x 112, batch 32, bf16: 68 ms, where
the forward takes 4): the same gradient is a depthwise convolution of stride 1 over the output's
gradient with zeros put between its values (Dumoulin and Visin 2016, "A guide to convolution
arithmetic", section 4.5), which has one. And the weights' gradient of 5x5 kernels takes three to
six times as long in bf16 as in float32. `kd-core benchmark --training` prints what this is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

#: Kernels of this side and more have a slow weight gradient in bf16.
LARGE = 5


class QuickDepthwise(TorchFunctionMode):
    """Within this context conv2d keeps its value, and depthwise ones get the quick gradient.

    Any model, no change to it.
    """

    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        """See the class."""
        kwargs = kwargs or {}
        if function is not torch.conv2d:
            return function(*args, **kwargs)
        return _conv2d(*args, **kwargs)


def _conv2d(
    values: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: int | tuple[int, ...] = 1,
    padding: int | str | tuple[int, ...] = 0,
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
) -> Tensor:
    strides, pads = _pair(stride), padding if isinstance(padding, str) else _pair(padding)
    depthwise = 1 < groups == values.shape[1] == weight.shape[0] and values.device.type == "cpu"
    slow = strides != (1, 1) or max(weight.shape[2:]) >= LARGE
    if (
        depthwise
        and slow
        and not isinstance(pads, str)
        and _pair(dilation) == (1, 1)
        and values.requires_grad
    ):
        kind = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else values.dtype
        convolved: Tensor = _Depthwise.apply(values.to(kind), weight.to(kind), strides, pads)  # type: ignore[no-untyped-call]
        return convolved if bias is None else convolved + bias.to(kind)[:, None, None]
    return torch.conv2d(values, weight, bias, stride, padding, dilation, groups)


def _pair(value: int | tuple[int, ...]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[-1])


class _Depthwise(torch.autograd.Function):
    """conv2d of (N, K, H, W) with (K, 1, k, l), groups K."""

    @staticmethod
    def forward(
        ctx: Any, values: Tensor, weight: Tensor, stride: tuple[int, int], padding: tuple[int, int]
    ) -> Tensor:
        ctx.save_for_backward(values, weight)
        ctx.stride, ctx.padding = stride, padding
        return functional.conv2d(values, weight, None, stride, padding, 1, len(weight))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        values, weight = ctx.saved_tensors
        (stride, padding), groups = (ctx.stride, ctx.padding), len(weight)
        layout = (
            torch.channels_last
            if values.is_contiguous(memory_format=torch.channels_last)
            else torch.contiguous_format
        )
        gradient = gradient.contiguous(memory_format=layout)
        to_values = to_weight = None
        if ctx.needs_input_grad[0]:
            height, width = (
                values.shape[2 + a] + 2 * padding[a] - weight.shape[2 + a] + 1 for a in (0, 1)
            )
            spread = gradient
            if stride != (1, 1):
                spread = torch.empty(
                    (*gradient.shape[:2], height, width), dtype=gradient.dtype, memory_format=layout
                ).zero_()
                spread[:, :, :: stride[0], :: stride[1]] = gradient
            around = (weight.shape[2] - 1 - padding[0], weight.shape[3] - 1 - padding[1])
            to_values = functional.conv2d(spread, weight.flip(2, 3), None, 1, around, 1, groups)
        if ctx.needs_input_grad[1]:
            shape = ([*stride], [*padding], [1, 1], False, [0, 0], groups, [False, True, False])
            inputs = (gradient, values, weight)
            if max(weight.shape[2:]) >= LARGE and weight.dtype is torch.bfloat16:
                inputs = (gradient.float(), values.float(), weight.float())
            to_weight = torch.ops.aten.convolution_backward(*inputs, None, *shape)[1].to(
                weight.dtype
            )
        return to_values, to_weight, None, None
