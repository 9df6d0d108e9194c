"""int8 models: they agree with their float model, keep its metadata, and refuse what they
cannot be calibrated with.
"""

from __future__ import annotations

import json
import logging
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import quantize_static

from kd_core.artifacts import onnx_export as export
from kd_core.artifacts import quantise
from kd_core.artifacts.checkpoint import load_student
from kd_core.schema.errors import DataError, ModelError
from kd_core.schema.taxonomy import LOWER_GI
from kd_core.vision.preprocess import constants, prepare

Array = NDArray[np.float32]


def run_onnx(content: bytes, images: Array) -> list[Array]:
    """Logits and features of an ONNX file."""
    made: list[Array] = ort.InferenceSession(content, providers=["CPUExecutionProvider"]).run(
        ["logits", "features"], {"input": images}
    )
    return made


def metadata_of(content: bytes) -> dict[str, str]:
    return {item.key: item.value for item in onnx.load_from_string(content).metadata_props}


@pytest.fixture(scope="module")
def prepared(scene: Callable[..., NDArray[np.uint8]]) -> Array:
    """48 synthetic images as the model gets them, red, green, blue and fine-grained in turn:
    (48, 3, 224, 224).
    """
    images = []
    for seed in range(48):
        image = scene(seed) // 3
        if seed % 4 == 3:
            image = np.random.default_rng(seed).integers(30, 255, image.shape, np.uint8)
        else:
            image[:, :, seed % 4] += 150
        images.append(prepare(image)[0])
    return np.stack(images)


@pytest.fixture(scope="module")
def float_file(model_dir: Path) -> bytes:
    """The ONNX file of the untrained student."""
    return (model_dir / "student.onnx").read_bytes()


@pytest.fixture(scope="module")
def int8_file(float_file: bytes, prepared: Array) -> bytes:
    """Calibrated on the first 24 images in batches of different size."""
    return quantise.to_int8(float_file, iter([prepared[:10], prepared[10:11], prepared[11:24]]))


def test_int8_agrees_with_float_on_images_it_was_not_calibrated_on(
    float_file: bytes, int8_file: bytes, prepared: Array
) -> None:
    wanted, made = run_onnx(float_file, prepared[24:])[0], run_onnx(int8_file, prepared[24:])[0]
    assert len(set(wanted.argmax(axis=1))) > 1, (
        "one class for all would agree without saying anything"
    )
    assert np.mean(wanted.argmax(axis=1) == made.argmax(axis=1)) >= 0.8
    assert np.corrcoef(wanted.ravel(), made.ravel())[0, 1] > 0.98
    assert np.abs(wanted - made).max() > 1e-4, "it is no float model under another name"


@pytest.mark.parametrize("count", [1, 5])
def test_int8_takes_any_batch(int8_file: bytes, prepared: Array, count: int) -> None:
    logits, features = run_onnx(int8_file, prepared[:count])
    assert logits.shape == (count, len(LOWER_GI))
    assert features.shape == (count, 160, 14, 14)
    np.testing.assert_allclose(logits[:1], run_onnx(int8_file, prepared[:1])[0], atol=1e-5)


def test_int8_is_little_more_than_half_the_size_and_its_weights_a_quarter(
    float_file: bytes, int8_file: bytes
) -> None:
    """51,446 weights shrink from 206 to 52 kB; scales, graph and the head's weights in the
    metadata (8 kB) stay.
    """
    assert len(int8_file) < 0.6 * len(float_file)
    graph = onnx.load_from_string(int8_file).graph
    held = [onnx.numpy_helper.to_array(item) for item in graph.initializer]
    convolutions = [item for item in held if item.dtype == np.int8 and item.ndim == 4]
    depthwise, pointwise = (
        9 * (16 + 32 + 64 + 64 + 64 + 3 * 80 + 80),
        16 * 32 + 32 * 64 + 64 * 64 + 64 * 80 + 3 * 80 * 80 + 80 * 160,
    )
    assert sum(item.size for item in convolutions) == 9 * 3 * 16 + depthwise + pointwise
    assert max(np.abs(item.astype(np.int32)).max() for item in convolutions) <= 64, (
        "one bit is kept free"
    )
    assert not [item for item in held if item.dtype == np.float32 and item.size > 160], (
        "no weights are left in float"
    )


def test_int8_has_a_scale_for_each_channel(int8_file: bytes) -> None:
    """One a tensor cost the shipped student 50 points of accuracy; an untrained one would not
    show it.
    """
    graph = onnx.load_from_string(int8_file).graph
    held = {item.name: onnx.numpy_helper.to_array(item) for item in graph.initializer}
    steps = [
        node
        for node in graph.node
        if node.op_type == "DequantizeLinear" and held.get(node.input[0], np.zeros(0)).ndim == 4
    ]
    assert len(steps) == 18
    for node in steps:
        assert held[node.input[1]].shape == (len(held[node.input[0]]),)


