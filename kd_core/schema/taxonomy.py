"""Class names: the canonical ones, their order, and the other names of the same class.

Sources of the names: KVASIR-V2 (Pogorelov et al. 2017), Hyper-KVASIR (Borgli et al. 2020).
Hyper-KVASIR's official split files and folders spell some classes differently; those spellings are
aliases here.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from kd_core.schema.errors import DataError

#: The six classes of the shipped student, in the order of the model's outputs.
LOWER_GI = ("bbps-0-1", "bbps-2-3", "cecum", "impacted-stool", "polyps", "ulcerative-colitis")

#: KVASIR-V2's eight folders, in alphabetical order, under their own names.
KVASIR_V2 = (
    "dyed-lifted-polyps",
    "dyed-resection-margins",
    "esophagitis",
    "normal-cecum",
    "normal-pylorus",
    "normal-z-line",
    "polyps",
    "ulcerative-colitis",
)

#: Every other spelling of a class -> the name this project uses.
ALIASES = {
    "normal-cecum": "cecum",
    "polyp": "polyps",
    "normal-pylorus": "pylorus",
    "normal-z-line": "z-line",
    "hemorroids": "hemorrhoids",
    "short-segment-barretts": "barretts-short-segment",
    "oesophagitis-a": "esophagitis-a",
    "oesophagitis-b-d": "esophagitis-b-d",
    "ulcerative-colitis-0-1": "ulcerative-colitis-grade-0-1",
    "ulcerative-colitis-1-2": "ulcerative-colitis-grade-1-2",
    "ulcerative-colitis-2-3": "ulcerative-colitis-grade-2-3",
}

#: Finer classes -> the class that a coarser taxonomy merges them into. Used only where the model
#: lacks the finer name.
MERGES = {
    **{
        f"ulcerative-colitis-grade-{g}": "ulcerative-colitis"
        for g in ("0-1", "1", "1-2", "2", "2-3", "3")
    },
    "esophagitis-a": "esophagitis",
    "esophagitis-b-d": "esophagitis",
}

#: What a clinician writes for the classes of Hyper-KVASIR and KVASIR-V2.
DISPLAY_NAMES = {
    "barretts": "Barrett's oesophagus",
    "barretts-short-segment": "Barrett's oesophagus, short segment",
    "bbps-0-1": "Poor preparation (BBPS 0-1)",
    "bbps-2-3": "Good preparation (BBPS 2-3)",
    "cecum": "Caecum",
    "dyed-lifted-polyps": "Dyed and lifted polyp",
    "dyed-resection-margins": "Dyed resection margin",
    "esophagitis": "Oesophagitis",
    "esophagitis-a": "Oesophagitis (LA grade A)",
    "esophagitis-b-d": "Oesophagitis (LA grade B-D)",
    "hemorrhoids": "Haemorrhoids",
    "ileum": "Terminal ileum",
    "impacted-stool": "Impacted stool",
    "polyps": "Polyp",
    "pylorus": "Pylorus",
    "retroflex-rectum": "Rectum, retroflexed",
    "retroflex-stomach": "Stomach, retroflexed",
    "ulcerative-colitis": "Ulcerative colitis",
    "ulcerative-colitis-grade-0-1": "Ulcerative colitis (Mayo 0-1)",
    "ulcerative-colitis-grade-1": "Ulcerative colitis (Mayo 1)",
    "ulcerative-colitis-grade-1-2": "Ulcerative colitis (Mayo 1-2)",
    "ulcerative-colitis-grade-2": "Ulcerative colitis (Mayo 2)",
    "ulcerative-colitis-grade-2-3": "Ulcerative colitis (Mayo 2-3)",
    "ulcerative-colitis-grade-3": "Ulcerative colitis (Mayo 3)",
    "z-line": "Z-line",
}

_BY_DISPLAY_NAME = {shown.casefold(): key for key, shown in DISPLAY_NAMES.items()}

_BY_CANONICAL: dict[str, tuple[str, ...]] = {}
for _alias, _name in ALIASES.items():
    _BY_CANONICAL[_name] = (*_BY_CANONICAL.get(_name, ()), _alias)


def canonical(label: str) -> str:
    """This project's name of a class, whatever its spelling in a data set.

    >>> canonical("normal-cecum"), canonical("of-my-own")
    ('cecum', 'of-my-own')
    """
    return ALIASES.get(label, label)


def display_name(key: str) -> str:
    """What a clinician writes for a class; the key itself for one that is not known here.

    >>> display_name("bbps-2-3")
    'Good preparation (BBPS 2-3)'
    >>> display_name("of-my-own")
    'of-my-own'
    """
    return DISPLAY_NAMES.get(canonical(key), key)


def near_known_class(label: str) -> str | None:
    """The known class that ``label`` may be a slip of the pen for; None where it is one itself.

    >>> near_known_class("poylps"), near_known_class("polyps"), near_known_class("of-my-own")
    ('polyps', None, None)
    """
    if canonical(label) in DISPLAY_NAMES:
        return None
    return next(iter(get_close_matches(label, DISPLAY_NAMES, n=1, cutoff=0.8)), None)


def resolve(label: str, classes: Sequence[str]) -> str | None:
    """The model's name for ``label``, or None.

    That is the label itself, an alias either way, its display name, or the class it is merged into.

    >>> resolve("Good preparation (BBPS 2-3)", ["polyps", "bbps-2-3"])
    'bbps-2-3'
    >>> resolve("no such class", ["polyps"]) is None
    True
    """
    name = canonical(label)
    name = _BY_DISPLAY_NAME.get(name.casefold(), name)
    for candidate in (label, name, *_BY_CANONICAL.get(name, ())):
        if candidate in classes:
            return candidate
    merged = MERGES.get(name)
    return merged if merged in classes else None


def require(label: str, classes: Sequence[str]) -> str:
    """Like ``resolve``, but an unknown label raises DataError.

    It names the label, the near name and the known ones.
    """
    known = resolve(label, classes)
    if known is not None:
        return known
    usable = [name for name in (*classes, *ALIASES, *MERGES) if resolve(name, classes) is not None]
    near = get_close_matches(label, usable, n=1)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    raise DataError(f"The class '{label}' is not known here; known are {', '.join(classes)}.{hint}")
