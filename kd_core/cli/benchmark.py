"""``kd-core benchmark``: what a frame costs on one thread: the student in ONNX Runtime and
torch, preprocessing, the heat map.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

HELP = "time the student, preprocessing and heat map"
BATCHES = (1, 8, 32)
#: ms a frame at batch 8 in ONNX Runtime; the student's layers were chosen with it in view.
TARGET_MS = 0.4
KVASIR_CLASSES = 8


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument(
        "--model",
        type=Path,
        help="a model folder (default: an untrained student with 8 classes; the cost is the same)",
    )
    parser.add_argument(
        "--runs",
        type=int,
        default=5,
        help="each number is the median of so many (default: %(default)s)",
    )
    parser.add_argument(
        "--training",
        action="store_true",
        help="time teachers, steps of every scheme, the cache and the losses instead",
    )
    parser.add_argument(
        "--frames",
        type=int,
        default=0,
        help="time a whole distillation of so many frames instead (noise pictures)",
    )
    parser.add_argument("--json", action="store_true", help="numbers for programs")


def run(options: argparse.Namespace) -> int:
    """Measure and print.

    Runtimes take turns within a run, so that a slow minute of the machine meets both.
    """
    return _training(options) if options.training or options.frames else _viewing(options)


def _training(options: argparse.Namespace) -> int:
    from kd_core.benchmarks.training import TARGET_MINUTES, measure, whole_run

    made: dict[str, Any] = {"cores": os.cpu_count()}
    if options.frames:
        made |= {"frames": options.frames, "whole_run": dict(whole_run(options.frames))}
        made["minutes"] = (
            made["whole_run"]["views and teachers"] + made["whole_run"]["training"]
        ) / 60
        made["target_minutes"] = TARGET_MINUTES.get(options.frames)
    else:
        made |= measure(runs=max(1, options.runs))
    print(json.dumps(made) if options.json else json.dumps(made, indent=1))
    return 0


def _viewing(options: argparse.Namespace) -> int:
    import numpy as np
    import torch

    from kd_core.artifacts.checkpoint import load_student
    from kd_core.artifacts.onnx_export import to_onnx
    from kd_core.models.student import Student, folded
    from kd_core.vision.preprocess import prepare

    torch.set_num_threads(1)
    student = load_student(options.model)[0] if options.model else Student(KVASIR_CLASSES).eval()
    session = _session(to_onnx(student, {}))
    fast = folded(student).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    tasks: dict[str, tuple[Callable[[], Any], int]] = {}
    for size in BATCHES:
        pictures = np.random.default_rng(size).standard_normal((size, 3, 224, 224), np.float32)
        tensor = torch.from_numpy(pictures).contiguous(memory_format=torch.channels_last)
        tasks[f"onnxruntime_batch_{size}"] = (partial(session.run, None, {"input": pictures}), size)
        tasks[f"torch_batch_{size}"] = (partial(fast, tensor), size)
    for name, shape in (
        ("preprocess_256_rows", (256, 320, 3)),
        ("preprocess_1080p", (1080, 1920, 3)),
    ):
        frame = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
        tasks[name] = (partial(prepare, frame), 1)
    tasks |= _cam_tasks(student)
    with torch.inference_mode():
        numbers = measure(tasks, max(1, options.runs))
    ratios = {
        f"batch_{n}": numbers[f"torch_batch_{n}"] / numbers[f"onnxruntime_batch_{n}"]
        for n in BATCHES
    }
    made = {
        "unit": "ms per frame, median of runs, one thread",
        "runs": options.runs,
        "cores": os.cpu_count(),
        "model": str(options.model or "untrained student, 8 classes"),
        "target_ms_at_batch_8": TARGET_MS,
        "target_met": numbers["onnxruntime_batch_8"] <= TARGET_MS,
        "ms": numbers,
        "torch_over_onnxruntime": ratios,
    }
    print(json.dumps(made) if options.json else _table(made))
    return 0


def measure(tasks: dict[str, tuple[Callable[[], Any], int]], runs: int) -> dict[str, float]:
    """Name -> (call, frames in a call) to name -> ms a frame: the median of ``runs``, each over
    at least 0.1 s of calls.
    """
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


def _session(content: bytes) -> Any:
    import onnxruntime as ort

    options = ort.SessionOptions()
    # As in kd_core.vision.predictor
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return ort.InferenceSession(content, options, providers=["CPUExecutionProvider"])


def _cam_tasks(student: Any) -> dict[str, tuple[Callable[[], Any], int]]:
    import numpy as np

    from kd_core.vision import cam

    weights = student.head.weight.detach().numpy()
    features = np.random.default_rng(1).random((weights.shape[1], 14, 14), np.float32)
    return {
        "cam_raw": (lambda: cam.grad_cam(features, weights[0]), 1),
        "cam_normalised": (lambda: cam.visible_unit_range(cam.grad_cam(features, weights[0])), 1),
    }


def _table(made: dict[str, Any]) -> str:
    lines = [f"{made['unit']} ({made['runs']} runs, {made['cores']} cores, {made['model']})"]
    for name, value in made["ms"].items():
        beside = f"   target {TARGET_MS}" if name == "onnxruntime_batch_8" else ""
        lines.append(f"{name:<22} {value:9.4f}{beside}")
    lines += [
        f"torch / ONNX Runtime at {name.replace('_', ' ')}: {ratio:.2f}"
        for name, ratio in made["torch_over_onnxruntime"].items()
    ]
    return "\n".join(lines)
