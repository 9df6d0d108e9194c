"""A card as a page that people read: Markdown with a table where numbers stand side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kd_core.schema.estimate import Estimate
from kd_core.schema.model_card import IN_SPITE, UNSURE_BELOW, ModelCard

_MAPS = ("gradcam", "hirescam", "layercam", "eigencam", "uniform", "gaussian")
#: From a class's key to what the page calls it.
Names = Callable[[str], str]
_SCORES = {"accuracy": "accuracy", "macro_f1": "macro-F1", "mcc": "MCC", "ece": "ECE"}


def as_markdown(card: ModelCard, shown: Names = str) -> str:
    """The whole card.

    Parts that were never measured are left out. ``shown`` names the classes; without it they go by
    their keys.
    """
    parts = (
        _head(card, shown),
        _purpose(card),
        _comparison(card, shown),
        _scores(card, shown),
        _unsure(card, shown),
        _checks(card, shown),
        _data(card),
        _training(card),
        _files(card),
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(card: ModelCard, shown: Names) -> str:
    parent = f", made from {card.parent}" if card.parent else ""
    parameters = ", ".join(f"{count:,} {name}" for name, count in card.parameters.items())
    rows = {
        "version": f"{card.version}{parent}",
        "created": card.created,
        "layers": card.architecture,
        "parameters": parameters,
        "classes": [shown(key) for key in card.classes],
        "input": f"{card.preprocessing.input_size} px, preprocessing {card.preprocessing.version}",
        "calibration": f"temperature {card.temperature:.3f}",
    }
    return f"# {card.name}\n\n**{card.notice}**\n\n{_listed(rows)}"


def _purpose(card: ModelCard) -> str:
    return f"## Purpose\n\n{card.purpose}\n\n**Not for:** {card.not_for}" if card.purpose else ""


def _comparison(card: ModelCard, shown: Names) -> str:
    """With the model it was made from, and why it was promoted in spite of a loss."""
    compared, promoted = card.checks.get("comparison"), card.checks.get(IN_SPITE)
    made = (
        [f"## Compared with {card.parent}\n\n{compared['sentence']}"]
        if compared and "sentence" in compared
        else []
    )
    if promoted:
        who = f" by {promoted['reader']}" if promoted["reader"] else ""
        lost = ", ".join(map(shown, promoted["classes"]))
        made.append(
            f"Promoted{who} on {promoted['date'][:10]} although recall was lost ({lost}):"
            f" {in_words(promoted['reason'])}"
        )
    return "\n\n".join(made)


def _scores(card: ModelCard, shown: Names) -> str:
    made = []
    for part, scores in card.scores.items():
        if not isinstance(scores, dict):
            continue
        made.append(f"## Scores: {part}, {scores.get('n', 0):,} images")
        spans = scores.get("intervals", {})
        rows = [
            (title, _value(scores[name]), span(spans.get(name)))
            for name, title in _SCORES.items()
            if name in scores
        ]
        made.append(_table(("", "value", "95 % by group"), rows))
        made.append(_class_table(scores, shown))
    return "\n\n".join(part for part in made if part)


def _class_table(scores: Mapping[str, Any], shown: Names) -> str:
    bounds = scores.get("per_class_intervals", {})
    rows = [
        (
            shown(name),
            f"{row['precision']:.3f} {span(bounds.get(name, {}).get('precision'))}",
            f"{row['recall']:.3f} {span(bounds.get(name, {}).get('recall'))}",
            f"{row['f1']:.3f}",
            f"{row['support']}",
        )
        for name, row in scores.get("per_class", {}).items()
    ]
    return _table(("class", "precision", "recall", "F1", "images"), rows) if rows else ""


def _unsure(card: ModelCard, shown: Names) -> str:
    if not card.thresholds:
        return ""
    rule = (
        "A class is named from the probability on that gave 95 % precision on validation; below it,"
        ' "unsure".'
    )
    lines = ['## When it says "unsure"', rule]
    parts = [
        (part, scores["abstention"])
        for part, scores in card.scores.items()
        if isinstance(scores, dict) and "abstention" in scores
    ]
    heads = ["class", "from"] + [
        f"{part}: {what}" for part, _ in parts for what in ("precision", "coverage")
    ]
    rows = []
    for name in card.classes:
        level = card.thresholds.get(name, UNSURE_BELOW)
        cells = [shown(name), f"{level:.2f}" if level <= 1 else "never named"]
        for _, made in parts:
            row = made["per_class"].get(name, {})
            precision = row.get("precision")
            cells += [
                "-" if precision is None else f"{precision['value']:.3f}",
                _value(row.get("coverage")),
            ]
        rows.append(tuple(cells))
    whole = ["all", ""]
    for _, made in parts:
        whole += [_value(made["precision"]), _value(made["coverage"])]
    lines.append(_table(tuple(heads), [*rows, tuple(whole)]))
    found = card.checks.get("unsure of frames that are none of the classes")
    if found:
        count = found["frames of each kind"]
        lines.append(
            f"Of frames that are none of the classes ({count} of each kind, made by script), so"
            " many came out unsure:"
        )
        lines.append(
            _table(
                ("kind", "unsure"),
                [
                    (kind, f"{share:.1%}")
                    for kind, share in found.items()
                    if kind != "frames of each kind"
                ],
            )
        )
    return "\n\n".join(lines)


def _checks(card: ModelCard, shown: Names) -> str:
    made = []
    robust = card.checks.get("robustness")
    if robust:
        clean = robust["unchanged"]
        rows = [
            (name, f"{value:.3f}", f"{100 * (value - clean):+.1f}")
            for name, value in robust.items()
        ]
        made.append(f"## Robustness\n\n{_table(('pictures', 'accuracy', 'points'), rows)}")
    maps = card.checks.get("explanation")
    if maps:
        share = maps["means"]["lesion_share"]
        kinds = [name for name in _MAPS if name in maps["scores"]]
        heads = ("map", *maps["scores"][kinds[0]])
        scored = [
            (name, *(f"{one['value']:.3f}" for one in maps["scores"][name].values()))
            for name in kinds
        ]
        words = (
            f"{maps['n']} lesions with a mask; they are {share:.1%} of what the model is shown."
            " uniform and gaussian have not looked."
        )
        made.append(
            f"## Where it looks\n\n{words} Deletion is better when"
            f" lower.\n\n{_table(heads, scored)}"
        )
    probes = card.checks.get("shortcuts")
    if probes:
        chance = probes["chance"]
        found = [
            (
                "chance",
                _value(chance["accuracy"]),
                _value(chance["macro_f1"]),
                f"always {shown(chance['class'])}",
            )
        ]
        for name, row in probes["probes"].items():
            found.append(
                (
                    name,
                    _value(row["accuracy"]["value"]),
                    _value(row["macro_f1"]["value"]),
                    row["sees"],
                )
            )
        made.append(
            "## What there is to cheat"
            f" on\n\n{_table(('probe', 'accuracy', 'macro-F1', 'it sees'), found)}"
        )
    latency = card.checks.get("latency")
    if latency:
        made.append(
            f"## Speed\n\n{latency['ms a picture']:.2f} ms a picture on {latency['threads']}"
            " thread, preprocessing included."
        )
    return "\n\n".join(made)


def _data(card: ModelCard) -> str:
    return f"## Data\n\n{_listed(card.data)}" if card.data else ""


def _training(card: ModelCard) -> str:
    return f"## Training\n\n{_listed(card.training)}" if card.training else ""


def _files(card: ModelCard) -> str:
    rows = [(name, f"`{digest}`") for name, digest in card.files.items()]
    return f"## Files\n\n{_table(('file', 'sha256'), rows)}" if rows else ""


def _listed(part: Mapping[str, Any]) -> str:
    return "\n".join(
        f"- **{name}**: {in_words(value)}"
        for name, value in part.items()
        if name != "attention by place"
    )


def in_words(value: object) -> str:
    """A JSON value as one readable line."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return "; ".join(
            f"{name} {in_words(part)}"
            for name, part in value.items()
            if name != "attention by place"
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(in_words(part) for part in value)
    return str(value)


def _value(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float | int) else "-"


def span(interval: Estimate | Mapping[str, float] | None) -> str:
    """The bounds of a confidence interval in brackets; empty where there is none."""
    if isinstance(interval, Mapping):
        interval = Estimate(**interval)
    if interval is None or interval.low is None or interval.high is None:
        return ""
    return f"({interval.low:.3f} to {interval.high:.3f})"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "/") for cell in line) + " |" for line in lines
    )
