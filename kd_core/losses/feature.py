"""Losses on feature maps: hints through an adapter (FitNets) and attention transfer.

Maps are (N, K, h, w) in any float type.

Teachers get no gradient. Where the sizes differ, the larger map is pooled to the smaller one: what
is averaged away is the finer map's detail, while enlarging the smaller map would ask for detail
that it never had.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.modules.lazy import LazyModuleMixin
from torch.nn.parameter import UninitializedParameter

from kd_core.losses.tensors import full_precision, no_autocast, prepared, safe_divide

#: Between these the squares of squares stay well inside a float32.
FAINTEST, BRIGHTEST = 1e-12, 1e12


def aligned(student: Tensor, teacher: Tensor) -> tuple[Tensor, Tensor]:
    """(N, K, h, w) and (N, M, H, W) -> both at (min(h, H), min(w, W)).

    By adaptive average pooling, in full precision. The teacher comes back detached. ValueError: not
    four axes, unequal batches, an empty map.
    """
    student, teacher = prepared(student, teacher, 4)
    size = (min(student.shape[2], teacher.shape[2]), min(student.shape[3], teacher.shape[3]))

    def pooled(feature_map: Tensor) -> Tensor:
        return (
            feature_map
            if feature_map.shape[2:] == size
            else functional.adaptive_avg_pool2d(feature_map, size)
        )

    return pooled(student), pooled(teacher)


def attention_map(features: Tensor) -> Tensor:
    """(N, K, h, w) -> (N, h * w): the mean over channels of squares, scaled to length 1.

    All 0 for a map of zeros. Zagoruyko and Komodakis 2017, "Paying More Attention to Attention",
    section 3.1 with p = 2.

    >>> attention_map(torch.tensor([[[[2.0, 0.0]], [[0.0, 0.0]]]])).tolist()
    [[1.0, 0.0]]
    """
    energy = features.square().mean(1).flatten(1)
    brightest = energy.detach().amax(1)
    if not bool(((brightest > FAINTEST) & (brightest < BRIGHTEST)).all()):
        # Squares of faint maps vanish and of bright ones overflow: those are divided by their peak
        # first, which the scaling undoes.
        peak = features.detach().abs().amax((1, 2, 3), keepdim=True)
        energy = safe_divide(features, peak).square().mean(1).flatten(1)
    return safe_divide(energy, torch.linalg.vector_norm(energy, dim=1, keepdim=True))


def attention_transfer(student: Tensor, teacher: Tensor) -> Tensor:
    """(N, K, h, w) and (N, M, H, W) maps of one stage -> scalar.

    Mean squared difference of their attention maps; channels may differ. Zagoruyko and Komodakis
    2017, equation 2, squared and averaged as in the authors' code (usual weight 1000). Sizes:
    ``aligned``, on the features and not on their squares. A 1 x 1 map has one possible attention,
    hence loss 0. ValueError: as ``aligned``.
    """
    student, teacher = aligned(student, teacher)
    return functional.mse_loss(attention_map(student), attention_map(teacher))


def hint_through(weight: Tensor, bias: Tensor, student: Tensor, teacher: Tensor) -> Tensor:
    """Weight (M, K, 1, 1), bias (M,), maps (N, K, h, w) and (N, M, H, W) -> scalar.

    The mean squared difference of the teacher's map and the convolution of the student's; sizes:
    ``aligned``. With the teacher's own head behind the convolution it is the loss of SimKD
    (kd_core.models.reused_head).
    """
    student, teacher = aligned(student, teacher)
    # Pooled first, then adapted: both are linear, so the order changes nothing but the cost.
    with no_autocast(student):
        weight, bias = full_precision(weight), full_precision(bias)
        return functional.mse_loss(
            functional.conv2d(student.to(weight.dtype), weight, bias), teacher.to(weight.dtype)
        )


class HintLoss(LazyModuleMixin, nn.Module):
    """MSE between the teacher's map and a 1x1 convolution of the student's.

    Romero et al. 2015, "FitNets", equation 3. The paper halves the squared norm; this is the mean
    over all elements (usual weight 100). The adapter takes its channels from the first pair of maps
    and is fixed then. It is training-only: it learns, so give ``parameters()`` to the optimiser
    (before the first call is fine, the parameters are filled in place), and counting its parameters
    works only after that call. Before it, set device and dtype with ``.to()``.
    """

    cls_to_become = None  # the class stays: only its parameters change

    weight: UninitializedParameter
    bias: UninitializedParameter

    def __init__(self) -> None:
        super().__init__()
        self.weight = UninitializedParameter()
        self.bias = UninitializedParameter()

    def initialize_parameters(self, student: Tensor, teacher: Tensor) -> None:
        """Build the 1x1 convolution from student to teacher channels.

        Called by torch before the first forward.
        """
        if not self.has_uninitialized_params():
            return
        aligned(student, teacher)  # refuses wrong shapes before they become an adapter
        fresh = nn.Conv2d(student.shape[1], teacher.shape[1], 1)
        for name, start in fresh.named_parameters():
            parameter = self.get_parameter(name)
            assert isinstance(parameter, UninitializedParameter)
            parameter.materialize(start.shape)
            with torch.no_grad():
                parameter.copy_(start)

    def forward(self, student: Tensor, teacher: Tensor) -> Tensor:
        """(N, K, h, w), (N, M, H, W) -> scalar.

        ValueError: as ``aligned``, or channels other than the first call's.
        """
        student, teacher = aligned(student, teacher)
        wanted, given = (
            (self.weight.shape[1], self.weight.shape[0]),
            (student.shape[1], teacher.shape[1]),
        )
        if wanted != given:
            raise ValueError(
                f"the adapter maps {wanted[0]} channels to {wanted[1]}, got {given[0]} to"
                f" {given[1]}"
            )
        return hint_through(self.weight, self.bias, student, teacher)
