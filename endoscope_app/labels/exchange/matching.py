"""Which procedure and which class of the library a file means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from endoscope_app.labels.exchange.class_matching import without_upload_prefix
from endoscope_app.labels.exchange.document import (
    BY_NAME,
    ExchangeClass,
    ExchangeDocument,
    ExchangeProcedure,
)
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import Procedure
from kd_core.schema.taxonomy import DISPLAY_NAMES, resolve

SHORTEST = 8
"""Fewer digits of a fingerprint than this name no procedure."""


@dataclass(frozen=True)
class ProcedureMatches:
    """By the file's fingerprint or name: the procedures that are meant, and how many there are
    where a name is that of several.
    """

    found: dict[str, Procedure]
    ambiguous: dict[str, int]


def procedure_matches(known: Iterable[Procedure], document: ExchangeDocument) -> ProcedureMatches:
    """By fingerprint, its first digits, or the file's name, as it is here or as Label Studio
    changes it on upload.
    """
    everything = list(known)
    fits = {one.fingerprint: _procedures(one, everything) for one in document.procedures}
    found = {key: some[0] for key, some in fits.items() if len(some) == 1}
    return ProcedureMatches(found, {key: len(some) for key, some in fits.items() if len(some) > 1})


def class_finder(library: LabelReader) -> Callable[[ExchangeClass], int | None]:
    """What gives the library's class for one of a file: of the same key, the same name, or another
    spelling of either.

    None where the library has none. A merged class is the one that it went into, unless its name
    was given anew.
    """
    classes = library.classes()
    merged = [one for one in classes if one.merged_into is not None]
    own = [one for one in classes if one.merged_into is None]
    keys = {tidy(one.key): library.resolved_class(one.id).id for one in (*merged, *own)}
    names = {tidy(one.name): library.resolved_class(one.id).id for one in (*merged, *own)}
    shown = {tidy(name): key for key, name in DISPLAY_NAMES.items()}

    def find(wanted: ExchangeClass) -> int | None:
        key, name = tidy(wanted.key), tidy(wanted.name)
        if key and key in keys:
            return keys[key]
        for spelling in (name, shown.get(name, ""), key):
            if spelling in names:
                return names[spelling]
            if spelling in keys:
                return keys[spelling]
            other = (
                resolve(spelling, list(keys)) or resolve(spelling, list(names))
                if spelling
                else None
            )
            if other is not None:
                return keys.get(other, names.get(other))
        return None

    return find


def default_classes(library: LabelReader, document: ExchangeDocument) -> dict[str, int | None]:
    """The library's class for every class name of the file; None for an unknown one."""
    find = class_finder(library)
    return {one.name: find(one) for one in document.classes}


def tidy(name: str) -> str:
    """A name as it is compared: two that differ only in case or spaces are one."""
    return " ".join(name.replace("\0", " ").split()).casefold()


def _procedures(wanted: ExchangeProcedure, known: list[Procedure]) -> list[Procedure]:
    key = wanted.fingerprint
    if not key.startswith(BY_NAME):
        whole = [one for one in known if one.fingerprint.casefold() == key.casefold()]
        return whole or [
            one
            for one in known
            if len(key) >= SHORTEST and one.fingerprint.casefold().startswith(key.casefold())
        ]
    name = key.removeprefix(BY_NAME)
    if not tidy(name):
        return []
    for said in dict.fromkeys((name, without_upload_prefix(name))):
        for spelt in (tidy, lambda text: tidy(PurePosixPath(text).stem), _as_uploaded):
            # the recording's own name as it is, without its suffix, and as an upload leaves it
            fits = [one for one in known if spelt(one.name) == tidy(said)]
            if fits:
                return fits
    return []


def _as_uploaded(name: str) -> str:
    """As Label Studio keeps a file's name: spaces become underscores, and other signs are
    dropped.
    """
    return tidy(re.sub(r"[^-\w.]", "", name.strip().replace(" ", "_")))
