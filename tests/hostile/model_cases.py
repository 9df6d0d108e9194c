"""Model folders of a stranger: each lies in one way about what it is."""

from __future__ import annotations

import os
import pickle
import random
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.kd_core.damaged_model import edit_card, exchange

CARD, GRAPH = "card.json", "student.onnx"
Spoil = Callable[[Path], object]


def model_folders(sound: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """A copy of the sound one for each case."""
    for name, spoil in {**_cards(), **_files(), **_graphs()}.items():
        path = Path(shutil.copytree(sound, folder / "model"))
        spoil(path)
        yield name, path


def _cards() -> dict[str, Spoil]:
    values: dict[str, dict[str, object]] = {
        f"temperature {number}": {"temperature": number} for number in (0, -1, 1e-9, 1e9, "1", None)
    }
    for wrong in (-0.1, 1e6, "x"):
        values[f"threshold {wrong}"] = {"thresholds": {"polyps": wrong}}
    values |= {
        "no classes": {"classes": []},
        "a million classes": {"classes": [str(number) for number in range(100_000)]},
        "a class that is a page": {"classes": ["<img src=/etc/passwd>"] * 6},
        "another size": {"preprocessing": _sees(input_size=10**6)},
        "size zero": {"preprocessing": _sees(input_size=0)},
        "another version of preprocessing": {"preprocessing": _sees(version=99)},
        "a mean that is none": {"preprocessing": _sees(mean=[None, 0, 0])},
        "files outside": {"files": {"../../etc/passwd": "0" * 64}},
        "no files": {"files": {}},
        "a later format": {"format": 99},
        "a version that is a path": {"version": "../../evil"},
    }
    spoils: dict[str, Spoil] = {
        name: partial(_edited, changes=changes) for name, changes in values.items()
    }
    texts = {
        "card empty": b"",
        "card zeros": b"\0" * 5000,
        "card deep": b'{"a":' * 50_000,
        "card NaN": b'{"temperature": NaN}',
        "card large": b" " * (2 << 20),
        "card list": b"[]",
        "card binary": b"\xff\xfe" * 300,
    }
    for name, text in texts.items():
        spoils[name] = partial(_with, name=CARD, content=text)
    return spoils


def _sees(**changes: object) -> dict[str, object]:
    return {"version": 3, "input_size": 224, "mean": [0, 0, 0], "std": [1, 1, 1], **changes}


def _edited(folder: Path, changes: dict[str, object]) -> None:
    edit_card(folder, **changes)


def _with(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)


def _files() -> dict[str, Spoil]:
    def without(folder: Path, name: str) -> None:
        (folder / name).unlink()

    def pipe(folder: Path, name: str) -> None:
        (folder / name).unlink()
        os.mkfifo(folder / name)

    def device(folder: Path, name: str) -> None:
        (folder / name).unlink()
        (folder / name).symlink_to("/dev/zero")

    def itself(folder: Path, name: str) -> None:
        (folder / name).unlink()
        (folder / name).symlink_to(name)

    def sparse(folder: Path) -> None:
        with (folder / GRAPH).open("wb") as file:
            file.truncate(8 << 30)

    cases: dict[str, Spoil] = {"a file of 8 GB": sparse}
    for way in (without, pipe, device, itself):
        for name in (CARD, GRAPH):
            cases[f"{name} {way.__name__}"] = partial(way, name=name)
    return cases


def _graphs() -> dict[str, Spoil]:
    def loop(model: onnx.ModelProto) -> None:
        body = helper.make_graph([], "body", [], [])
        model.graph.node.append(helper.make_node("Loop", ["", ""], ["other"], body=body))

    def outside(model: onnx.ModelProto) -> None:
        tensor = model.graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        tensor.external_data.add(key="location", value="/etc/passwd")

    def no_number(model: onnx.ModelProto) -> None:
        values = np.array([np.nan], np.float32)
        model.graph.initializer.append(numpy_helper.from_array(values, "further"))

    def unknown(model: onnx.ModelProto) -> None:
        model.graph.node.append(helper.make_node("If", ["input"], ["other"]))

    def foreign(model: onnx.ModelProto) -> None:
        node = helper.make_node("Run", ["input"], ["other"], domain="evil")
        model.graph.node.append(node)

    def bare(model: onnx.ModelProto) -> None:
        del model.metadata_props[:]

    def large(model: onnx.ModelProto) -> None:
        shape = numpy_helper.from_array(np.array([1 << 34], np.int64), "shape")
        model.graph.initializer.append(shape)
        model.graph.node.append(helper.make_node("ConstantOfShape", ["shape"], ["other"]))

    cases: dict[str, Spoil] = {
        f"graph {change.__name__}": partial(_changed, change=change)
        for change in (loop, outside, no_number, unknown, foreign, bare, large)
    }
    contents = {
        "graph empty": b"",
        "graph noise": random.Random(4).randbytes(30_000),
        "graph lengths": b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f" * 40,
        "graph pickle": pickle.dumps({"a": 1}),
        "graph nested": b"\x3a\x06" * 20_000,
    }
    for name, content in contents.items():
        cases[name] = partial(exchange, name=GRAPH, content=content)
    return cases


def _changed(folder: Path, change: Callable[[onnx.ModelProto], None]) -> None:
    model = onnx.load(folder / GRAPH)
    change(model)
    exchange(folder, GRAPH, model.SerializeToString())
