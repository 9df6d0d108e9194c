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

from kd_core.models.backbones import NAMES, TIMM
from kd_core.models.student import Student
from kd_core.models.teacher import Teacher
from kd_core.schema.errors import ModelError
from kd_core.schema.student_shapes import STUDENTS

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
    """What builds the teacher ``name``, registered or of timm; ModelError where it is neither."""
    if name.startswith(TIMM):
        return partial(Teacher, name, weights=None)
    return _known(_TEACHERS, name, "teacher")


def student_name(network: Maker | nn.Module) -> str:
    """The name of a student or of what builds it; its class's where nobody registered it."""
    if isinstance(network, Student):
        return network.architecture
    if network is Student:
        return STUDENTS[0]
    return _name(_STUDENTS, network)


def network_name(network: Maker | nn.Module) -> str:
    """The name of a teacher or of what builds it; its class's where nobody registered it."""
    return _name(_TEACHERS, network)


def _name(table: dict[str, Maker], network: Maker | nn.Module) -> str:
    kind = type(network) if isinstance(network, nn.Module) else network
    names = (name for name, maker in table.items() if maker is kind)
    return next(names, str(getattr(kind, "__qualname__", kind)))


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


for _shape in STUDENTS:
    register_student(_shape)(partial(Student, architecture=_shape))
for _backbone in NAMES:
    register_teacher(_backbone)(partial(Teacher, _backbone, weights=None))
