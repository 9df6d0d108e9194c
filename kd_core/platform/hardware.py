"""What the machine can do, where that changes how numbers are computed."""

from __future__ import annotations

import os

import torch


def has_bf16(device: str) -> bool:
    """Whether ``device`` ("cpu", "cuda", "cuda:1") multiplies bfloat16 natively.

    Without, it is slower than float32.
    """
    if device.startswith("cuda"):
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    known = torch.cpu.get_capabilities()
    return bool(known.get("avx512_bf16") or known.get("amx_bf16"))


def hardware_words(device: str = "cpu") -> str:
    """For a model's card: what it was made on."""
    if device.startswith("cuda"):
        return f"GPU, {torch.cuda.get_device_name(device)}"
    return f"CPU, {os.cpu_count()} cores"


def make_repeatable(device: str) -> None:
    """Make a GPU's kernels give the same sums in every run.

    On a CPU they do so anyway.
    """
    if device.startswith("cuda"):
        # CuBLAS reads it when it is first used
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.use_deterministic_algorithms(True, warn_only=True)
