"""Documents for the tests of import and export: random ones for the round trips, and one small
one that the golden files say.
"""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from endoscope_app.labels.exchange import cvat_format
from endoscope_app.labels.exchange.document import (
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeProcedure,
    ExchangeRange,
    Moment,
    assemble,
)
from endoscope_app.labels.library.records import FRAME_KINDS
from kd_core.schema.class_groups import ClassGroup

#: Of the one procedure of ``small``, and what its images are called.
SMALL_KEY = "ab" * 20
SMALL_NAME = "colon 1-abababababab"
AWKWARD = [
    'say "polyp"',
    "a,b;c\td",
    "Übelkeit 腸 🙂",
    "two\nlines",
    "cr\rlf\r\n",
    "=1+1",
    "+x",
    "-5",
    "@cmd",
    "'quoted",
    "'=x",
    "'",
    " spaces ",
    "<tag> & ]]>",
    "unusable",
    "con",
    "manifest.csv",
    "../up",
    "\x01\x1f",
    "＝x",
    "a\u2028b",
    "0",
    "polyps",
    "Polyps",
]
ANY_TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12
).filter(lambda text: bool(text.strip()))
TEXTS = st.one_of(st.sampled_from(AWKWARD), ANY_TEXT)
PTS = st.integers(-(2**63), 2**63 - 1)
INDICES = st.integers(0, 10**9)
SECONDS = st.floats(0, 1e6)
HASHES = st.sampled_from(["", "0f" * 32])
FILMS = ("ab" * 20, "cd" * 20, "ab" * 10 + "00" * 10)


@st.composite
def documents(draw: st.DrawFn) -> ExchangeDocument:
    """Any document that a library of three procedures could hold."""
    names = draw(st.lists(TEXTS, min_size=1, max_size=5, unique=True))
    colours = st.sampled_from(["#ff0000", "#00aa88"])
    keys = st.sampled_from(["", "key", "Schlüssel"])
    groups = st.sampled_from(["", *ClassGroup])
    classes = [
        ExchangeClass(name, draw(colours), draw(st.booleans()), draw(keys), draw(groups))
        for name in names
    ]
    films = draw(st.lists(st.sampled_from(FILMS), min_size=1, unique=True))
    moments = st.builds(Moment, PTS, INDICES, SECONDS)
    sizes = st.integers(0, 4000)
    procedures = [
        ExchangeProcedure(
            film, draw(st.just("") | TEXTS), draw(INDICES), draw(SECONDS), draw(sizes), draw(sizes)
        )
        for film in films
    ]
    frames = []
    for at in draw(st.lists(moments, max_size=6, unique_by=lambda at: at.pts)):
        kind = draw(st.sampled_from(FRAME_KINDS))
        name = None if kind == "unusable" else draw(st.sampled_from(names))
        film, picture = draw(st.sampled_from(films)), draw(HASHES)
        frames.append(ExchangeFrame(film, at, kind, name, picture))
        others = [other for other in names if name not in (None, other)]
        has_another_group: bool = draw(st.booleans())
        if others and has_another_group:
            kind = draw(st.sampled_from(FRAME_KINDS[:2]))
            beside = draw(st.sampled_from(others))
            frames.append(ExchangeFrame(film, at, kind, beside, picture))
    ranges = []
    for one, other in draw(st.lists(st.tuples(moments, moments), max_size=4)):
        # stamps of stills rise with nothing, so only the indices are in order
        first, last = sorted([one, other], key=lambda at: at.frame_index)
        ranges.append(
            ExchangeRange(draw(st.sampled_from(films)), first, last, draw(st.sampled_from(names)))
        )
    return assemble(classes, procedures, frames, ranges)


def small() -> ExchangeDocument:
    """Two classes, one procedure, a labelled, an agreed and an unusable frame and a range: what
    the golden files say.
    """
    film = "ab" * 20
    frames = [
        ExchangeFrame(film, Moment(400, 10, 0.4), "class", "polyps", "0f" * 32),
        ExchangeFrame(film, Moment(440, 11, 0.44), "agreed", "cecum"),
        ExchangeFrame(film, Moment(480, 12, 0.48), "unusable", None),
    ]
    ranges = [ExchangeRange(film, Moment(400, 10, 0.4), Moment(800, 20, 0.8), "cecum")]
    classes = [ExchangeClass("polyps", "#ff0000"), ExchangeClass("cecum", "#00ff00")]
    return assemble(
        classes, [ExchangeProcedure(film, "colon 1", 5000, 200.0, 640, 480)], frames, ranges
    )


def read_cvat(folder: Path, body: str) -> ExchangeDocument:
    (folder / "a.xml").write_text(
        f"<annotations><version>1.1</version>{body}</annotations>", encoding="utf-8"
    )
    return cvat_format.read(folder / "a.xml")
