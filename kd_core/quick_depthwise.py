"""The gradient of strided depthwise convolutions, computed the quick way on a CPU.

Nearly all of a student's training step went into one thing: the input's gradient of its strided depthwise convolutions, for which
torch's CPU kernels have no quick form (32 channels of 112 x 112, batch 32, bf16: 68 ms, where the forward takes 4). The same
gradient is an ordinary depthwise convolution of stride 1 over the output's gradient with zeros put between its values
(Dumoulin and Visin 2016, "A guide to convolution arithmetic", section 4.5), which is quick. `kd-core benchmark --training` prints what
it is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode


class QuickDepthwise(TorchFunctionMode):
    """Within this context conv2d keeps its value, and strided depthwise ones get the quick gradient. Any model, no change to it."""

    def __torch_function__(
        self, function: Callable[..., Any], types: Iterable[type], args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
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
    if depthwise and strides != (1, 1) and not isinstance(pads, str) and _pair(dilation) == (1, 1) and values.requires_grad:
        kind = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else values.dtype
        made: Tensor = _Strided.apply(values.to(kind), weight.to(kind), strides, pads)  # type: ignore[no-untyped-call]
        return made if bias is None else made + bias.to(kind)[:, None, None]
    return torch.conv2d(values, weight, bias, stride, padding, dilation, groups)


def _pair(value: int | tuple[int, ...]) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else (value[0], value[-1])


class _Strided(torch.autograd.Function):
    """conv2d of (N, K, H, W) with (K, 1, k, l), groups K."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, weight: Tensor, stride: tuple[int, int], padding: tuple[int, int]) -> Tensor:
        ctx.save_for_backward(values, weight)
        ctx.stride, ctx.padding = stride, padding
        return functional.conv2d(values, weight, None, stride, padding, 1, len(weight))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        values, weight = ctx.saved_tensors
        (stride, padding), groups = (ctx.stride, ctx.padding), len(weight)
        layout = torch.channels_last if values.is_contiguous(memory_format=torch.channels_last) else torch.contiguous_format
        gradient = gradient.contiguous(memory_format=layout)
        to_values = to_weight = None
        if ctx.needs_input_grad[0]:
            height, width = (values.shape[2 + a] + 2 * padding[a] - weight.shape[2 + a] + 1 for a in (0, 1))
            spread = torch.zeros((*gradient.shape[:2], height, width), dtype=gradient.dtype).contiguous(memory_format=layout)
            spread[:, :, :: stride[0], :: stride[1]] = gradient
            around = (weight.shape[2] - 1 - padding[0], weight.shape[3] - 1 - padding[1])
            to_values = functional.conv2d(spread, weight.flip(2, 3), None, 1, around, 1, groups)
        if ctx.needs_input_grad[1]:
            # The weight's gradient has a quick kernel of its own.
            shape = ([*stride], [*padding], [1, 1], False, [0, 0], groups, [False, True, False])
            to_weight = torch.ops.aten.convolution_backward(gradient, values, weight, None, *shape)[1]
        return to_values, to_weight, None, None
