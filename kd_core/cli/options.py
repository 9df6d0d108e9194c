"""One option of the command line, and the parser that a list of them makes."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints

from kd_core.schema.config import TrainConfig

#: What argparse read or takes, by name: any value that an option has.
Keywords = dict[str, Any]
#: Of options in one of these at most one may be given; in the first, one must.
ONE_MUST, ONE_MAY = "one must", "one may"


class Option(NamedTuple):
    """``kind``: what makes a value of a text, or the texts to choose from; bool for a switch.

    ``help`` of nothing: an option of before that changes nothing, and is not shown. ``flag`` is
    made from the parameter's name where None is given, and "" means none. ``many``: it
    may be repeated. ``group``: ONE_MUST or ONE_MAY.
    """

    help: str
    kind: Callable[[str], Any] | tuple[str, ...] = str
    default: object = None
    flag: str | None = None
    metavar: str | None = None
    many: bool = False
    group: str = ""


def add_options(parser: argparse.ArgumentParser, names: str, table: dict[str, Option]) -> None:
    """``names`` stand in ``table``; "name!" is required, "name=value" has another default.

    What follows a dot in a name tells two options of one parameter apart.
    """
    groups: dict[str, argparse._ActionsContainer] = {"": parser}
    for text in names.split():
        name, _, value = text.partition("=")
        option = table[name.rstrip("!")]
        if value:
            assert callable(option.kind)
            option = option._replace(default=option.kind(value))
        if option.group not in groups:
            required = option.group == ONE_MUST
            groups[option.group] = parser.add_mutually_exclusive_group(required=required)
        place = name.rstrip("!").partition(".")[0]
        _add(groups[option.group], place, option, required=name.endswith("!"))


def _add(place: argparse._ActionsContainer, name: str, option: Option, *, required: bool) -> None:
    flag = "--" + name.replace("_", "-") if option.flag is None else option.flag
    keywords: Keywords = {"help": _help(option), "default": option.default}
    if option.kind is bool:
        keywords["action"] = "store_false" if option.default is True else "store_true"
    elif isinstance(option.kind, tuple):
        keywords["choices"] = option.kind
    else:
        keywords |= {"type": option.kind, "metavar": option.metavar}
    if not flag:
        if option.many:
            keywords["nargs"] = "*"
        place.add_argument(name, **keywords)
        return
    if option.many:
        keywords["action"] = "append"
    if required:
        keywords["required"] = True
    place.add_argument(flag, dest=name, **keywords)


def _help(option: Option) -> str:
    if not option.help:
        return argparse.SUPPRESS
    text, default = option.help.replace("%", "%%"), option.default
    if isinstance(default, bool | list | tuple) or default is None or default == "":
        return text
    return f"{text} (default: {default})"


def add_settings(parser: argparse.ArgumentParser) -> None:
    """An option for every setting of a TrainConfig; None where it is not named."""
    group = parser.add_argument_group("settings of the run (kd-core config shows their defaults)")
    for name, kind, text in settings_of(TrainConfig):
        keywords: Keywords = {"type": kind}
        if kind is bool:
            keywords = {"action": argparse.BooleanOptionalAction}
        elif get_origin(kind) is Literal:
            words = get_args(kind)
            keywords = {"choices": words, "type": type(words[0])}
        group.add_argument("--" + name.replace("_", "-"), default=None, help=text, **keywords)


def settings_of(kind: type[TrainConfig]) -> Iterator[tuple[str, Any, str]]:
    """Name, type and meaning of every setting that has an option of its own."""
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if name != "losses" and not name.startswith("__"):
            plain, meta = get_args(hint)
            yield name, plain, str(meta.description)
