"""The quick gradient of depthwise convolutions is the gradient, for every shape a backbone has."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from kd_core.models.student import Student
from kd_core.models.teacher import Teacher
from kd_core.training.quick_depthwise import QuickDepthwise, _Depthwise

SHAPES = [
    (5, 1, 0, 9, 11),
    (5, 1, 2, 8, 8),
    (7, 1, 3, 9, 9),
    (3, 2, 1, 8, 8),
    (3, 2, 1, 9, 7),
    (5, 2, 2, 12, 12),
    (5, 2, 0, 11, 12),
    (3, 3, 1, 10, 10),
    (3, 2, 0, 9, 9),
    (1, 2, 0, 6, 6),
]


@pytest.mark.parametrize(("kernel", "stride", "padding", "height", "width"), SHAPES)
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_values_and_gradients_are_those_of_torch(
    kernel: int, stride: int, padding: int, height: int, width: int, layout: torch.memory_format
) -> None:
    generator = torch.Generator().manual_seed(kernel * 100 + height)
    values = torch.randn(2, 4, height, width, generator=generator, dtype=torch.float64).contiguous(
        memory_format=layout
    )
    weight = torch.randn(4, 1, kernel, kernel, generator=generator, dtype=torch.float64)
    bias = torch.randn(4, generator=generator, dtype=torch.float64)

    def gradients(context: bool) -> list[Tensor]:
        leaves = [tensor.clone().requires_grad_() for tensor in (values, weight, bias)]
        if context:
            with QuickDepthwise():
                made = functional.conv2d(leaves[0], leaves[1], leaves[2], stride, padding, 1, 4)
        else:
            made = functional.conv2d(leaves[0], leaves[1], leaves[2], stride, padding, 1, 4)
        pull = torch.randn(
            made.shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64
        )
        return [made.detach(), *torch.autograd.grad(made, leaves, pull)]

    for ours, theirs in zip(gradients(True), gradients(False), strict=True):
        assert torch.allclose(ours, theirs, atol=1e-12)


def test_it_passes_gradcheck() -> None:
    values = torch.randn(1, 2, 5, 6, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(2, 1, 3, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda v, w: _Depthwise.apply(v, w, (2, 2), (1, 1)),  # type: ignore[no-untyped-call]
        (values, weight),
    )


@pytest.mark.parametrize("name", ["student", "efficientnet_lite0"])
def test_a_whole_network_learns_the_same(name: str) -> None:
    torch.manual_seed(0)
    network: nn.Module = Student(4) if name == "student" else Teacher(name, 4, weights=None)
    network.train()
    images, labels = torch.randn(2, 3, 64, 64), torch.tensor([1, 3])
    found: list[list[Tensor]] = []
    calls = 0

    class Counting(QuickDepthwise):
        def __torch_function__(self, function, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            nonlocal calls
            made = super().__torch_function__(function, types, args, kwargs)
            calls += (
                function is torch.conv2d and type(made.grad_fn).__name__ == "_DepthwiseBackward"
            )
            return made

    for quick in (False, True):
        network.zero_grad()
        torch.manual_seed(2)  # the teacher drops whole blocks at random
        if quick:
            with Counting():
                loss = functional.cross_entropy(network(images).logits, labels)
        else:
            loss = functional.cross_entropy(network(images).logits, labels)
        loss.backward()
        found.append(
            [
                parameter.grad.clone()
                for parameter in network.parameters()
                if parameter.grad is not None
            ]
        )
    assert calls >= 3, "it must be used at all"
    for ours, theirs in zip(found[1], found[0], strict=True):
        assert torch.allclose(ours, theirs, atol=1e-4, rtol=1e-3)


def test_other_convolutions_are_left_alone() -> None:
    values = torch.randn(1, 4, 6, 6, requires_grad=True)
    with QuickDepthwise():
        plain = functional.conv2d(values, torch.randn(8, 4, 3, 3), stride=2)
        unstrided = functional.conv2d(values, torch.randn(4, 1, 3, 3), groups=4)
        same = functional.conv2d(values, torch.randn(4, 1, 3, 3), padding="same", groups=4)
        frozen = functional.conv2d(
            values.detach(), torch.randn(4, 1, 3, 3, requires_grad=True), stride=2, groups=4
        )
    names = {type(made.grad_fn).__name__ for made in (plain, unstrided, same, frozen)}
    assert names == {"ConvolutionBackward0"}


def test_large_kernels_keep_their_gradient_in_bf16() -> None:
    generator = torch.Generator().manual_seed(0)
    values, weight = (
        torch.randn(4, 3, 9, 9, generator=generator),
        torch.randn(3, 1, 5, 5, generator=generator),
    )
    half = [tensor.bfloat16().requires_grad_() for tensor in (values, weight)]
    whole = [tensor.detach().double().requires_grad_() for tensor in half]
    functional.conv2d(whole[0], whole[1], padding=2, groups=3).sum().backward()
    with QuickDepthwise():
        functional.conv2d(half[0], half[1], padding=2, groups=3).sum().backward()
    for ours, exact in zip(half, whole, strict=True):
        assert ours.grad is not None
        assert exact.grad is not None
        assert ours.grad.dtype is torch.bfloat16
        # bf16 keeps 8 bits: 1/256 of the largest value.
        assert (
            float((ours.grad.double() - exact.grad).abs().max())
            <= float(exact.grad.abs().max()) / 128
        )


def test_under_autocast_it_computes_in_bf16() -> None:
    values = torch.randn(1, 4, 8, 8, requires_grad=True)
    weight = torch.randn(4, 1, 3, 3, requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16), QuickDepthwise():
        made = functional.conv2d(values, weight, stride=2, padding=1, groups=4)
    assert made.dtype is torch.bfloat16
    made.float().sum().backward()
    assert values.grad is not None
    assert values.grad.dtype is torch.float32
    # Each input pixel is seen by the taps of the kernel whose outputs reach it: by hand for one
    # inner pixel of even place.
    assert values.grad[0, 0, 2, 2].item() == pytest.approx(weight[0, 0, 1, 1].item(), abs=0.02)
