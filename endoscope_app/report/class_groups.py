"""Which group of a report a class belongs to, by the key that models know it by."""

from __future__ import annotations

from endoscope_app.report.report_values import Group
from kd_core.schema.taxonomy import ALIASES

CAECUM = "cecum"
LANDMARKS = frozenset(
    {CAECUM, "ileum", "pylorus", "retroflex-rectum", "retroflex-stomach", "z-line"}
)
PREPARATION = frozenset({"bbps-0-1", "bbps-2-3", "impacted-stool"})


def group_of(key: str) -> Group:
    """A class that is not known here is a finding by itself: nothing is hidden in a footnote."""
    known = ALIASES.get(key, key)
    if known in LANDMARKS:
        return "landmark"
    return "preparation" if known in PREPARATION else "pathology"


def is_caecum(key: str) -> bool:
    """Whether the class says that the caecum was reached."""
    return ALIASES.get(key, key) == CAECUM
