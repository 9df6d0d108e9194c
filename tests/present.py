"""What a test knows to be there."""

from __future__ import annotations

from typing import TypeVar

Thing = TypeVar("Thing")


def present(thing: Thing | None) -> Thing:
    """``thing``, which the test cannot go on without."""
    assert thing is not None
    return thing
