"""The loss of images that show none of the classes.

Whatever the student says of them, it should not prefer one.
"""

from __future__ import annotations

import torch.nn.functional as functional
from torch import Tensor


def outlier_exposure(logits: Tensor) -> Tensor:
    """Logits (M, C) of such images -> mean cross-entropy in nats, a scalar.

    From the uniform distribution (Hendrycks et al. 2019, section 4.3). Its least value is log C,
    where all classes are equally likely.

    >>> import torch
    >>> round(float(outlier_exposure(torch.zeros(1, 4))), 4)  # log 4
    1.3863
    """
    return -functional.log_softmax(logits.float(), dim=1).mean()
