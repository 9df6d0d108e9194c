"""Model folders that are damaged, incomplete or exchanged: each is refused in one clear
sentence, and nothing in them is run.
"""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import onnx
import pytest
import safetensors.torch
import torch

from kd_core.artifacts.checkpoint import load_student, load_weights
from kd_core.artifacts.onnx_export import to_onnx
from kd_core.models.student import Student
from kd_core.schema.errors import ModelError
from kd_core.schema.model_files import CARD_NAME, ONNX_NAME, WEIGHTS_NAME
from kd_core.schema.taxonomy import LOWER_GI
from kd_core.vision.predictor import Predictor
from kd_core.vision.preprocess import VERSION
from tests.kd_core.damaged_model import edit_card, exchange, refused
from tests.model_factory import make_model_dir


@pytest.fixture
def copy(model_dir: Path, tmp_path: Path) -> Path:
    """A model folder to damage."""
    return Path(shutil.copytree(model_dir, tmp_path / "model"))


@pytest.mark.parametrize("temperature", [0, -1, 0.001, 1000])
def test_a_temperature_that_divides_by_nothing_is_refused(copy: Path, temperature: int) -> None:
    edit_card(copy, temperature=temperature)
    refused(Predictor.load, copy, "temperature")


@pytest.mark.parametrize(
    "changes",
    [{"thresholds": {LOWER_GI[0]: -0.1}}, {"thresholds": {LOWER_GI[0]: 3}}],
)
def test_levels_that_name_all_or_nothing_are_refused(copy: Path, changes: dict[str, Any]) -> None:
    edit_card(copy, **changes)
    refused(Predictor.load, copy, "level of certainty")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
@pytest.mark.parametrize("name", [CARD_NAME, ONNX_NAME, WEIGHTS_NAME])
def test_a_pipe_is_not_waited_for(copy: Path, name: str) -> None:
    (copy / name).unlink()
    os.mkfifo(copy / name)
    refused(load_student if name == WEIGHTS_NAME else Predictor.load, copy, "plain file|be read")


def test_a_card_of_megabytes_is_refused_unread(copy: Path) -> None:
    edit_card(copy, purpose="x" * (2 << 20))
    refused(Predictor.load, copy, "larger than 1 MB")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_no_numbers_are_refused(copy: Path, value: float) -> None:
    tensors = safetensors.torch.load_file(copy / WEIGHTS_NAME)
    tensors["head.bias"][0] = value
    exchange(copy, WEIGHTS_NAME, safetensors.torch.save(tensors))
    refused(load_student, copy, "what is no number")


@pytest.mark.parametrize(
    ("name", "call"), [(ONNX_NAME, Predictor.load), (WEIGHTS_NAME, load_student)]
)
def test_a_file_of_another_hash_is_refused(
    copy: Path, name: str, call: Callable[[Path], object]
) -> None:
    content = bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    refused(call, copy, "card describes")


@pytest.mark.parametrize(
    ("name", "call"), [(ONNX_NAME, Predictor.load), (WEIGHTS_NAME, load_student)]
)
def test_a_missing_file_is_named(copy: Path, name: str, call: Callable[[Path], object]) -> None:
    (copy / name).unlink()
    refused(call, copy, name)


@pytest.mark.parametrize("name", [ONNX_NAME, WEIGHTS_NAME])
def test_a_file_that_the_card_does_not_list_is_refused(copy: Path, name: str) -> None:
    edit_card(copy, files={})
    refused(Predictor.load if name == ONNX_NAME else load_student, copy, "card describes")


@pytest.mark.parametrize("call", [Predictor.load, load_student])
def test_folders_without_a_card_are_refused(copy: Path, call: Callable[[Path], object]) -> None:
    (copy / CARD_NAME).unlink()
    refused(call, copy, r"model has no card\.json")
    refused(call, copy / "nowhere", "no model folder at")


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"name": 3}', "\x00\xff"])
def test_a_card_that_is_none_is_refused(copy: Path, text: str) -> None:
    (copy / CARD_NAME).write_bytes(text.encode("latin-1"))
    refused(Predictor.load, copy, "card of model model cannot be read")


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        (LOWER_GI[:-1], "shape its card promises"),
        ((*LOWER_GI, "hemorrhoids"), "shape its card promises"),
        # The head's weights could be cut into three rows
        (LOWER_GI[:3], "shape its card promises"),
        (LOWER_GI[::-1], "names other classes"),
        (("hemorrhoids", *LOWER_GI[1:]), "names other classes"),
        (LOWER_GI[:1], "no valid set of classes"),
        (LOWER_GI[:1] * 6, "no valid set of classes"),
    ],
)
def test_classes_that_are_not_the_models_are_refused(
    copy: Path, classes: tuple[str, ...], words: str
) -> None:
    edit_card(copy, classes=classes)
    refused(Predictor.load, copy, words)


