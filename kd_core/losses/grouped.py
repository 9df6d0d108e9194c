"""Logits of one class group, of a student that has a softmax for each and of teachers with one.

Any loss on logits takes them as they are: the heads of a student are compared one by one, and what
they cost adds up. The probability of what an image shows is then the product over its groups, so
the sum of cross-entropies is its negative log-likelihood and the sum of divergences is the
divergence of the products (Cover and Thomas 2006, "Elements of Information Theory", theorem 2.5.3).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as functional
from torch import Tensor

from kd_core.losses.tensors import NO_LABEL, full_precision


def own_logits(logits: Tensor, columns: Sequence[int], *, none: bool) -> Tensor:
    """(N, C) -> (N, P): the ``columns`` of one group, and 0 for ``none`` of it where it may be.

    >>> own_logits(torch.tensor([[1.0, 2.0, 3.0]]), [2, 0], none=True).tolist()
    [[3.0, 1.0, 0.0]]
    """
    own = full_precision(logits)[:, list(columns)]
    return functional.pad(own, (0, 1)) if none else own


def told_logits(
    logits: Tensor, columns: Sequence[int], others: Sequence[int], *, none: bool
) -> Tensor:
    """Of a teacher with one softmax over all classes, (N, C) -> (N, P) of one group.

    Where an image may show ``none`` of the group, its probability is that of all ``others``
    together: the marginal (Cermelli et al. 2020, "Modeling the Background for Incremental Learning
    in Semantic Segmentation", section 3, where the background stands for what is not told apart).
    Otherwise the logits of the group alone, which is to divide its probabilities by their sum (Li
    and Hoiem 2017, "Learning without Forgetting", section 3, where each task has its own softmax).
    No others: none is as unlikely as a float32 allows.

    >>> row = torch.tensor([[0.2, 0.3, 0.5]]).log()
    >>> told_logits(row, [0], [1, 2], none=True).softmax(1)[0].tolist()
    [0.20000000298023224, 0.800000011920929]
    """
    whole = full_precision(logits.detach())
    own = whole[:, list(columns)]
    if not none:
        return own
    if not others:
        rest = torch.full_like(own[:, :1], -1e4)
    else:
        rest = whole[:, list(others)].logsumexp(1, keepdim=True)
    return torch.cat((own, rest), 1)


def known_labels_loss(logits: Tensor, labels: Tensor, label_smoothing: float = 0.0) -> Tensor:
    """Logits (N, P) of one group, labels (N,) -> cross-entropy (N,) in nats, 0 for NO_LABEL.

    What is not known of an image is summed out of its likelihood, which leaves the factor 1; see
    Durand et al. 2019, "Learning a Deep ConvNet for Multi-label Classification with Partial
    Labels", section 3, which leaves out unknown labels likewise.

    >>> known_labels_loss(torch.zeros(2, 2), torch.tensor([1, NO_LABEL])).tolist()
    [0.6931471824645996, 0.0]
    """
    return functional.cross_entropy(
        full_precision(logits),
        labels,
        ignore_index=NO_LABEL,
        label_smoothing=label_smoothing,
        reduction="none",
    )


def nothing_shown_loss(logits: Tensor, *, none: bool) -> Tensor:
    """Logits (M, P) of one group for images that show nothing -> scalar in nats.

    Cross-entropy with ``none``, the last place; where the group has none, from the uniform
    distribution (Hendrycks et al. 2019, "Deep Anomaly Detection with Outlier Exposure", section
    4.3).
    """
    log_probabilities = functional.log_softmax(full_precision(logits), dim=1)
    return -(log_probabilities[:, -1] if none else log_probabilities).mean()


def completed_targets(labels: Tensor, teachers: Sequence[Tensor]) -> Tensor:
    """Labels (N,) of one group, T teachers' logits (N, P) -> labels, or soft targets (N, P).

    Soft where a label is missing: there the teachers' mean probabilities stand for it.
    """
    known = labels != NO_LABEL
    if bool(known.all()):
        return labels
    mean = torch.stack([full_precision(row.detach()).softmax(1) for row in teachers]).mean(0)
    given = functional.one_hot(labels.clamp(min=0), mean.shape[1]).to(mean)
    return torch.where(known[:, None], given, mean)
