"""What a training run is asked to do. Frozen, JSON both ways, an unknown key is refused."""

from __future__ import annotations

import msgspec


class TrainConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A student alone. ``balance`` is the power by which rare classes are drawn more often (0 not at all, 1 all alike);
    ``ema`` the decay a step of the averaged weights that are kept; ``clip_norm`` the largest gradient norm."""

    epochs: int = 110
    batch_size: int = 32
    learning_rate: float = 5e-3
    weight_decay: float = 0.02
    warm_up_epochs: int = 3
    label_smoothing: float = 0.05
    balance: float = 0.5
    ema: float = 0.99
    clip_norm: float = 2.0
    seed: int = 0
