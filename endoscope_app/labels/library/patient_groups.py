"""Which procedures are probably of one patient, by where their files lie and what they are called.

Suggested, never written. No Qt.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from endoscope_app.labels.library.records import Procedure

#: Folders that hold whatever comes: their name is no patient's.
_COMMON = frozenset(
    (
        "videos",
        "video",
        "downloads",
        "desktop",
        "documents",
        "dcim",
        "images",
        "pictures",
        "stills",
        "movies",
        "media",
        "tmp",
    )
)
_PART = r"(?:part|teil|pt|clip|cut|video|vid|seq|scan|file|tape|rec|no|nr)"
#: What tells recordings of one patient apart, behind a separator: a word with or without a number,
#: a number, or a single letter.
_NAMED_PART = re.compile(rf"^(?P<base>.+?)[\s_\-.]+{_PART}[\s_\-.]*\d{{0,4}}$", re.IGNORECASE)
_NUMBER = re.compile(r"^(?P<base>.+?)[\s_\-.]+(?:\(?\d{1,4}\)?|[a-z])$", re.IGNORECASE)


def suggested_patients(procedures: Iterable[Procedure]) -> dict[str, str]:
    """Fingerprint -> suggested pseudonym, for procedures without a patient that belong to a group.

    A group is a folder of its own beside others, else files of one folder with one beginning. Where
    one of a group has a patient, that one is suggested for the others.
    """
    all_procedures = list(procedures)
    folders: dict[PurePath, list[Procedure]] = defaultdict(list)
    for procedure in all_procedures:
        folders[PurePath(procedure.path).parent].append(procedure)
    suggested: dict[str, str] = {}
    for folder, inside in folders.items():
        groups = _by_name(inside)
        if not groups and len(folders) > 1 and _is_of_a_patient(folder, folders):
            groups = {folder.name: inside}
        for name, members in groups.items():
            known = Counter(procedure.patient for procedure in members if procedure.patient)
            pseudonym = known.most_common(1)[0][0] if known else name
            suggested |= {
                procedure.fingerprint: pseudonym for procedure in members if not procedure.patient
            }
    return suggested


def _is_of_a_patient(folder: PurePath, folders: Iterable[PurePath]) -> bool:
    """Whether its name may be a patient's: no other procedure lies further below, and it is no
    usual name.
    """
    above = any(folder in other.parents for other in folders)
    return bool(folder.name) and not above and folder.name.casefold() not in _COMMON


def _by_name(procedures: Sequence[Procedure]) -> dict[str, list[Procedure]]:
    """Groups of at least two files with one beginning.

    A bare number behind a word counts patients as often as parts ("colon 1", "colon 2"): it makes a
    group only where the beginning holds a digit as pseudonyms do, or where others begin
    differently.
    """
    named: dict[str, list[Procedure]] = defaultdict(list)
    numbered: dict[str, list[Procedure]] = defaultdict(list)
    for procedure in procedures:
        stem = PurePath(procedure.path).stem
        if (match := _NAMED_PART.match(stem)) is not None:
            named[match["base"].strip()].append(procedure)
        elif (match := _NUMBER.match(stem)) is not None:
            numbered[match["base"].strip()].append(procedure)
    has_others = len({*named, *numbered}) > 1
    for base, counted in numbered.items():
        if base in named or any(letter.isdigit() for letter in base) or has_others:
            named[base] += counted
    return {base: members for base, members in named.items() if len(members) > 1}
