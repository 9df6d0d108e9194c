"""What a student is for and not for, said by its own classes and data."""

from __future__ import annotations

from collections.abc import Sequence

from kd_core.schema.taxonomy import canonical, display_name


def purpose(classes: Sequence[str]) -> str:
    """What it marks, in a clinician's words.

    >>> purpose(["pylorus", "z-line"])
    'Marks candidate frames (Pylorus, Z-line) in recorded endoscopy for review by a trained \
reader, in research and education.'
    """
    named = ", ".join(map(display_name, classes))
    return (
        f"Marks candidate frames ({named}) in recorded endoscopy for review by a trained reader, in"
        " research and education."
    )


def not_for(classes: Sequence[str], source: str) -> str:
    """``source``: what the card says of the data; its name comes before the first comma."""
    data = source.partition(",")[0].strip() or "its training data"
    counting = "counting polyps; " if "polyps" in map(canonical, classes) else ""
    return (
        "Diagnosis, treatment, screening, or any use during a procedure; images of other organs,"
        f" findings or makers' endoscopes than {data} shows, without a test of its own;"
        f" {counting}statements about a patient."
    )
