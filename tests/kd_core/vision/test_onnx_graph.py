"""What a model file would do is read from its bytes: held against files of the onnx package."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from kd_core.schema.errors import ModelError
from kd_core.schema.model_files import ONNX_NAME
from kd_core.vision.onnx_graph import OPERATORS, read_graph, refusal
from kd_core.vision.predictor import Predictor
from tests.kd_core.damaged_model import exchange

Change = Callable[[onnx.ModelProto], object]
INNER = "holds loops, branches or functions"


@pytest.fixture
def model_copy(model_dir: Path, tmp_path: Path) -> Path:
    """A model folder to change."""
    return Path(shutil.copytree(model_dir, tmp_path / "model"))


@pytest.fixture(scope="session")
def model_bytes(model_dir: Path) -> bytes:
    """Its ONNX file."""
    return (model_dir / ONNX_NAME).read_bytes()


def _node(model: onnx.ModelProto, name: str, **attributes: object) -> None:
    inputs = [model.graph.input[0].name]
    model.graph.node.append(helper.make_node(name, inputs, ["other"], **attributes))


def _loop(model: onnx.ModelProto) -> None:
    body = helper.make_graph([], "body", [], [])
    model.graph.node.append(helper.make_node("Loop", ["", ""], ["other"], body=body))


def _external(model: onnx.ModelProto) -> None:
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../secret")


def _weight(value: float, kind: type[np.floating[Any]]) -> Change:
    def change(model: onnx.ModelProto) -> None:
        numbers = np.array([1, value, 2], kind)
        model.graph.initializer.append(numpy_helper.from_array(numbers, "further"))

    return change


def _unpacked(model: onnx.ModelProto) -> None:
    tensor = TensorProto(data_type=TensorProto.FLOAT, dims=[2], name="further")
    tensor.float_data.extend([1.0, float("inf")])
    model.graph.initializer.append(tensor)


def _function(model: onnx.ModelProto) -> None:
    model.functions.append(
        helper.make_function("own", "f", [], [], [], [helper.make_opsetid("", 17)])
    )


def _constant(model: onnx.ModelProto) -> None:
    value = numpy_helper.from_array(np.array([np.nan], np.float32))
    model.graph.node.append(helper.make_node("Constant", [], ["other"], value=value))


def _sparse(model: onnx.ModelProto) -> None:
    model.graph.sparse_initializer.add()


REFUSED: list[tuple[Change, str]] = [
    (_loop, INNER),
    (_function, INNER),
    (_external, "keeps numbers in other files"),
    (_sparse, "keeps numbers in other files"),
    (lambda model: _node(model, "Expand"), r"\(Expand\)"),
    (lambda model: _node(model, "Add", domain="com.evil"), r"\(com.evil.Add\)"),
    (_weight(np.nan, np.float32), "weights that are no numbers"),
    (_weight(np.inf, np.float16), "weights that are no numbers"),
    (_weight(-np.inf, np.float64), "weights that are no numbers"),
    (_unpacked, "weights that are no numbers"),
    (_constant, "weights that are no numbers"),
]


@pytest.mark.parametrize(("change", "words"), REFUSED)
def test_a_model_that_would_do_more_than_a_student_is_refused_before_it_runs(
    model_copy: Path, change: Change, words: str
) -> None:
    model = onnx.load(model_copy / ONNX_NAME)
    change(model)
    exchange(model_copy, ONNX_NAME, model.SerializeToString())
    with pytest.raises(ModelError, match=words) as caught:
        Predictor.load(model_copy)
    assert "is not loaded" in caught.value.sentence
    assert caught.value.way_out


def test_operators_are_those_that_onnx_reads(model_dir: Path) -> None:
    content = (model_dir / ONNX_NAME).read_bytes()
    facts = read_graph(content)
    assert facts.operators == {node.op_type for node in onnx.load_from_string(content).graph.node}
    assert facts.operators <= OPERATORS
    assert refusal(facts) == ""


@pytest.mark.parametrize("content", [b"", b"\x00", b"no model", b"\x3a\xff\xff\xff\xff\x0f"])
def test_what_is_no_onnx_file_is_said_to_be_none(model_copy: Path, content: bytes) -> None:
    exchange(model_copy, ONNX_NAME, content)
    with pytest.raises(ModelError, match="is no ONNX file"):
        Predictor.load(model_copy)


@settings(max_examples=300, deadline=None)
@given(place=st.floats(0, 1), byte=st.integers(0, 255), cut=st.booleans())
def test_any_byte_may_be_another_and_the_file_may_end_anywhere(
    model_bytes: bytes, place: float, byte: int, cut: bool
) -> None:
    at = int(place * (len(model_bytes) - 1))
    changed = model_bytes[:at] if cut else model_bytes[:at] + bytes([byte]) + model_bytes[at + 1 :]
    try:
        facts = read_graph(changed)
    except ValueError:
        return
    assert isinstance(refusal(facts), str)


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        read_graph(content)
    except ValueError:
        return
