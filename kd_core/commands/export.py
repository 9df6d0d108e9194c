"""``kd-core export``: write a model's ONNX file again from its safetensors and check it against torch."""

from __future__ import annotations

import argparse
from pathlib import Path

from kd_core.contract.errors import CoreError

HELP = "write the ONNX file of a model again and check it"


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--model", required=True, type=Path, help="a model folder")
    parser.add_argument("--out", required=True, type=Path, help="the .onnx file to write")


def run(options: argparse.Namespace) -> int:
    """Export, check to TOLERANCE on a batch and on a single picture, write, say the difference."""
    import msgspec
    import torch

    from kd_core.checkpoint import load_student, sha256_of, write_atomically
    from kd_core.datasets.preprocess import INPUT_SIZE
    from kd_core.export import TOLERANCE, difference_to_torch, to_onnx

    student, card = load_student(options.model)
    metadata = {
        "version": card.version,
        "classes": msgspec.json.encode(card.classes).decode(),
        "preprocessing": msgspec.json.encode(card.preprocessing).decode(),
    }
    content = to_onnx(student, metadata)
    sample = torch.randn(4, 3, INPUT_SIZE, INPUT_SIZE, generator=torch.Generator().manual_seed(1))
    difference = difference_to_torch(content, student, sample)
    try:
        write_atomically(options.out, content)
    except OSError as error:
        raise CoreError(f"{options.out} cannot be written: {error.strerror}.", "Choose another place.") from error
    print(f"{options.out}: {len(content):,} bytes, largest difference to torch {difference:.1e} (accepted: {TOLERANCE:.0e})")
    print(f"sha256 {sha256_of(options.out)}")
    return 0