def test_int8_keeps_the_metadata_and_says_what_it_is(float_file: bytes, int8_file: bytes) -> None:
    stored = metadata_of(int8_file)
    assert "int8" in stored.pop("quantisation")
    assert stored == metadata_of(float_file)
    assert json.loads(stored["classes"]) == list(LOWER_GI)


@pytest.mark.parametrize(
    "shape", [(3, 224, 224), (2, 3, 128, 128), (2, 224, 224, 3), (0, 3, 224, 224)]
)
def test_calibration_images_of_another_shape_are_refused(
    float_file: bytes, prepared: Array, shape: tuple[int, ...]
) -> None:
    """Also where the first batch was right."""
    for batches in ([np.zeros(shape, np.float32)], [prepared[:1], np.zeros(shape, np.float32)]):
        with pytest.raises(
            DataError,
            match=(
                r"Calibration images of shape .* They must be prepared ones: \(n, 3, 224, 224\)"
            ),
        ):
            quantise.to_int8(float_file, iter(batches))


def test_no_images_and_no_numbers_are_refused(float_file: bytes, prepared: Array) -> None:
    with pytest.raises(DataError, match="no images to calibrate"):
        quantise.to_int8(float_file, iter([]))
    with pytest.raises(DataError, match="no numbers"):
        quantise.to_int8(float_file, [np.full_like(prepared[:1], np.nan)])


def test_quantising_leaves_no_file_no_word_and_logging_as_it_was(
    float_file: bytes,
    prepared: Array,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    before = (list(logging.getLogger().handlers), logging.root.manager.disable)

    def seen() -> Iterator[Array]:
        assert list(tmp_path.glob("kd-core-int8-*")), "the temporary folder is where the test looks"
        yield prepared[1:2]

    def batches() -> Iterator[Array]:
        yield prepared[:1]
        yield from seen()

    real = quantize_static

    def talkative(*arguments: Any, **options: Any) -> None:
        """What it says depends on its version and the graph: here it says all there is."""
        logging.warning("Please consider to run pre-processing")
        warnings.warn("a channel without weights", stacklevel=1)
        real(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path))
        patch.setattr(quantise, "quantize_static", talkative)
        quantise.to_int8(float_file, batches())
    assert not list(tmp_path.iterdir())
    assert capfd.readouterr() == ("", "")
    assert not caplog.records
    logging.getLogger("after").warning("heard again")
    assert len(caplog.records) == 1
    assert (list(logging.getLogger().handlers), logging.root.manager.disable) == before
    sentence = (
        r"temporary files, and they cannot be written: No such file or directory\. Free some space"
    )
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
        with pytest.raises(ModelError, match=sentence):
            quantise.to_int8(float_file, [prepared[:1]])


def test_the_comparison_counts_what_a_plain_loop_counts(float_file: bytes, model_dir: Path) -> None:
    """An int8 file stands for a float one of another head, so that the two disagree on some
    images.
    """
    crops = np.random.default_rng(0).integers(0, 255, (7, 7, 7, 3), np.uint8)
    crops = np.stack([cv2.resize(crop, (224, 224)) for crop in crops]).astype(np.uint8)
    student, card = load_student(model_dir)
    with torch.no_grad():
        student.head.weight.copy_(student.head.weight.roll(1, dims=1))
    other = export.to_onnx(student, {})
    truth = np.array([0, 1, 2, 3, 4, 5, 0])
    made = quantise.compare(float_file, other, crops, truth, card.classes)
    mean, std = np.array(constants().mean), np.array(constants().std)
    predicted: list[list[int]] = []
    for content in (float_file, other):
        row = []
        for crop in crops:
            tensor = ((crop / 255 - mean) / std).transpose(2, 0, 1).astype(np.float32)
            tensor *= prepare(crop)[0] != 0  # blanked where every image is
            row.append(int(run_onnx(content, tensor[None])[0].argmax()))
        predicted.append(row)
    assert made.images == 7
    assert made.same_class == pytest.approx(
        sum(a == b for a, b in zip(*predicted, strict=True)) / 7
    )
    for measured, row in zip((made.float32, made.int8), predicted, strict=True):
        assert measured.accuracy == pytest.approx(
            sum(a == b for a, b in zip(row, truth, strict=True)) / 7
        )
        assert measured.ms > 0
    assert (made.float32.bytes, made.int8.bytes) == (len(float_file), len(other))
