"""An int8 ONNX file from a float one, by static quantisation, and what that costs.

The costs are accuracy and time of both on the same images.

One scale a channel for weights: with one a tensor a student loses most of its accuracy, because
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
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from kd_core.evaluation.metrics import scores
from kd_core.schema.errors import DataError, ModelError
from kd_core.vision.predictor import IMAGES_PER_RUN, softmax
from kd_core.vision.preprocess import INPUT_SIZE, normalise

Array = NDArray[np.float32]

#: What the metadata of an int8 file holds beside that of the float file.
MARK = ("quantisation", "int8 weights a channel, uint8 activations, static")


class _Batches:
    """Calibration pictures as ONNX Runtime asks for them: one batch a call, then None."""

    def __init__(self, batches: Iterator[dict[str, Array]]) -> None:
        self._batches = batches

    def get_next(self) -> dict[str, Array] | None:
        """The next batch by the name of the model's input."""
        return next(self._batches, None)


def to_int8(content: bytes, calibration: Iterable[Array]) -> bytes:
    """The bytes of a float ONNX file of ``export.to_onnx`` -> those of its int8 form: same input,
    outputs and metadata, and MARK.

    ``calibration``: prepared pictures, arrays (n, 3, S, S) float32 of any n, whose smallest and
    largest activations set the scales. Raises DataError for no pictures, another shape or values
    that are no numbers; ModelError where no temporary file can be written.
    """
    batches = _checked(calibration)
    first = next(batches, None)
    if first is None:
        raise DataError(
            "There are no pictures to calibrate the int8 model with.",
            "Give pictures that the model was trained with.",
        )
    float_model = onnx.load_from_string(content)
    try:
        with tempfile.TemporaryDirectory(prefix="kd-core-int8-") as folder, _quiet():
            inferred, made = Path(folder) / "inferred.onnx", Path(folder) / "int8.onnx"
            # The symbolic inference is for transformers; here every size but the batch is known.
            quant_pre_process(float_model, inferred, skip_symbolic_shape=True)
            quantize_static(
                inferred,
                made,
                _Batches(chain([first], batches)),
                quant_format=QuantFormat.QDQ,
                per_channel=True,
                reduce_range=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                calibrate_method=CalibrationMethod.MinMax,
            )
            small = onnx.load(made)
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
    made_content: bytes = small.SerializeToString()
    return made_content


def compare(
    content: bytes,
    small: bytes,
    squares: NDArray[np.uint8],
    truth: NDArray[np.int64],
    classes: tuple[str, ...],
) -> dict[str, Any]:
    """Both files on ``squares`` (N, S, S, 3) uint8 RGB of the classes ``truth`` (N,).

    Of each: "accuracy", "macro_f1", "ms" a picture (median over runs of IMAGES_PER_RUN, one thread,
    taking turns so that a slow minute of the machine meets both) and "bytes"; "same_class": the
    share of pictures on which both agree; "pictures": N.
    """
    sessions = {"float": _session(content), "int8": _session(small)}
    logits: dict[str, list[Array]] = {name: [] for name in sessions}
    taken: dict[str, list[float]] = {name: [] for name in sessions}
    for start in range(0, len(squares), IMAGES_PER_RUN):
        pictures = np.stack(
            [normalise(square) for square in squares[start : start + IMAGES_PER_RUN]]
        )
        for name, session in sessions.items():
            begun = time.perf_counter()
            logits[name].append(session.run(["logits"], {"input": pictures})[0])
            taken[name].append(1000.0 * (time.perf_counter() - begun) / len(pictures))
    together = {name: np.concatenate(rows) for name, rows in logits.items()}
    made: dict[str, Any] = {"pictures": len(squares)}
    for name, size in (("float", len(content)), ("int8", len(small))):
        row = scores(softmax(together[name]), truth, classes)
        made[name] = {
            "accuracy": row["accuracy"],
            "macro_f1": row["macro_f1"],
            "ms": float(np.median(taken[name])),
            "bytes": size,
        }
    made["same_class"] = float(
        np.mean(together["float"].argmax(axis=1) == together["int8"].argmax(axis=1))
    )
    return made


def _checked(calibration: Iterable[Array]) -> Iterator[dict[str, Array]]:
    shape = (3, INPUT_SIZE, INPUT_SIZE)
    way_out = f"They must be prepared ones: (n, 3, {INPUT_SIZE}, {INPUT_SIZE})."
    for pictures in calibration:
        if pictures.ndim != 4 or pictures.shape[1:] != shape or not len(pictures):
            raise DataError(f"Calibration pictures of shape {pictures.shape} were given.", way_out)
        if not np.isfinite(pictures).all():
            raise DataError(
                "The calibration pictures hold values that are no numbers.", "Prepare them again."
            )
        yield {"input": np.ascontiguousarray(pictures, np.float32)}


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
