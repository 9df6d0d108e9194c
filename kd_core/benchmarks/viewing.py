"""What a frame costs on one thread.

The student in ONNX Runtime and torch, preprocessing, the heat map.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import msgspec
import numpy as np
import onnxruntime as ort
import torch

from kd_core.artifacts.checkpoint import load_student
from kd_core.artifacts.onnx_export import to_onnx
from kd_core.models.student import Student, folded
from kd_core.vision import cam
from kd_core.vision.preprocess import INPUT_SIZE, prepare

BATCHES = (1, 8, 32)
#: ms per frame at batch 8 in ONNX Runtime; the student's layers were chosen with it in view.
TARGET_MS = 0.4
KVASIR_CLASSES = 8
#: Name -> (call, frames in a call).
Tasks = dict[str, tuple[Callable[[], object], int]]


class ViewingCost(msgspec.Struct, frozen=True, kw_only=True):
    """``ms`` by task; ``print`` shows it as a table."""

    unit: str = "ms per frame, median of runs, one thread"
    runs: int
    cores: int | None
    model: str
    target_ms_at_batch_8: float = TARGET_MS
    target_met: bool
    ms: dict[str, float]
    torch_over_onnxruntime: dict[str, float]

    def __str__(self) -> str:
        lines = [f"{self.unit} ({self.runs} runs, {self.cores} cores, {self.model})"]
        for name, value in self.ms.items():
            beside = f"   target {TARGET_MS}" if name == "onnxruntime_batch_8" else ""
            lines.append(f"{name:<22} {value:9.4f}{beside}")
        lines += [
            f"torch / ONNX Runtime at {name.replace('_', ' ')}: {ratio:.2f}"
            for name, ratio in self.torch_over_onnxruntime.items()
        ]
        return "\n".join(lines)


def viewing_cost(model: Path | None = None, runs: int = 5) -> ViewingCost:
    """Time the student in ``model``, or an untrained one with 8 classes: the cost is the same.

    Runtimes take turns within a run, so that a slow minute of the machine meets both.
    """
    torch.set_num_threads(1)
    student = load_student(model)[0] if model else Student(KVASIR_CLASSES).eval()
    session = _session(to_onnx(student, {}))
    fast = folded(student).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    tasks: Tasks = {}
    for size in BATCHES:
        shape = (size, 3, INPUT_SIZE, INPUT_SIZE)
        images = np.random.default_rng(size).standard_normal(shape, np.float32)
        tensor = torch.from_numpy(images).contiguous(memory_format=torch.channels_last)
        tasks[f"onnxruntime_batch_{size}"] = (partial(session.run, None, {"input": images}), size)
        tasks[f"torch_batch_{size}"] = (partial(fast, tensor), size)
    for name, frame_shape in (
        ("preprocess_256_rows", (256, 320, 3)),
        ("preprocess_1080p", (1080, 1920, 3)),
    ):
        frame = np.random.default_rng(0).integers(0, 255, frame_shape, np.uint8)
        tasks[name] = (partial(prepare, frame), 1)
    tasks |= _cam_tasks(student)
    with torch.inference_mode():
        ms = _timed(tasks, max(1, runs))
    return ViewingCost(
        runs=runs,
        cores=os.cpu_count(),
        model=str(model or "untrained student, 8 classes"),
        target_met=ms["onnxruntime_batch_8"] <= TARGET_MS,
        ms=ms,
        torch_over_onnxruntime={
            f"batch_{n}": ms[f"torch_batch_{n}"] / ms[f"onnxruntime_batch_{n}"] for n in BATCHES
        },
    )


def _timed(tasks: Tasks, runs: int) -> dict[str, float]:
    """ms per frame: the median of ``runs``, each over at least 0.1 s of calls."""
    repeats = {}
    for name, (call, _) in tasks.items():
        call()
        begun = time.perf_counter()
        call()
        repeats[name] = max(1, int(0.1 / max(1e-6, time.perf_counter() - begun)))
    taken: dict[str, list[float]] = {name: [] for name in tasks}
    for _ in range(runs):
        for name, (call, frames) in tasks.items():
            begun = time.perf_counter()
            for _ in range(repeats[name]):
                call()
            taken[name].append(1000.0 * (time.perf_counter() - begun) / repeats[name] / frames)
    return {name: statistics.median(values) for name, values in taken.items()}


def _session(content: bytes) -> ort.InferenceSession:
    options = ort.SessionOptions()
    # As in kd_core.vision.predictor
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _cam_tasks(student: Student) -> Tasks:
    weights = student.head.weight.detach().numpy()
    features = np.random.default_rng(1).random((weights.shape[1], 14, 14), np.float32)
    shown = np.ones((14, 14), np.float32)

    def raw() -> cam.Array:
        return cam.grad_cam(features, weights[0])

    return {"cam_raw": (raw, 1), "cam_normalised": (lambda: cam.to_unit_range(raw() * shown), 1)}
