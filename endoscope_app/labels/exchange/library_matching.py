"""Which procedure and which class of the library a file means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

from endoscope_app.labels.exchange.document import (
    BY_NAME,
    ExchangeClass,
    ExchangeDocument,
    ExchangeProcedure,
)
from endoscope_app.labels.exchange.file_names import without_upload_prefix
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.records import Procedure
from kd_core.schema.taxonomy import DISPLAY_NAMES, resolve

SHORTEST = 8
"""Fewer digits of a fingerprint than this name no procedure."""


@dataclass(frozen=True)
class ProcedureMatches:
    """By the file's fingerprint or name: the procedure that is meant.

    ``ambiguous``: how many there are where a name is that of several.
    """

    by_key: dict[str, Procedure]
    ambiguous: dict[str, int]


def procedure_matches(known: Iterable[Procedure], document: ExchangeDocument) -> ProcedureMatches:
    """By fingerprint, its first digits, or the file's name.

    The name is as it is here, or as Label Studio changes it on upload.
    """
    procedures = list(known)
    fits = {wanted.fingerprint: _procedures(wanted, procedures) for wanted in document.procedures}
    return ProcedureMatches(
        {key: fitting[0] for key, fitting in fits.items() if len(fitting) == 1},
        {key: len(fitting) for key, fitting in fits.items() if len(fitting) > 1},
    )


def class_finder(library: LabelReader) -> Callable[[ExchangeClass], int | None]:
    """What gives the library's class for one of a file.

    It is of the same key, the same name, or another spelling of either; None where there is none.
    A merged class is the one that it went into, unless its name was given anew.
    """
    classes = library.classes()
    merged = [known for known in classes if known.merged_into is not None]
    own = [known for known in classes if known.merged_into is None]
    keys = {tidy(known.key): library.resolved_class(known.id).id for known in (*merged, *own)}
    names = {tidy(known.name): library.resolved_class(known.id).id for known in (*merged, *own)}
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
    return {wanted.name: find(wanted) for wanted in document.classes}


def tidy(name: str) -> str:
    """A name as it is compared: two that differ only in case or spaces are one."""
    return " ".join(name.replace("\0", " ").split()).casefold()


def _procedures(wanted: ExchangeProcedure, known: list[Procedure]) -> list[Procedure]:
    key = wanted.fingerprint.casefold()
    if not wanted.fingerprint.startswith(BY_NAME):
        whole = [procedure for procedure in known if procedure.fingerprint.casefold() == key]
        if whole or len(key) < SHORTEST:
            return whole
        return [each for each in known if each.fingerprint.casefold().startswith(key)]
    name = wanted.fingerprint.removeprefix(BY_NAME)
    if not tidy(name):
        return []
    for given in dict.fromkeys((name, without_upload_prefix(name))):
        for spelt in (tidy, lambda text: tidy(PurePosixPath(text).stem), _as_uploaded):
            # the procedure's own name as it is, without its suffix, and as an upload leaves it
            fitting = [procedure for procedure in known if spelt(procedure.name) == tidy(given)]
            if fitting:
                return fitting
    return []


def _as_uploaded(name: str) -> str:
    """As Label Studio keeps a file's name: underscores for spaces, and no other signs."""
    return tidy(re.sub(r"[^-\w.]", "", name.strip().replace(" ", "_")))
