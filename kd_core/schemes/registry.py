"""Parts of a scheme by name: those of this room, and losses of your own.

A loss is one function or module in one file::

    @register_loss("margin")
    def margin(student: ModelOutput, teachers: Sequence[TeacherView], labels: Tensor) -> Tensor: ...

and counts by its weight: ``LossWeights(cross_entropy=1.0, own={"margin": 0.5})``. A module is built
with a PartContext, so that what it learns is trained along with the student. A part of several
losses registers with ``register_part`` in its own module, as those of this room do.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from torch import Tensor, nn

from kd_core.data.views import TeacherView
from kd_core.models.student import ModelOutput
from kd_core.schema.config import LossWeights, TrainConfig
from kd_core.schema.errors import DataError


@dataclass(frozen=True)
class PartContext:
    """What a part may be built by: channels of the student's map and of each teacher's.

    ``earlier_widths``: of an earlier map of each teacher, which then stands behind its last one in
    ``TeacherView.features``; empty where there is none.
    """

    config: TrainConfig
    student_width: int
    teacher_widths: Sequence[int]
    class_count: int
    earlier_widths: Sequence[int] = ()


#: In the order of the states that are saved since 2026.
FIRST_PARTS = ("response", "feature", "relation")
#: A module of (student's output, teachers' views, labels (N,) int64) -> named losses.
PartMaker = Callable[[PartContext], nn.Module]
#: A function of the same -> one loss; or what builds a module of it.
Loss = TypeVar("Loss", bound=Callable[..., object])
Part = TypeVar("Part", bound=PartMaker)


@dataclass(frozen=True)
class _Registered:
    losses: tuple[str, ...]
    make: PartMaker


_PARTS: dict[str, _Registered] = {}
_OWN: dict[str, Callable[..., object]] = {}


def register_part(name: str, losses: Sequence[str]) -> Callable[[Part], Part]:
    """Make a part known that gives the built-in ``losses``; it compares with teachers."""

    def register(make: Part) -> Part:
        _PARTS[name] = _Registered(tuple(losses), make)
        return make

    return register


def register_loss(name: str) -> Callable[[Loss], Loss]:
    """Make a loss of your own known by ``name``, a function or a class of modules."""

    def register(loss: Loss) -> Loss:
        _OWN[name] = loss
        return loss

    return register


def parts_of(context: PartContext) -> dict[str, nn.Module]:
    """The parts whose losses count.

    Raises ValueError where one compares with teachers and there is none; DataError for a weight of
    a loss that nobody registered.
    """
    _load_room()
    losses = context.config.losses
    counting = {name: _PARTS[name] for name in _in_order() if losses.any_of(*_PARTS[name].losses)}
    if counting and not context.teacher_widths:
        raise ValueError("this scheme compares with teachers, and there is none")
    parts = {name: row.make(context) for name, row in counting.items()}
    own = {name: _own_loss(name, context) for name, weight in losses.own.items() if weight}
    return {**parts, **({"own": _OwnPart(own)} if own else {})}


@cache
def _load_room() -> None:
    """Whatever module lies in this room has its say."""
    room = importlib.import_module("kd_core.schemes")
    for module in pkgutil.iter_modules(room.__path__):
        importlib.import_module(f"kd_core.schemes.{module.name}")


def _in_order() -> list[str]:
    """Names of the parts, whichever module was imported first.

    A part draws its first weights in its turn, and saved states know an optimiser's tensors by
    their number: the order must be the same in every process that trains this configuration.
    """
    others = sorted(name for name in _PARTS if name not in FIRST_PARTS)
    return [*(name for name in FIRST_PARTS if name in _PARTS), *others]


def _own_loss(name: str, context: PartContext) -> nn.Module:
    if name not in _OWN:
        known = ", ".join((*LossWeights.built_in(), *_OWN))
        raise DataError(
            f"There is no loss called '{name}'.",
            f"Import the module that registers it. Known are {known}.",
        )
    loss = _OWN[name]
    module = loss(context) if isinstance(loss, type) and issubclass(loss, nn.Module) else None
    return module if isinstance(module, nn.Module) else _Function(loss)


class _Function(nn.Module):
    """A function as a module without parameters."""

    def __init__(self, loss: Callable[..., object]) -> None:
        super().__init__()
        self._loss = loss

    def forward(
        self, student: ModelOutput, teachers: Sequence[TeacherView], labels: Tensor
    ) -> object:
        return self._loss(student, teachers, labels)


class _OwnPart(nn.Module):
    def __init__(self, losses: dict[str, nn.Module]) -> None:
        super().__init__()
        self.losses = nn.ModuleDict(losses)

    def forward(
        self, student: ModelOutput, teachers: Sequence[TeacherView], labels: Tensor
    ) -> dict[str, Tensor]:
        return {name: loss(student, teachers, labels) for name, loss in self.losses.items()}
