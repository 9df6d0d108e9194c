"""The underlined letters of a menu: each entry its own, or Alt and a letter would open nothing."""

from __future__ import annotations

from collections.abc import Sequence


def with_mnemonics(texts: Sequence[str]) -> list[str]:
    """``texts`` in order, each with one "&" before a letter or digit that is its alone.

    A letter that a text names itself is kept where no text before it took it. Else the first
    letter of a word is preferred; a text without a free letter stays without one. "&&" is an
    ampersand, not a mark.
    """
    taken: set[str] = set()
    found: list[str] = [""] * len(texts)
    for place, text in enumerate(texts):
        letter = mnemonic(text)
        if letter and letter not in taken:
            taken.add(letter)
            found[place] = text
    for place, text in enumerate(texts):
        if not found[place]:
            found[place] = _marked(_unmarked(text), taken)
    return found


def mnemonic(text: str) -> str:
    """The letter after the first single "&", in lower case; empty for none."""
    rest = text.replace("&&", "")
    _, mark, after = rest.partition("&")
    return after[:1].lower() if mark else ""


def _unmarked(text: str) -> str:
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&&")


def _marked(text: str, taken: set[str]) -> str:
    places = [place for place, letter in enumerate(text) if letter.isascii() and letter.isalnum()]
    starts = [place for place in places if place == 0 or not text[place - 1].isalnum()]
    for place in (*starts, *places):
        if text[place].lower() not in taken:
            taken.add(text[place].lower())
            return f"{text[:place]}&{text[place:]}"
    return text
