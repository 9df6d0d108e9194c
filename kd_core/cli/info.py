"""``kd-core info``: what a model is, what it was made from, how good it is and what it must not
be used for.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import msgspec

from kd_core.schema.model_card import ModelCard, read_card

HELP = "show a model's card"


def add(parser: argparse.ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("--model", required=True, type=Path, help="a model folder")
    parser.add_argument("--json", action="store_true", help="the card as it is stored")


def run(options: argparse.Namespace) -> int:
    """Print the card; loads no model."""
    card = read_card(options.model)
    print(msgspec.json.encode(card).decode() if options.json else _words(card))
    return 0


def _words(card: ModelCard) -> str:
    lines = [
        f"{card.name} {card.version}" + (f", made from {card.parent}" if card.parent else ""),
        card.notice,
        f"created     {card.created}",
        (
            f"layers      {card.architecture},"
            f" {', '.join(f'{n:,} {name}' for name, n in card.parameters.items())} parameters"
        ),
        f"classes     {', '.join(card.classes)}",
        (
            f"input       {card.preprocessing.input_size} px, preprocessing"
            f" {card.preprocessing.version}, temperature {card.temperature:.3f}"
        ),
        f"purpose     {card.purpose}",
        f"not for     {card.not_for}",
    ]
    for title, part in (("data", card.data), ("training", card.training)):
        lines += [f"{title:<11} {name}: {value}" for name, value in part.items()]
    for part_name, made in card.scores.items():
        numbers = made.items() if isinstance(made, dict) else [("", made)]
        shown = ", ".join(
            f"{name} {value:.4g}" for name, value in numbers if isinstance(value, int | float)
        )
        lines.append(f"{'scores':<11} {part_name}: {shown}")
    return "\n".join(lines)
