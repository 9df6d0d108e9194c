"""What a retraining is set to where nobody says otherwise.

The trainer trains by it, and the application tells from it how long a run will take.
"""

from __future__ import annotations

import msgspec

from kd_core.schema.config import REPLAY_WEIGHT, SCHEMES, TrainConfig

#: By the teachers' predictions alone: no other scheme was proved better over seeds and groups
#: (resources/RESULTS.md), and it is the quickest and has the fewest weights to set.
DEFAULT_SCHEME = "response"
#: New images shown in all: few labels are looked at more often, many less. Chosen with
#: tests/benchmarks/simulated_reader.py, 60 corrections, one seed: 6,000 won 4 points and lost 2.4
#: of what was known, 2,000 won 7.5 and lost 1.2.
QUICK_IMAGES, THOROUGH_IMAGES = 2_000, 8_000
#: Fixed augmentations of each image.
QUICK_VIEWS, THOROUGH_VIEWS = 4, 6
FEWEST_EPOCHS = 4
#: As the shipped student was taught with.
OUTLIER_EXPOSURE_WEIGHT = 0.5


def retrain_config(
    scheme: str, frames: int, *, thorough: bool, none_of_these: bool = False, seed: int = 0
) -> TrainConfig:
    """Settings for so many labelled frames.

    ``none_of_these``: some of them show no class, which is taught too. Raises KeyError for an
    unknown scheme.
    """
    weights = SCHEMES[scheme]
    losses = msgspec.structs.replace(
        weights,
        replay=REPLAY_WEIGHT,
        outlier_exposure=OUTLIER_EXPOSURE_WEIGHT if none_of_these else weights.outlier_exposure,
    )
    return TrainConfig(
        epochs=epochs_for(frames, thorough=thorough),
        batch_size=16,
        learning_rate=1e-3,
        warm_up_epochs=1,
        ema=0.98,
        views=THOROUGH_VIEWS if thorough else QUICK_VIEWS,
        losses=losses,
        frozen_stem=True,
        trust_labels=True,
        strong_labels=True,  # what a reader corrected is told by the label first
        seed=seed,
    )


def epochs_for(frames: int, *, thorough: bool) -> int:
    """How often so many frames are gone through."""
    images = THOROUGH_IMAGES if thorough else QUICK_IMAGES
    return max(FEWEST_EPOCHS, round(images / max(1, frames)))
