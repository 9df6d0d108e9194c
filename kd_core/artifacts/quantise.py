"""An int8 ONNX file from a float one, by static quantisation, and what that costs.

The costs are accuracy and time of both on the same images.

One scale per channel for weights: with one per tensor a student loses most of its accuracy, because
folding batch norms into convolutions leaves channels of very different size. Weights take 7 of the
8 bits: processors without VNNI add products of full 8-bit values in 16 bits, which overflows
silently (see "reduce_range" in the documentation of ONNX Runtime's quantisation).
"""

from __future__ import annotations

import logging
import tempfile
import time
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

import msgspec
import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from kd_core.evaluation.metrics import accuracy, confusion_matrix, macro_f1
from kd_core.schema.errors import DataError, ModelError
from kd_core.vision.predictor import IMAGES_PER_RUN
from kd_core.vision.preprocess import INPUT_SIZE, normalise

Array = NDArray[np.float32]

#: What the metadata of an int8 file holds beside that of the float file.
MARK = ("quantisation", "int8 weights a channel, uint8 activations, static")


class _Batches:
    """Calibration images as ONNX Runtime asks for them: one batch per call, then None."""

    def __init__(self, batches: Iterator[dict[str, Array]]) -> None:
        self._batches = batches

    def get_next(self) -> dict[str, Array] | None:
        """The next batch by the name of the model's input."""
        return next(self._batches, None)


def to_int8(content: bytes, calibration: Iterable[Array]) -> bytes:
    """The bytes of a float ONNX file of ``export.to_onnx`` -> those of its int8 form.

    Input, outputs and metadata are the same, and MARK is added.

    ``calibration``: prepared images, arrays (n, 3, S, S) float32 of any n, whose smallest and
    largest activations set the scales. Raises DataError for no images, another shape or values
    that are no numbers; ModelError where no temporary file can be written.
    """
    batches = _checked(calibration)
    first = next(batches, None)
    if first is None:
        raise DataError(
            "There are no images to calibrate the int8 model with.",
            "Give images that the model was trained with.",
        )
    float_model = onnx.load_from_string(content)
    try:
        with tempfile.TemporaryDirectory(prefix="kd-core-int8-") as folder, _quiet():
            inferred, quantised = Path(folder) / "inferred.onnx", Path(folder) / "int8.onnx"
            # The symbolic inference is for transformers; here every size but the batch is known.
            quant_pre_process(float_model, inferred, skip_symbolic_shape=True)
            quantize_static(
                inferred,
                quantised,
                _Batches(chain([first], batches)),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                reduce_range=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                calibrate_method=CalibrationMethod.MinMax,
            )
            small = onnx.load(quantised)
    except OSError as error:
        way_out = "Free some space, or name another folder in TMPDIR."
        raise ModelError(
            f"The int8 model needs temporary files, and they cannot be written: {error.strerror}.",
            way_out,
        ) from error
    kept = {item.key: item.value for item in float_model.metadata_props}
    del small.metadata_props[:]
    for key, value in {**kept, MARK[0]: MARK[1]}.items():
        small.metadata_props.add(key=key, value=value)
    int8_content: bytes = small.SerializeToString()
    return int8_content


class FileScores(msgspec.Struct, frozen=True):
    """Of one file on labelled images; ``ms``: median time per image, one thread."""

    accuracy: float
    macro_f1: float
    ms: float
    bytes: int


class Int8Comparison(msgspec.Struct, frozen=True):
    """Both files on so many ``images``; ``same_class``: the share that both name alike."""

    images: int
    float32: FileScores
    int8: FileScores
    same_class: float


def compare(
    content: bytes,
    small: bytes,
    crops: NDArray[np.uint8],
    truth: NDArray[np.int64],
    classes: tuple[str, ...],
) -> Int8Comparison:
    """Both files on ``crops`` (N, S, S, 3) uint8 RGB of the classes ``truth`` (N,).

    Time is the median over runs of IMAGES_PER_RUN; the files take turns, so that a slow minute of
    the machine meets both.
    """
    sessions = {"float32": _session(content), "int8": _session(small)}
    logits: dict[str, list[Array]] = {name: [] for name in sessions}
    taken: dict[str, list[float]] = {name: [] for name in sessions}
    for start in range(0, len(crops), IMAGES_PER_RUN):
        images = np.stack([normalise(crop) for crop in crops[start : start + IMAGES_PER_RUN]])
        for name, session in sessions.items():
            begun = time.perf_counter()
            logits[name].append(session.run(["logits"], {"input": images})[0])
            taken[name].append(1000.0 * (time.perf_counter() - begun) / len(images))
    predicted = {name: np.concatenate(rows).argmax(axis=1) for name, rows in logits.items()}

    def file_scores(name: str, size: int) -> FileScores:
        confusion = confusion_matrix(truth, predicted[name], len(classes))
        milliseconds = float(np.median(taken[name]))
        return FileScores(accuracy(confusion), macro_f1(confusion), milliseconds, size)

    return Int8Comparison(
        images=len(crops),
        float32=file_scores("float32", len(content)),
        int8=file_scores("int8", len(small)),
        same_class=float(np.mean(predicted["float32"] == predicted["int8"])),
    )


def _checked(calibration: Iterable[Array]) -> Iterator[dict[str, Array]]:
    shape = (3, INPUT_SIZE, INPUT_SIZE)
    way_out = f"They must be prepared ones: (n, 3, {INPUT_SIZE}, {INPUT_SIZE})."
    for images in calibration:
        if images.ndim != 4 or images.shape[1:] != shape or not len(images):
            raise DataError(f"Calibration images of shape {images.shape} were given.", way_out)
        if not np.isfinite(images).all():
            raise DataError(
                "The calibration images hold values that are no numbers.", "Prepare them again."
            )
        yield {"input": np.ascontiguousarray(images, np.float32)}


def _session(content: bytes) -> ort.InferenceSession:
    options = ort.SessionOptions()
    # As in kd_core.vision.predictor
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])


@contextmanager
def _quiet() -> Iterator[None]:
    """The quantiser advises through the root logger, and gives it a handler where there is none."""
    root = logging.getLogger()
    before, level = list(root.handlers), logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)
        for handler in [handler for handler in root.handlers if handler not in before]:
            root.removeHandler(handler)
