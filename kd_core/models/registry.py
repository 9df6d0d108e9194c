"""Students and teachers by name: a card names its architecture, and loading builds it again.

Register your own before you load a model of it::

    @register_student("my-student")
    class MyStudent(nn.Module): ...  # MyStudent(class_count); gives logits and features
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from torch import nn

from kd_core.models.backbones import NAMES
from kd_core.models.student import ARCHITECTURE, Student
from kd_core.models.teacher import Teacher
from kd_core.schema.errors import ModelError

#: Builds an untrained network for so many classes.
Maker = Callable[[int], nn.Module]
Registered = TypeVar("Registered", bound=Maker)

_STUDENTS: dict[str, Maker] = {}
_TEACHERS: dict[str, Maker] = {}


def register_student(name: str) -> Callable[[Registered], Registered]:
    """Make a student known by ``name``; a later one of the same name takes its place."""
    return partial(_register, _STUDENTS, name)


def register_teacher(name: str) -> Callable[[Registered], Registered]:
    """Make a teacher known by ``name``; a later one of the same name takes its place."""
    return partial(_register, _TEACHERS, name)


def student_maker(name: str) -> Maker:
    """What builds the student ``name``. Raises ModelError for one that is not registered."""
    return _known(_STUDENTS, name, "student")


def teacher_maker(name: str) -> Maker:
    """What builds the teacher ``name``. Raises ModelError for one that is not registered."""
    return _known(_TEACHERS, name, "teacher")


def registered_name(network: Maker | nn.Module) -> str:
    """The name of a network or of what builds it; its class's where nobody registered it."""
    kind = type(network) if isinstance(network, nn.Module) else network
    for table in (_STUDENTS, _TEACHERS):
        for name, maker in table.items():
            if maker is kind:
                return name
    return str(getattr(kind, "__qualname__", kind))


def _register(table: dict[str, Maker], name: str, maker: Registered) -> Registered:
    table[name] = maker
    return maker


def _known(table: dict[str, Maker], name: str, kind: str) -> Maker:
    if name not in table:
        raise ModelError(
            f"There is no {kind} called '{name}' here.",
            f"Import the module that registers it, or take one of {', '.join(table)}.",
        )
    return table[name]


register_student(ARCHITECTURE)(Student)
for _name in NAMES:
    register_teacher(_name)(partial(Teacher, _name, weights=None))
