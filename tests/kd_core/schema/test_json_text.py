"""Whatever a text holds, it is the value that Python's own reader gives, or one kind of error."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kd_core.schema.errors import DataError
from kd_core.schema.json_text import DEEPEST, JsonError, decode_any_json, decode_json, read_json
from kd_core.schema.plain_file import read_most

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


class Named(msgspec.Struct):
    name: str
    size: int = 0


@given(PLAIN)
def test_json_comes_back(value: Any) -> None:
    text = json.dumps(value)
    assert decode_any_json(text) == value
    assert decode_json(text.encode(), object) == value


@given(st.binary(max_size=60) | st.text(alphabet='[]{}",:\\0', max_size=60).map(str.encode))
def test_any_bytes_are_a_value_or_an_error_of_ours(content: bytes) -> None:
    for read in (
        lambda: decode_any_json(content),
        lambda: decode_json(content, dict[str, Any]),
        lambda: decode_json(content, Named),
    ):
        with suppress(JsonError):  # anything else fails the test
            read()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"name": "\xff"}',
        b"\xff\xfe{\x00}\x00",
        b"[" * 100_000,
        b'{"name":' * 5000,
        b'{"name": "a", "size": 1e400}',
        b'{"name": "a", "size": ' + b"9" * 5000 + b"}",
        b'{"name": NaN}',
        b'{"name": 3}',
        b"[]",
        b"null",
        b'{"name": "a"} more',
    ],
    ids=range(13),
)
def test_what_no_reader_of_ours_lets_through(content: bytes) -> None:
    with pytest.raises(JsonError) as caught:
        decode_json(content, Named)
    assert isinstance(caught.value, DataError)


def test_depth_counts_brackets_outside_of_texts_only() -> None:
    deep = "[" * DEEPEST + "]" * DEEPEST
    assert decode_json(deep, object) == json.loads(deep)
    with pytest.raises(JsonError, match="deeper"):
        decode_json(f"[{deep}]", object)
    with pytest.raises(JsonError, match="deeper"):
        decode_any_json(f"[{deep}]")
    many = json.dumps(["[" * 200, '\\"[{' * 50, *[[]] * 200])
    assert decode_json(many, object) == json.loads(many)


@given(PLAIN, st.integers(0, 2 * DEEPEST))
def test_the_depth_is_that_of_the_value_whatever_its_texts_hold(value: Any, around: int) -> None:
    for _ in range(around):
        value = {'a "[{\\': [value]}
    text = json.dumps(value)
    if _depth(value) > DEEPEST:
        with pytest.raises(JsonError, match="deeper"):
            decode_json(text, object)
    else:
        assert decode_any_json(text) == value


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value
    return 1 + max(map(_depth, inner), default=0) if isinstance(value, dict | list) else 0


@pytest.mark.parametrize("text", ['[{"a": "]"}, 1, "\\""]', '{"a\\\\": [[]]}'])
def test_a_large_text_is_no_deeper_than_a_small_one_may_be(text: str) -> None:
    rows = ",".join([text] * (5_000_000 // len(text)))
    assert len(decode_any_json(f"[{rows}]")) == 5_000_000 // len(text)
    deep = "[" * DEEPEST + "]" * DEEPEST
    for content in (f"[{rows}, {deep}]", f"[{rows}, {'[' * 100_000}"):
        with pytest.raises(JsonError, match="deeper"):
            decode_json(content, object)


def test_a_byte_order_mark_and_lone_surrogates_pass(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf{"name": "a"}')
    assert read_json(tmp_path / "a.json", Named) == Named("a")
    assert decode_any_json('{"file": "\\udcff"}') == {"file": "\udcff"}


def test_a_file_that_is_too_large_is_not_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'{"name": "a"}')
    with pytest.raises(JsonError, match="larger"):
        read_json(tmp_path / "a.json", Named, largest=12)
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "missing.json", Named)


def test_that_memory_is_used_up_says_nothing_of_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr(msgspec.json, "decode", full)
    with pytest.raises(MemoryError):
        decode_json(b"{}", dict)
    monkeypatch.setattr(json, "loads", full)
    with pytest.raises(MemoryError):
        decode_any_json(b"{}")


def test_no_more_memory_is_asked_for_than_there_is_to_read(tmp_path: Path) -> None:
    asked: list[int] = []

    class Asked(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            asked.append(-1 if size is None else size)
            return super().read(size)

    (tmp_path / "a").write_bytes(b"0123456789")
    with Asked(tmp_path / "a") as file:
        assert read_most(cast(BinaryIO, file), 1 << 40) == b"0123456789"
        assert max(asked) < 100
        file.seek(0)
        assert len(read_most(cast(BinaryIO, file), 4)) == 5  # more than allowed
