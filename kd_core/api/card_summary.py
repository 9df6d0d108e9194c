"""A model's card as a few lines of text."""

from __future__ import annotations

from pathlib import Path

import msgspec

from kd_core.schema.card_text import calibration_rows, listed, naming_rule, span
from kd_core.schema.model_card import ModelCard, read_card


def stored_card(model: str | Path) -> ModelCard:
    """The card of the model in a folder; loads no model. Raises ModelError."""
    return read_card(Path(model))


def card_summary(card: ModelCard) -> str:
    """What it is, what it was made from, how good it is and what it must not be used for."""
    parameters = ", ".join(f"{count:,} {name}" for name, count in card.parameters.items())
    lines = [
        f"{card.name} {card.version}" + (f", made from {card.parent}" if card.parent else ""),
        card.notice,
        f"created     {card.created}",
        f"layers      {card.architecture}, {parameters} parameters",
        f"classes     {', '.join(card.classes)}",
        f"input       {card.preprocessing.input_size} px, preprocessing"
        f" {card.preprocessing.version}"
        + ("" if card.heads else f", {calibration_rows(card)['calibration']}"),
        *(f"{name:<11} {row}" for name, row in calibration_rows(card).items() if card.heads),
        *([] if card.naming is None else [f"unsure      {naming_rule(card.naming)}"]),
        *(
            f"unsure      {head.group}: {naming_rule(head.naming)}"
            for head in card.heads
            if head.naming is not None
        ),
        f"purpose     {card.purpose}",
        f"not for     {card.not_for}",
    ]
    for title, part in (("data", card.data), ("training", card.training)):
        lines += [f"{title:<11} {name}: {value}" for name, value in listed(part).items()]
    for name, scores in card.scores.items():
        shown = ", ".join(
            f"{score} {value:.4g}"
            for score, value in msgspec.structs.asdict(scores).items()
            if isinstance(value, int | float)
        )
        lines.append(f"{'scores':<11} {name}: {shown}")
        said = scores.abstention
        if said is not None and said.precision is not None:
            lines.append(
                f"{'named':<11} {name}: coverage {said.coverage:.4g}, precision"
                f" {said.precision:.4g} {span(said.precision_bounds)}".rstrip()
            )
        lines += [
            f"{'scores':<11} {name}, {group}: n {row.n}, accuracy {row.accuracy:.4g}, macro_f1"
            f" {row.macro_f1:.4g}, ece {row.ece:.4g}"
            for group, row in scores.by_group.items()
        ]
    return "\n".join(lines)
