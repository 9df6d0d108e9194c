"""Documents and plans for the tests of import: two procedures at hand, with 40 ticks a frame."""

from __future__ import annotations

from collections.abc import Iterable

from endoscope_app.labels.exchange.document import (
    ExchangeClass,
    ExchangeDocument,
    ExchangeFrame,
    ExchangeRange,
    Moment,
    assemble,
)
from endoscope_app.labels.exchange.import_act import import_act
from endoscope_app.labels.exchange.import_plan import ImportPlan, plan_import
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Procedure
from tests.endoscope_app.label_library import (
    OTHER,
    PROCEDURE,
    READER,
)

KEY = PROCEDURE.fingerprint


NEWCOMER = Procedure("ef" * 20, "base.mp4", "/videos/base.mp4", 120, 4.8)


def frame_of(index: int, name: str | None = "polyps", film: str = KEY) -> ExchangeFrame:
    return ExchangeFrame(
        film, Moment(index * 40, index), "class" if name is not None else "unusable", name
    )


def range_of(first: int, last: int, name: str = "polyps", film: str = KEY) -> ExchangeRange:
    return ExchangeRange(film, Moment(first * 40, first), Moment(last * 40, last), name)


def document_of(
    frames: Iterable[ExchangeFrame],
    ranges: Iterable[ExchangeRange] = (),
    classes: Iterable[ExchangeClass] = (),
) -> ExchangeDocument:
    return assemble(classes, (), frames, ranges)


def stamps(film: str, index: int) -> int | None:
    """Both recordings are at hand, with 40 ticks per frame."""
    count = {one.fingerprint: one.frame_count for one in (PROCEDURE, OTHER, NEWCOMER)}[film]
    return index * 40 if 0 <= index < count else None


def planned(
    store: LabelStore, document: ExchangeDocument, opened: Procedure | None = None
) -> ImportPlan:
    return plan_import(store.read, document, stamps, opened=opened)


def bring_in(store: LabelStore, document: ExchangeDocument) -> str:
    plan = planned(store, document)
    return store.apply(import_act(plan, plan.choice, store), READER).title
