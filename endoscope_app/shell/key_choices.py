"""Which keys commands have: those they came with, or those that the reader chose.

Keys are written as QKeySequence's portable text. No Qt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from endoscope_app.base.command import Command
from endoscope_app.labels import commands as labels
from endoscope_app.shell.command_table import COMMANDS

Chosen = Mapping[str, tuple[str, ...]]
"""Name of a command -> its keys, for those alone that have others than they came with."""

#: Their keys act on segments, ranges and typed text too, so they stay where they are.
FIXED = (
    *labels.CLASS_KEYS,
    labels.AGREE,
    labels.UNUSABLE,
    labels.CLEAR_LABEL,
    labels.LABEL_RANGE,
    labels.DROP_MARK,
)
#: What no other command may have: the keys of these, the one that shows the model while it is held,
#: and what leads from control to control.
RESERVED = frozenset(key for command in FIXED for key in command.keys) | {"M", "Tab", "Shift+Tab"}
#: The two keys that say the same.
_TWINS = ("Return", "Enter")


def name_of(command: Command) -> str:
    """What it is called in the settings: its menu and its entry."""
    return f"{command.menu}/{command.text}".replace("&", "").rstrip(".")


def title_of(command: Command) -> str:
    """As its menu shows it."""
    return command.text.replace("&", "").rstrip(".")


def keys_of(command: Command, chosen: Chosen) -> tuple[str, ...]:
    """As they are now."""
    return chosen.get(name_of(command), command.keys)


def owner(key: str, chosen: Chosen, but: Command) -> Command | None:
    """The other command that has this key."""
    for command in COMMANDS:
        if command is not but and key in keys_of(command, chosen):
            return command
    return None


def with_key(chosen: Chosen, command: Command, key: str) -> Chosen:
    """``command`` has this key alone, and whoever had it has it no more."""
    other = owner(key, chosen, command)
    keys = _twins(key)
    if other is not None:
        left = tuple(one for one in keys_of(other, chosen) if one not in keys)
        chosen = _with(chosen, other, left)
    return _with(chosen, command, keys)


def swapped(chosen: Chosen, command: Command, key: str) -> Chosen:
    """As above, but whoever had the key gets those that ``command`` had."""
    other, before = owner(key, chosen, command), keys_of(command, chosen)
    changed = with_key(chosen, command, key)
    return changed if other is None else _with(changed, other, before)


def as_it_came(chosen: Chosen, command: Command) -> Chosen:
    """With its own keys again; who was given one of them meanwhile loses it."""
    for key in command.keys:
        other = owner(key, chosen, command)
        if other is not None:
            left = tuple(one for one in keys_of(other, chosen) if one != key)
            chosen = _with(chosen, other, left)
    return _with(chosen, command, command.keys)


def sound(chosen: Chosen) -> Chosen:
    """Without what a file may hold by mistake: commands that there are not, keys that are fixed or
    that two commands would have.
    """
    fixed = {name_of(command) for command in FIXED}
    names = {name_of(command) for command in COMMANDS} - fixed
    kept = {
        name: keys
        for name, keys in chosen.items()
        if name in names and not RESERVED.intersection(keys)
    }
    while twice := _twice(kept):
        kept = {name: keys for name, keys in kept.items() if not twice.intersection(keys)}
    return kept


def _twice(chosen: Chosen) -> set[str]:
    counts = Counter(key for command in COMMANDS for key in keys_of(command, chosen))
    return {key for key, count in counts.items() if count > 1}


def _twins(key: str) -> tuple[str, ...]:
    """Return and Enter are one key to a reader."""
    stem, plus, last = key.rpartition("+")
    if last in _TWINS and stem:
        return tuple(f"{stem}{plus}{twin}" for twin in _TWINS)
    return (key,)


def _with(chosen: Chosen, command: Command, keys: tuple[str, ...]) -> Chosen:
    others = {name: kept for name, kept in chosen.items() if name != name_of(command)}
    return others if keys == command.keys else {**others, name_of(command): keys}
