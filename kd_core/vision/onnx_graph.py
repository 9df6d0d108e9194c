"""What an ONNX file would do, read from its bytes before any program is made of it.

A model file is a program: it may loop, read other files beside it, or fill memory. This reads the
few fields of the file's protocol buffers that tell (field numbers: onnx.proto of ONNX 1.16), in one
pass, and takes nothing for granted of their lengths. No package for that is among those that the
application needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

#: What convolutional students are exported to, float and int8. None of these loops, branches, or
#: reads a file. A few could still be made to ask for much memory: who takes a model in tries it
#: first in a process of its own (kd_core.vision.trial).
_WORDS = (
    "Abs Add AveragePool BatchNormalization Cast Clip Concat Constant Conv DequantizeLinear Div"
    " Dropout Elu Erf Exp Flatten Gelu Gemm GlobalAveragePool GlobalMaxPool HardSigmoid HardSwish"
    " Identity InstanceNormalization LayerNormalization LeakyRelu Log MatMul Max MaxPool Min Mish"
    " Mul Neg PRelu Pow QLinearConv QLinearMatMul QuantizeLinear Reciprocal ReduceMax ReduceMean"
    " ReduceSum Relu Reshape Selu Shape Sigmoid Slice Softmax Softplus Split Sqrt Squeeze Sub Tanh"
    " Transpose Unsqueeze"
)
OPERATORS = frozenset(_WORDS.split(" "))
#: "" is ONNX's own.
DOMAINS = ("", "ai.onnx")

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5
_NUMBERS: dict[int, np.dtype[np.floating[Any]]] = {
    # by TensorProto.DataType
    1: np.dtype("<f4"),
    10: np.dtype("<f2"),
    11: np.dtype("<f8"),
}


class GraphFacts(NamedTuple):
    """``operators``: as "domain.Name", without ONNX's own domain.

    ``inner``: whether a node holds a graph of its own, or the file defines functions; ``external``:
    whether numbers lie in other files; ``not_finite``: whether a weight is NaN or infinite.
    """

    operators: frozenset[str]
    inner: bool
    external: bool
    not_finite: bool


def read_graph(content: bytes) -> GraphFacts:
    """The facts of an ONNX file. Raises ValueError where it is none."""
    view = memoryview(content)
    operators: set[str] = set()
    inner = external = not_finite = found = False
    for number, value in _fields(view):
        inner |= number in (20, 25)  # training information, functions
        if number != 7:
            continue
        found = True
        for part, body in _fields(_bytes(value)):
            if part == 1:
                operator, holds_graph, tensors = _node(_bytes(body))
                operators.add(operator)
                inner |= holds_graph
            else:
                tensors = [_bytes(body)] if part == 5 else []
                external |= part == 15  # sparse, which nothing here makes
            for tensor in tensors:
                elsewhere, broken = _tensor(tensor)
                external |= elsewhere
                not_finite |= broken
    if not found:
        raise ValueError("no graph")
    return GraphFacts(frozenset(operators), inner, external, not_finite)


def refusal(facts: GraphFacts) -> str:
    """Why a model file with these facts is not loaded, to follow "its file "; empty where it may
    be.
    """
    if facts.external:
        return "keeps numbers in other files"
    if facts.inner:
        return "holds loops, branches or functions"
    strange = sorted(facts.operators - OPERATORS)
    if strange:
        name = strange[0] if strange[0].isascii() and strange[0].isprintable() else "one"
        return f"uses an operator that no student needs ({name[:40]})"
    return "holds weights that are no numbers" if facts.not_finite else ""


def _node(view: memoryview) -> tuple[str, bool, list[memoryview]]:
    """(operator, whether it holds a graph, its tensors)."""
    name = domain = ""
    holds_graph, tensors = False, []
    for number, value in _fields(view):
        if number == 4:
            name = bytes(_bytes(value)).decode()
        elif number == 7:
            domain = bytes(_bytes(value)).decode()
        elif number == 5:
            for part, body in _fields(_bytes(value)):
                holds_graph |= part in (6, 11)
                if part in (5, 10):
                    tensors.append(_bytes(body))
    return name if domain in DOMAINS else f"{domain}.{name}", holds_graph, tensors


def _tensor(view: memoryview) -> tuple[bool, bool]:
    """(whether its numbers lie elsewhere, whether any is NaN or infinite)."""
    kind, elsewhere = 0, False
    raw: list[tuple[int, int | bytes]] = []
    for number, value in _fields(view):
        if number == 2 and isinstance(value, int):
            kind = value
        elif number in (13, 14):
            elsewhere |= number == 13 or value != 0
        elif number in (4, 9, 10):
            # Repeated floats may stand one by one, each a field of its own
            raw.append((number, value if isinstance(value, int) else bytes(value)))
    for number, body in raw:
        dtype = _NUMBERS.get({4: 1, 10: 11}.get(number, kind))
        if dtype is None:
            continue
        if isinstance(body, int):
            if body.bit_length() > 8 * dtype.itemsize:
                raise ValueError("a number of broken length")
            body = body.to_bytes(dtype.itemsize, "little")
        if len(body) % dtype.itemsize:
            raise ValueError("a tensor of broken length")
        if not np.isfinite(np.frombuffer(body, dtype)).all():
            return elsewhere, True
    return elsewhere, False


def _fields(view: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """(number, value) of each field of a message. Raises ValueError where it is none."""
    place = 0
    while place < len(view):
        key, place = _varint(view, place)
        number, kind = key >> 3, key & 7
        if kind == _VARINT:
            value, place = _varint(view, place)
            yield number, value
            continue
        if kind == _BYTES:
            length, place = _varint(view, place)
        elif kind in (_EIGHT, _FOUR):
            length = 8 if kind == _EIGHT else 4
        else:
            raise ValueError("no protocol buffer")
        if length > len(view) - place:
            raise ValueError("a field that goes beyond the end")
        body = view[place : place + length]
        place += length
        yield number, body if kind == _BYTES else int.from_bytes(body, "little")


def _varint(view: memoryview, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(view) and shift < 70:
        byte = view[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7
    raise ValueError("a number without end")


def _bytes(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise ValueError("a number where a message should be")
    return value
