"""A convolution of branches is one convolution, whatever its kernel, stride and groups."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from kd_core.models.branches import BranchedConv, fold_branches


def settled(*shape: int, branches: int = 3, relu: bool = True) -> BranchedConv:
    """Random weights and statistics of its batch norms, as after training."""
    torch.manual_seed(1)
    made = BranchedConv(*shape, branches=branches, relu=relu)
    for norm in made.modules():
        if isinstance(norm, nn.BatchNorm2d):
            nn.init.uniform_(norm.weight, 0.5, 2.0)
            nn.init.normal_(norm.bias)
            assert norm.running_mean is not None
            assert norm.running_var is not None
            nn.init.normal_(norm.running_mean)
            nn.init.uniform_(norm.running_var, 0.2, 3.0)
    return made.eval()


@pytest.mark.parametrize("relu", [True, False])
@pytest.mark.parametrize(
    ("shape", "identity"),
    [
        ((3, 16, 3, 2), False),
        ((8, 8, 3, 1, 8), True),
        ((8, 8, 3, 2, 8), False),
        ((8, 8, 1), True),
        ((8, 12, 1), False),
        ((8, 8, 5, 1, 8), True),
        ((8, 8, 3, 1, 2), False),
    ],
)
def test_folded_it_is_one_convolution_that_does_the_same(
    shape: tuple[int, ...], identity: bool, relu: bool
) -> None:
    branched = settled(*shape, relu=relu)
    assert (branched.identity is not None) is identity
    images = torch.randn(2, shape[0], 12, 12)
    one = branched.folded()
    assert [type(layer) for layer in one] == [nn.Conv2d, nn.ReLU][: 1 + relu]
    with torch.no_grad():
        wanted = branched(images)
        torch.testing.assert_close(one(images), wanted, atol=1e-5, rtol=1e-5)
    assert float(wanted.std()) > 0.1


def test_every_branch_and_the_input_itself_count() -> None:
    """Each weight times its batch norm's scale, by hand for one of a single channel."""
    branched = settled(1, 1, 1, branches=2)
    expected = torch.zeros(1, dtype=torch.float64)
    for branch in branched.branches:
        conv, norm = branch.get_submodule("0"), branch.get_submodule("1")
        scale = norm.get_parameter("weight") / (norm.get_buffer("running_var") + 1e-5).sqrt()
        expected = expected + conv.get_parameter("weight").double().flatten() * scale.double()
    assert branched.identity is not None
    variance = branched.identity.get_buffer("running_var") + 1e-5
    expected = expected + branched.identity.weight.double() / variance.double().sqrt()
    one = branched.folded()[0]
    assert isinstance(one, nn.Conv2d)
    assert float(one.weight.detach()) == pytest.approx(float(expected.detach()), rel=1e-6)


def test_all_are_folded_wherever_they_stand() -> None:
    nested = nn.Sequential(nn.Sequential(settled(4, 4, 3)), nn.ReLU(), settled(4, 2, 1))
    images = torch.randn(1, 4, 8, 8)
    with torch.no_grad():
        before = nested.eval()(images)
        fold_branches(nested)
        torch.testing.assert_close(nested(images), before, atol=1e-5, rtol=1e-5)
    assert not [one for one in nested.modules() if isinstance(one, BranchedConv)]
