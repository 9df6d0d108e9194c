"""Whether a model is asked about images that it has learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kd_core.api.labelled_data import OnWarning
from kd_core.artifacts.seen_contents import read_seen, shortened
from kd_core.data.image_files import content_of, read_rgb
from kd_core.schema.errors import DataError
from kd_core.schema.manifest import Sample
from kd_core.schema.model_card import ModelCard
from kd_core.vision.preprocess import crop_of, model_crop


def warn_of_seen(
    model: Path, card: ModelCard, samples: Sequence[Sample], split: object, on_warning: OnWarning
) -> int | None:
    """Say how many of ``samples`` the model in ``model`` has learnt from, and return it.

    None where the model does not say what it has learnt from, which is told where no ``split``
    parts the images. Raises ModelError for a damaged list.
    """
    seen = read_seen(model, card)
    if seen is None:
        if split is None:
            on_warning(
                f"Model {card.version} does not say which images it has learnt from: if these are"
                " among them, the scores say nothing about others. Give its --split."
            )
        return None
    count = sum(_content(Path(sample.path), card) in seen for sample in samples)
    if count:
        on_warning(
            f"Model {card.version} has learnt from {count} of these {len(samples)} images: scores"
            " on them say nothing about images that it has not seen. Give the --split that it was"
            " trained with."
        )
    return count


def _content(path: Path, card: ModelCard) -> str:
    """As it was kept in training; "" for an image that cannot be read, which is told elsewhere."""
    constants = card.preprocessing
    crop = crop_of if constants.version == 2 else model_crop
    try:
        return shortened(content_of(crop(read_rgb(path), constants.input_size)[0]))
    except DataError:
        return ""
