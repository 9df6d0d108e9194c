"""Files of labels that nobody should have to trust."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

from tests.endoscope_app.labels.exchange.test_exchange_bad_files import BAD, ODD

_PRINT = "ab" * 20
_OURS = b'{"format":"endoscope-app labels","version":1,"classes":%s,"procedures":%s}'
_ONE = b'[{"fingerprint":"' + _PRINT.encode() + b'","name":%s,"frames":[[1,1,0,"class",%s]]}]'
_HOSTILE_NAMES = {
    "image in a name": '"<img src=/etc/passwd>"',
    "formula in a name": "\"=cmd|' /C calc'!A0\"",
    "right to left in a name": '"\\u202egpj.polyp"',
    "zero in a name": '"\\u0000polyp\\u0000"',
    "half a surrogate": '"\\ud800"',
    "a name of 2 MB": '"' + "x" * 2_000_000 + '"',
    "path in a name": '"../../../../etc/passwd"',
}
_LAUGHS = b'<!DOCTYPE a [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
)
MORE: dict[str, bytes] = {
    **{
        name: _OURS % (b"[]", _ONE % (text.encode(), text.encode()))
        for name, text in _HOSTILE_NAMES.items()
    },
    "laughs": _LAUGHS + b"]><annotations>&j;</annotations>",
    "entity of a file": b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    b"<annotations><image id='1' name='&x;'/></annotations>",
    "a million attributes": b"<annotations><image "
    + b" ".join(b'a%d="1"' % n for n in range(200_000))
    + b"/></annotations>",
    "200,000 columns": b"label,frame," + b",".join(b"c%d" % n for n in range(200_000)) + b"\nx,1\n",
    "a million quotes": b"label,frame\n" + b'"' * 1_000_000,
    "open quotes": b"label,frame\n" + b'"x,1\n' * 100_000,
    "deep, closed": b"[" * 50_000 + b"]" * 50_000,
    "deep inside": _OURS % (b"[" * 5000 + b"]" * 5000, b"[]"),
    "the same key a million times": b"{" + b'"images":0,' * 300_000 + b'"annotations":0}',
    "300,000 categories": b'{"images":[],"annotations":[],"categories":['
    + b",".join(b'{"id":1,"name":"x"}' for _ in range(300_000))
    + b"]}",
    "a range to the end of time": b"<annotations><meta><source>a</source></meta>"
    b'<track id="1" label="x"><box frame="0" outside="0"/>'
    b'<box frame="999999999999999999" outside="1"/></track></annotations>',
    "a task of 100,000 answers": b'[{"data":{"image":"frame_000007.png"},"annotations":'
    + b'[{"result":['
    + b",".join(b'{"type":"choices","value":{"choices":["x"]}}' for _ in range(100_000))
    + b"]}]}]",
    "a picture": base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII="
    ),
    "half of UTF-16": "label,frame\nx,1\n".encode("utf-16")[:-1],
}


def label_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Each of them under a name that says nothing of its format."""
    folder.mkdir(exist_ok=True)
    for name, content in {**BAD, **ODD, **MORE}.items():
        path = folder / "labels.dat"
        path.write_bytes(content)
        yield name, path
