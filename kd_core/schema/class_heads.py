"""The softmaxes of a model: one of all its classes, or one of each class group.

An image shows at most one class of a group (a polyp in a clean bowel: pathology and preparation),
so groups are told apart, and within one the classes exclude each other.

A head may have a place for "none of this group". Pathology, landmarks and other need it: most
frames of a procedure show none of them, and a softmax of two diseases would still give one of the
two more than half of every healthy frame. Preparation does not: every view of the bowel is
prepared somehow, and a teacher with one softmax who calls a frame "caecum" says nothing against
good preparation. Its logit is fixed at 0, as that of the reference category of a multinomial
logistic regression (Agresti 2013, "Categorical Data Analysis", section 8.1): a softmax does not
change where all logits of a row move together, so nothing is lost, no parameter is added, and
every class's heat map says what speaks for it against none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from kd_core.schema.class_groups import ClassGroup
from kd_core.schema.errors import ModelError
from kd_core.schema.naming_level import NamingLevel

#: The label of an image of which nothing is known in a group; also of a row that logits alone say
#: something of.
NO_LABEL = -100
#: What a manifest says of a group of which an image shows nothing.
NONE = "none"


class ClassHead(msgspec.Struct, frozen=True, kw_only=True):
    """One softmax: the ``classes`` of a class group, by the model's names.

    ``none``: an image may show none of them. ``temperature``, ``calibration``, ``naming``: as the
    card's own where a model has one softmax.
    """

    group: str
    classes: tuple[str, ...]
    none: bool = True
    temperature: float = 1.0
    calibration: str = ""
    naming: NamingLevel | None = None

    @property
    def places(self) -> int:
        """What its softmax tells apart: its classes, and none of them last."""
        return len(self.classes) + self.none

    @property
    def names(self) -> tuple[str, ...]:
        """Of these places.

        >>> ClassHead(group="Pathology", classes=("polyps",)).names
        ('polyps', 'no pathology')
        """
        return (*self.classes, *([f"no {self.group.casefold()}"] if self.none else []))

    @property
    def stored(self) -> list[object]:
        """What a file of weights says of it, which its card must say too."""
        return [self.group, list(self.classes), self.none]

    def columns(self, classes: Sequence[str]) -> list[int]:
        """Where its classes stand among those of the model."""
        return [classes.index(name) for name in self.classes]


def may_show_none(group: ClassGroup) -> bool:
    """Whether an image may show none of a class group: see the module."""
    return group is not ClassGroup.PREPARATION


def heads_for(
    classes: Sequence[str], groups: Sequence[ClassGroup], none_labelled: Iterable[ClassGroup] = ()
) -> tuple[ClassHead, ...]:
    """A head for every class group that ``classes`` are of (``groups``, one a class).

    ``none_labelled``: groups of which the data says that an image shows none.

    >>> made = heads_for(["bbps-2-3", "polyps", "bbps-0-1"], [ClassGroup.PREPARATION,
    ...     ClassGroup.PATHOLOGY, ClassGroup.PREPARATION])
    >>> [(head.group, head.classes, head.none) for head in made]
    [('Pathology', ('polyps',), True), ('Preparation', ('bbps-2-3', 'bbps-0-1'), False)]
    """
    labelled = set(none_labelled)
    heads = []
    for group in ClassGroup:
        own = tuple(name for name, its in zip(classes, groups, strict=True) if its is group)
        if own:
            none = may_show_none(group) or group in labelled or len(own) == 1
            heads.append(ClassHead(group=group.value, classes=own, none=none))
    return tuple(heads)


def extended_heads(
    heads: Sequence[ClassHead], classes: Sequence[str], groups: Sequence[ClassGroup]
) -> tuple[ClassHead, ...]:
    """``heads`` of a model that is to know all of ``classes``, which are of ``groups``.

    A class that it does not know yet joins the head of its group, or begins one.
    """
    known = {name for head in heads for name in head.classes}
    grown = {head.group: head for head in heads}
    for name, group in zip(classes, groups, strict=True):
        if name in known:
            continue
        head = grown.get(group.value, ClassHead(group=group.value, classes=()))
        grown[group.value] = msgspec.structs.replace(head, classes=(*head.classes, name))
    return tuple(grown[group.value] for group in ClassGroup if group.value in grown)


def refuse_other_heads(heads: Sequence[ClassHead], classes: Sequence[str], version: str) -> None:
    """Raises ModelError where ``heads`` do not share ``classes`` out, or tell nothing apart."""
    named = [name for head in heads for name in head.classes]
    groups = [head.group for head in heads]
    if heads and (
        sorted(named) != sorted(classes)
        or len(set(groups)) != len(groups)
        or any(head.places < 2 or not head.classes for head in heads)
    ):
        raise ModelError(
            f"The card of model {version} does not share its classes out to its class groups.",
            "Use another copy of the model.",
        )
