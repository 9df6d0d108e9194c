"""The predictor on a good model folder: the same numbers in batches, alone and in torch,
calibrated by the card's temperature.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from kd_core.artifacts.checkpoint import load_student
from kd_core.schema.model_files import CARD_NAME
from kd_core.schema.taxonomy import LOWER_GI
from kd_core.vision import preprocess
from kd_core.vision.head_probabilities import softmax
from kd_core.vision.predictor import Predictor
from kd_core.vision.preprocess import prepare

Image = NDArray[np.uint8]
Scene = Callable[..., Image]


def stored_logits(folder: Path, image: Image) -> NDArray[np.float32]:
    """Of torch, from the safetensors: another path than the predictor's."""
    student, _ = load_student(folder)
    with torch.no_grad():
        logits: NDArray[np.float32] = student(
            torch.from_numpy(prepare(image)[0])[None]
        ).logits.numpy()
    return logits


def test_a_good_folder_predicts_alike_in_batches_and_alone(model_dir: Path, scene: Scene) -> None:
    predictor = Predictor.load(model_dir)
    images = [scene(1), scene(2, 1280, 720, 60), scene(3, 90, 70)]
    batch = predictor.predict(images)
    assert predictor.card.classes == LOWER_GI
    assert predictor.predict([]) == []
    assert not np.allclose(batch[0].probabilities, batch[1].probabilities, atol=1e-3)
    for image, made in zip(images, batch, strict=True):
        alone = predictor.predict([image])[0]
        assert made.probabilities.shape == (6,)
        assert made.probabilities.dtype == np.float32
        assert (made.probabilities >= 0).all()
        assert made.probabilities.sum() == pytest.approx(1, abs=1e-6)
        assert made.features.shape == (160, 14, 14)
        assert np.allclose(alone.probabilities, made.probabilities, atol=1e-5)
        assert np.allclose(alone.features, made.features, atol=1e-4)
        assert np.allclose(
            made.probabilities, softmax(stored_logits(model_dir, image))[0], atol=1e-4
        )
        assert alone.region == made.region
    assert batch[1].region.left == pytest.approx(60 / 1280, abs=0.02)
    assert batch[1].region.top == pytest.approx(60 / 720, abs=0.02)


def test_what_a_screen_holds_is_predicted_alike_and_shrunk_once(
    model_dir: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictor, rgb = Predictor.load(model_dir), scene(2, 1920, 1080)
    expected = predictor.predict([rgb])[0]
    heights: list[int] = []
    shrink = preprocess.shrink

    def counted(image: Image) -> Image:
        heights.append(image.shape[0])
        return shrink(image)

    monkeypatch.setattr(preprocess, "shrink", counted)
    bgra = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGRA).astype(np.uint8)
    prediction = predictor.predict_bgra(bgra)
    assert heights == [1080]
    np.testing.assert_array_equal(prediction.probabilities, expected.probabilities)
    assert prediction.region == expected.region


def test_softmax_by_hand() -> None:
    made = softmax(np.array([[0.0, np.log(3.0)], [1e4, 1e4]], np.float32))
    assert np.allclose(made, [[0.25, 0.75], [0.5, 0.5]])


@pytest.mark.parametrize("temperature", [0.5, 3.0])
def test_the_cards_temperature_is_applied(
    model_dir: Path, tmp_path: Path, scene: Scene, temperature: float
) -> None:
    copy = Path(shutil.copytree(model_dir, tmp_path / "model"))
    card = json.loads((copy / CARD_NAME).read_text())
    (copy / CARD_NAME).write_text(json.dumps({**card, "temperature": temperature}))
    scaled = np.exp(stored_logits(copy, scene(4))[0].astype(np.float64) / temperature)
    made = Predictor.load(copy).predict([scene(4)])[0].probabilities
    assert np.allclose(made, scaled / scaled.sum(), atol=1e-4)
    plain = np.exp(stored_logits(copy, scene(4))[0])
    assert not np.allclose(made, plain / plain.sum(), atol=1e-2)
