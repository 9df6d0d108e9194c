"""A card as a page that people read: Markdown with a table where numbers stand side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from kd_core.schema.estimate import Estimate
from kd_core.schema.explanation_scores import ExplanationScores, MapScores
from kd_core.schema.model_card import ModelCard
from kd_core.schema.model_checks import UNCHANGED, Latency
from kd_core.schema.model_origin import DataNotes, TrainingNotes
from kd_core.schema.model_scores import Bounds, NamedFrames, PartScores
from kd_core.schema.naming_level import NEVER, NamingLevel
from kd_core.schema.shortcut_probes import FrameFall, ShortcutProbes

_MAPS = ("gradcam", "hirescam", "layercam", "eigencam", "uniform", "gaussian")
#: From a class's key to what the page calls it.
Names = Callable[[str], str]
#: Of a card from before runs kept it.
NO_PROVENANCE = (
    "not kept: it was trained before runs kept their commit, packages, precision, threads, command"
    " and the data's digest"
)
#: Where a fusion reads a teacher: for a drawing, not for a line.
_GRID = "attention_by_position"


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
        **calibration_rows(card, shown),
    }
    return f"# {card.name}\n\n**{card.notice}**\n\n{_listed(rows)}"


def calibration_rows(card: ModelCard, shown: Names = str) -> dict[str, str]:
    """Temperature, and of a softmax for each class group what it tells apart."""
    if not card.heads:
        return {"calibration": _temperature(card.temperature, card.calibration)}
    return {
        f"{head.group.casefold()}": f"{', '.join(map(shown, head.names))};"
        f" {_temperature(head.temperature, head.calibration)}"
        for head in card.heads
    }


def _temperature(value: float, note: str) -> str:
    return f"temperature {value:.3f}" + (note and f" ({note})")


def _purpose(card: ModelCard) -> str:
    return f"## Purpose\n\n{card.purpose}\n\n**Not for:** {card.not_for}" if card.purpose else ""


def _comparison(card: ModelCard, shown: Names) -> str:
    """With the model it was made from, and why it was promoted in spite of a loss."""
    compared, promoted = card.checks.comparison, card.checks.promoted_in_spite_of
    parts = []
    if compared is not None and compared.sentence:
        parts.append(f"## Compared with {card.parent}\n\n{compared.sentence}")
    if promoted is not None:
        who = f" by {promoted.reader}" if promoted.reader else ""
        lost = ", ".join(map(shown, promoted.classes))
        parts.append(
            f"Promoted{who} on {promoted.date[:10]} although recall was lost ({lost}):"
            f" {promoted.reason}"
        )
    return "\n\n".join(parts)


def _scores(card: ModelCard, shown: Names) -> str:
    parts = []
    for name, scores in card.scores.items():
        rows = [
            (title, _value(value), span(scores.intervals.get(score)))
            for score, title, value in (
                ("accuracy", "accuracy", scores.accuracy),
                ("macro_f1", _macro_title(scores), scores.macro_f1),
                ("macro_f1_over_all", "macro-F1 over all classes", _over_all(scores)),
                ("mcc", "MCC", scores.mcc),
                ("ece", "ECE", scores.ece),
            )
            if value is not None
        ]
        counted = "labels" if scores.by_group else "images"
        parts.append(f"## Scores: {name}, {scores.n:,} {counted}")
        parts.append(_table(("", "value", "95 % by group"), rows))
        groups = [
            (group, f"{row.n:,}", _value(row.accuracy), _value(row.macro_f1), _value(row.ece))
            for group, row in scores.by_group.items()
        ]
        heads = ("class group", "labels", "accuracy", "macro-F1", "ECE")
        parts.append(_table(heads, groups) if groups else "")
        parts.append(_class_table(scores, shown))
    return "\n\n".join(part for part in parts if part)


def _absent(scores: PartScores) -> int:
    """How many classes no image shows."""
    return sum(not row.support for row in scores.per_class.values())


def _macro_title(scores: PartScores) -> str:
    absent, count = _absent(scores), len(scores.per_class)
    return f"macro-F1 over the {count - absent} of {count} classes shown" if absent else "macro-F1"


def _over_all(scores: PartScores) -> float | None:
    """None where it is the same as the other."""
    return scores.macro_f1_over_all if _absent(scores) else None


def _class_table(scores: PartScores, shown: Names) -> str:
    rows = []
    for name, row in scores.per_class.items():
        bounds = scores.per_class_intervals.get(name)
        precision, recall = (bounds.precision, bounds.recall) if bounds else (None, None)
        cells = f"{row.precision:.3f} {span(precision)}", f"{row.recall:.3f} {span(recall)}"
        rows.append((shown(name), *cells, f"{row.f1:.3f}", f"{row.support}"))
    return _table(("class", "precision", "recall", "F1", "images"), rows) if rows else ""


def _unsure(card: ModelCard, shown: Names) -> str:
    if card.heads:
        rule = "\n\n".join(
            f"{head.group}: {naming_rule(head.naming)}" for head in card.heads if head.naming
        )
    elif card.naming is not None:
        rule = naming_rule(card.naming)
    elif card.thresholds:
        rule = (
            "Each class is named from the probability on that gave 95 % precision on validation,"
            ' without a bound for few images (an older card); below it, "unsure".'
        )
    else:
        return ""
    parts = ['## When it says "unsure"', rule]
    if any(part.abstention is not None for part in card.scores.values()) or card.thresholds:
        parts += [
            "Coverage: the share of images that are named. Precision: the share of those that is"
            " right.",
            _threshold_table(card, shown),
        ]
    others = card.checks.unsure_of_others
    if others is not None:
        parts.append(
            f"Of frames that are none of the classes ({others.frames_per_kind} of each kind, made"
            " by script), so many came out unsure:"
        )
        rows = [(kind, f"{share:.1%}") for kind, share in others.shares.items()]
        parts.append(_table(("kind", "unsure"), rows))
    return "\n\n".join(parts)


def naming_rule(naming: NamingLevel) -> str:
    """From which probability on classes are named, and what vouches for it."""
    chosen = f" Chosen on {naming.chosen}, after the training." if naming.chosen else ""
    if naming.level >= NEVER:
        return f"No class is named: {naming.reason}.{chosen}"
    rule = (
        f"Whichever class is the most probable is named from {100 * naming.level:.0f} % on; below"
        ' that, "unsure".'
    )
    if naming.precision is not None:
        rule += (
            f" Of the {naming.named:,} images that it names of those it was chosen on,"
            f" {100 * naming.precision.value:.1f} % are right {span(naming.precision)};"
            f" asked for were {100 * naming.target:.0f} % by the lower bound."
        )
    if naming.reason:
        rule += f" That is not reached: {naming.reason}."
    return rule + chosen


def _threshold_table(card: ModelCard, shown: Names) -> str:
    """From which probability on each class is named, and what comes of it on each part."""
    parts = [
        (part, scores.abstention)
        for part, scores in card.scores.items()
        if scores.abstention is not None
    ]
    heads = [f"{part}: {what}" for part, _ in parts for what in ("precision", "coverage")]
    rows = []
    for name in card.classes:
        level = card.threshold(name)
        cells = [shown(name), f"{level:.2f}" if level < NEVER else "never named"]
        for _, abstention in parts:
            row = abstention.per_class.get(name, NamedFrames())
            cells += [
                f"{_value(row.precision.value)} {span(row.precision)}" if row.precision else "-"
            ]
            cells += [_value(row.coverage)]
        rows.append(tuple(cells))
    whole = ["all", ""]
    for _, abstention in parts:
        bounds = f"{_value(abstention.precision)} {span(abstention.precision_bounds)}".strip()
        whole += [bounds, _value(abstention.coverage)]
    return _table(("class", "from", *heads), [*rows, tuple(whole)])


def _checks(card: ModelCard, shown: Names) -> str:
    checks = card.checks
    parts = (
        _robustness(checks.robustness),
        "" if checks.frame_fall is None else _frame_fall(checks.frame_fall),
        "" if checks.explanation is None else _explanation(checks.explanation),
        "" if checks.shortcuts is None else _shortcuts(checks.shortcuts, shown),
        "" if checks.latency is None else _latency(checks.latency),
    )
    return "\n\n".join(part for part in parts if part)


def _robustness(accuracies: Mapping[str, float]) -> str:
    if UNCHANGED not in accuracies:
        return ""
    clean = accuracies[UNCHANGED]
    rows = [
        (name, f"{value:.3f}", f"{100 * (value - clean):+.1f}")
        for name, value in accuracies.items()
    ]
    return f"## Robustness\n\n{_table(('images', 'accuracy', 'points'), rows)}"


def _frame_fall(fall: FrameFall) -> str:
    text = f"Border, burnt-in text and inset are no tissue: {fall}."
    return f"## Whether it reads the frame\n\n{text}"


def _explanation(scores: ExplanationScores) -> str:
    names = MapScores.__struct_fields__
    rows = [
        (kind, *(_value(getattr(scores.scores[kind], name).value) for name in names))
        for kind in _MAPS
        if kind in scores.scores
    ]
    text = (
        f"{scores.n} lesions with a mask; they are {scores.means.lesion_share:.1%} of what the"
        " model is shown. uniform and gaussian have not looked. Deletion is better when lower."
    )
    return f"## Where it looks\n\n{text}\n\n{_table(('map', *names), rows)}"


def _shortcuts(probes: ShortcutProbes, shown: Names) -> str:
    chance = probes.chance
    always = f"always {shown(chance.name)}"
    rows = [("chance", _value(chance.accuracy), _value(chance.macro_f1), always)]
    rows += [
        (name, _value(probe.accuracy.value), _value(probe.macro_f1.value), probe.sees)
        for name, probe in probes.probes.items()
    ]
    table = _table(("probe", "accuracy", "macro-F1", "it sees"), rows)
    return f"## What there is to cheat on\n\n{table}"


def _latency(latency: Latency) -> str:
    return (
        f"## Speed\n\n{latency.ms_per_image:.2f} ms per image on {latency.threads} thread,"
        " preprocessing included."
    )


def _data(card: ModelCard) -> str:
    part = listed(card.data)
    return f"## Data\n\n{_listed(part)}" if part else ""


def _training(card: ModelCard) -> str:
    part, basis = listed(card.training), card.training.basis
    if not part:
        return ""
    sees = (
        f"\n\nLosses on maps (hint, attention, and those of the fusion) see its map along"
        f" {basis.directions:,} principal directions, which keep {100 * basis.energy_kept:.1f} % of"
        " its energy, not the map as it is."
        if basis is not None
        else ""
    )
    return f"## Training\n\n{_listed(part)}{sees}"


def _files(card: ModelCard) -> str:
    rows = [(name, f"`{digest}`") for name, digest in card.files.items()]
    return f"## Files\n\n{_table(('file', 'sha256'), rows)}" if rows else ""


def listed(part: DataNotes | TrainingNotes) -> dict[str, object]:
    """What a part of the card says by name, without what is not there."""
    plain: dict[str, object] = msgspec.to_builtins(part)
    if plain and isinstance(part, TrainingNotes) and part.provenance is None:
        plain["provenance"] = NO_PROVENANCE
    return {name.replace("_", " "): value for name, value in plain.items()}


def _listed(part: Mapping[str, object]) -> str:
    return "\n".join(f"- **{name}**: {in_words(value)}" for name, value in part.items())


def in_words(value: object) -> str:
    """A JSON value as one readable line."""
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Mapping):
        return "; ".join(
            f"{name.replace('_', ' ')} {in_words(part)}"
            for name, part in value.items()
            if name != _GRID
        )
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(in_words(part) for part in value)
    return str(value)


def _value(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float | int) else "-"


def span(interval: Estimate | Bounds | None) -> str:
    """The bounds of a confidence interval in brackets; empty where there is none."""
    if interval is None or interval.low is None or interval.high is None:
        return ""
    return f"({interval.low:.3f} to {interval.high:.3f})"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(
        "| " + " | ".join(str(cell).replace("|", "/") for cell in line) + " |" for line in lines
    )
