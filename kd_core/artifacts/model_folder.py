"""Writing a complete model folder: weights, ONNX, card.

The card comes last, so a folder without one is unfinished and refused.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from torch import nn

from kd_core.artifacts.checkpoint import save_weights, sha256_of, writing
from kd_core.artifacts.intended_use import not_for, purpose
from kd_core.artifacts.onnx_export import to_onnx
from kd_core.artifacts.seen_contents import seen_file
from kd_core.models.registry import student_name
from kd_core.models.student import Student, deployed_parameters, without_branches
from kd_core.schema.atomic_file import write_atomically
from kd_core.schema.class_heads import ClassHead
from kd_core.schema.model_card import FORMAT, FORMAT_WITH_HEADS, ModelCard, write_card
from kd_core.schema.model_files import ONNX_NAME, SEEN_NAME, WEIGHTS_NAME
from kd_core.schema.model_origin import DataNotes, TrainingNotes
from kd_core.schema.model_scores import PartScores
from kd_core.schema.naming_level import NamingLevel
from kd_core.vision import preprocess


def write_model_folder(
    student: nn.Module,
    out: Path,
    *,
    name: str,
    classes: tuple[str, ...],
    temperature: float = 1.0,
    calibration: str = "",
    naming: NamingLevel | None = None,
    thresholds: dict[str, float] | None = None,
    heads: tuple[ClassHead, ...] = (),
    parent: str | None = None,
    architecture: str | None = None,
    input_size: int = preprocess.INPUT_SIZE,
    data: DataNotes | None = None,
    training: TrainingNotes | None = None,
    scores: dict[str, PartScores] | None = None,
    seen: Collection[str] = (),
) -> ModelCard:
    """Write ``student`` (trained, any mode) as a model folder that Predictor.load accepts.

    ``architecture``: its name in kd_core.models.registry, where it cannot be asked for it;
    ``input_size``: the side of its images. ``seen``: contents (hex digests) of what it has learnt
    from; ``heads``: see ModelCard. Branches that only training needs are folded away first.

    The version holds date and weight hash.
    """
    architecture = architecture or student_name(student)
    if isinstance(student, Student):
        student = without_branches(student)
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        save_weights(student, out / WEIGHTS_NAME)
    weights_hash = sha256_of(out / WEIGHTS_NAME)
    now = datetime.now(UTC)
    version = f"{now:%Y.%m.%d}-{weights_hash[:8]}"
    constants = preprocess.constants(input_size)
    metadata = {
        "version": version,
        "classes": msgspec.json.encode(classes).decode(),
        "preprocessing": msgspec.json.encode(constants).decode(),
    }
    if heads:
        metadata["heads"] = msgspec.json.encode([head.stored for head in heads]).decode()
    content = to_onnx(student, metadata, input_size)
    with writing(out):
        write_atomically(out / ONNX_NAME, content)
    files = {WEIGHTS_NAME: weights_hash, ONNX_NAME: hashlib.sha256(content).hexdigest()}
    if seen:
        known = seen_file(seen)
        with writing(out):
            write_atomically(out / SEEN_NAME, known)
        files[SEEN_NAME] = hashlib.sha256(known).hexdigest()
    card = ModelCard(
        format=FORMAT_WITH_HEADS if heads else FORMAT,
        name=name,
        version=version,
        parent=parent,
        created=f"{now:%Y-%m-%dT%H:%M:%SZ}",
        architecture=architecture,
        classes=classes,
        preprocessing=constants,
        temperature=temperature,
        calibration=calibration,
        naming=naming,
        thresholds=thresholds or {},
        heads=heads,
        parameters={"deployed": deployed_parameters(student)},
        files=files,
        purpose=purpose(classes),
        not_for=not_for(classes, data.source if data else ""),
        data=data or DataNotes(),
        training=training or TrainingNotes(),
        scores=scores or {},
    )
    with writing(out):
        write_card(out, card)
    return card
