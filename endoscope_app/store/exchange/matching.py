"""Which procedure and which class of the library a file means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from endoscope_app.store.exchange.document import BY_NAME, ExchangeDocument, ExchangeProcedure
from endoscope_app.store.labels.reading import LabelReader
from endoscope_app.store.labels.records import Procedure
from kd_core.contract.taxonomy import resolve

SHORTEST = 8
"""Fewer digits of a fingerprint than this name no procedure."""


def procedure_matches(library: LabelReader, document: ExchangeDocument) -> dict[str, Procedure]:
    """The library's procedure for each of the file's that has one, and only one: by fingerprint, its first digits, or the file's name."""
    known = library.procedures()
    found = {one.fingerprint: _procedure(one, known) for one in document.procedures}
    return {key: match for key, match in found.items() if match is not None}


def default_classes(library: LabelReader, document: ExchangeDocument) -> dict[str, int | None]:
    """The library's class for every class name of the file: of the same name, else another spelling of it; None for an unknown one."""
    ids = _class_ids(library)
    names = list(ids)
    found: dict[str, int | None] = {}
    for one in document.classes:
        name = tidy(one.name)
        other = name if name in ids else resolve(name, names)
        found[one.name] = None if other is None else ids[other]
    return found


def tidy(name: str) -> str:
    """A name as it is compared: two that differ only in case or spaces are one."""
    return " ".join(name.replace("\0", " ").split()).casefold()


def _class_ids(library: LabelReader) -> Mapping[str, int]:
    """By tidy name and key; a merged class stands for the one it went into, unless that name was given anew."""
    classes = library.classes()
    keys = {tidy(one.key): library.resolved_class(one.id).id for one in classes}
    merged = {tidy(one.name): library.resolved_class(one.id).id for one in classes if one.merged_into is not None}
    return keys | merged | {tidy(one.name): one.id for one in classes if one.merged_into is None}


def _procedure(wanted: ExchangeProcedure, known: Iterable[Procedure]) -> Procedure | None:
    key = wanted.fingerprint
    if key.startswith(BY_NAME):
        names = {key.removeprefix(BY_NAME).casefold()}
        fits = [one for one in known if names & {one.name.casefold(), PurePosixPath(one.name).stem.casefold()}]
    else:
        whole = [one for one in known if one.fingerprint.casefold() == key.casefold()]
        fits = whole or [one for one in known if len(key) >= SHORTEST and one.fingerprint.casefold().startswith(key.casefold())]
    return fits[0] if len(fits) == 1 else None