@pytest.mark.parametrize("change", [{"version": VERSION + 1}, {"mean": [0.5, 0.5, 0.5]}])
def test_other_preprocessing_is_refused(copy: Path, change: dict[str, Any]) -> None:
    card = json.loads((copy / CARD_NAME).read_text())
    edit_card(copy, preprocessing={**card["preprocessing"], **change})
    refused(Predictor.load, copy, "other preprocessing")


def test_another_input_size_than_the_file_has_is_refused(copy: Path) -> None:
    """A model may have a size of its own, but card and file must agree."""
    card = json.loads((copy / CARD_NAME).read_text())
    edit_card(copy, preprocessing={**card["preprocessing"], "input_size": 256})
    refused(Predictor.load, copy, "shape its card promises")


def test_weights_of_another_shape_are_refused(copy: Path, tmp_path: Path) -> None:
    own = {
        item.key: item.value
        for item in onnx.load_from_string((copy / ONNX_NAME).read_bytes()).metadata_props
    }
    other = make_model_dir(tmp_path / "other", ("a", "b", "c"))
    for name in (ONNX_NAME, WEIGHTS_NAME):
        exchange(copy, name, (other / name).read_bytes())
    refused(Predictor.load, copy, "shape its card promises")
    refused(load_student, copy, "another shape than a student of 6 classes")
    model = onnx.load_from_string((other / ONNX_NAME).read_bytes())
    onnx.helper.set_model_props(model, own)  # three classes that claim in writing to be the six
    exchange(copy, ONNX_NAME, model.SerializeToString())
    refused(Predictor.load, copy, "shape its card promises")


@pytest.mark.parametrize("content", [b"", b"no model at all", b"\x08" * 4000])
def test_files_of_another_kind_are_refused(copy: Path, content: bytes) -> None:
    exchange(copy, ONNX_NAME, content)
    exchange(copy, WEIGHTS_NAME, content)
    refused(Predictor.load, copy, "cannot be opened|is no ONNX file")
    refused(load_student, copy, "no safetensors file")


@pytest.mark.parametrize("key", ["head_weight", "classes"])
@pytest.mark.parametrize("value", [None, "zz"])
def test_a_graph_whose_metadata_is_gone_or_damaged_is_refused(
    copy: Path, key: str, value: str | None
) -> None:
    model = onnx.load_from_string((copy / ONNX_NAME).read_bytes())
    kept = {item.key: item.value for item in model.metadata_props if item.key != key} | (
        {key: value} if value else {}
    )
    onnx.helper.set_model_props(model, kept)
    exchange(copy, ONNX_NAME, model.SerializeToString())
    refused(Predictor.load, copy, "shape its card promises|names other classes")


class Trap:
    """Unpickling one makes the file that it names."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize(
    ("name", "words"),
    [(WEIGHTS_NAME, "no safetensors"), ("student.pt", "is a pickle"), ("a.BIN", "is a pickle")],
)
def test_a_pickle_is_never_opened(copy: Path, tmp_path: Path, name: str, words: str) -> None:
    sprung = tmp_path / "sprung"
    content = pickle.dumps(Trap(sprung))
    exchange(copy, name, content)
    refused(lambda folder: load_weights(folder / name, Student, 6), copy, words)
    if name == WEIGHTS_NAME:
        refused(load_student, copy, words)
    assert not sprung.exists()
    pickle.loads(content)  # the trap works
    assert sprung.exists()


def test_an_export_that_holds_no_numbers_is_refused() -> None:
    student = Student(2)
    torch.nn.init.constant_(student.head.weight, float("nan"))
    with pytest.raises(ModelError, match="differs from the trained one by nan"):
        to_onnx(student, {})
