"""The rows of the result: each score of both models, on new frames and on old ones. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from endoscope_app.base.wording import percent
from endoscope_app.retraining.comparison import wording
from endoscope_app.retraining.comparison.compared_models import Comparison
from kd_core.schema.estimate import Estimate
from kd_core.schema.evidence import BothModels, ComparedPart, ComparedScore, Flicker

NOTHING = ("", "", "", "")
#: Of fewer labelled frames one that changes its class is more than 10 in 1,000: chance.
FEWEST_FOR_FLICKER = 100
_DASH, _MINUS = "\N{EN DASH}", "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Cells:
    """Model in use, new model, difference and verdict as they are read.

    ``verdict`` as the evidence says it; ``meaning``: shown when pointed at.
    """

    texts: tuple[str, str, str, str] = NOTHING
    verdict: str = ""
    meaning: str = ""


@dataclass(frozen=True)
class ScoreRow:
    """One score on the frames kept for checking and on those of what was known before.

    None where it was not measured there.
    """

    name: str
    new: Cells | None
    old: Cells | None
    is_main: bool = False
    meaning: str = ""


def main_rows(comparison: Comparison) -> list[ScoreRow]:
    """Accuracy, and per class sensitivity and positive predictive value."""
    evidence, names = comparison.evidence, comparison.names
    parts = (evidence.held_out, evidence.known_before)
    accuracies = [part.accuracy if part else None for part in parts]
    rows = [_row(wording.ACCURACY, accuracies, is_main=True)]
    recalls = [part.recall if part else {} for part in parts]
    precisions = [part.precision if part else {} for part in parts]
    for key in _in_order({*recalls[0], *recalls[1]}, list(names)):
        name = names.get(key, key)
        lost = evidence.recall_lost.get(key, 0.0) if key in evidence.needs_reason else 0.0
        rows.append(
            ScoreRow(
                wording.sensitivity(name),
                _cells(recalls[0].get(key)),
                _cells(recalls[1].get(key), lost),
                meaning=wording.sensitivity_tip(name),
            )
        )
        rows.append(
            _row(
                wording.predictive_value(name),
                [part.get(key) for part in precisions],
                meaning=wording.predictive_value_tip(name),
            )
        )
    return [row for row in rows if row.new or row.old]


def more_rows(comparison: Comparison) -> list[ScoreRow]:
    """Macro-F1, and where the evidence has them calibration and changes of class."""
    evidence = comparison.evidence
    parts = (evidence.held_out, evidence.known_before)
    new, old = (_numbers(part.calibration, 3) if part else None for part in parts)
    changes, old_changes = map(_flicker, parts)
    rows = [
        _row(wording.MACRO_F1, [part.macro_f1 if part else None for part in parts]),
        ScoreRow(wording.CALIBRATION, new, old, meaning=wording.CALIBRATION_TIP),
        ScoreRow(wording.FLICKER, changes, old_changes, meaning=wording.FLICKER_TIP),
    ]
    return [row for row in rows if row.new or row.old]


def _row(
    name: str, scores: Sequence[ComparedScore | None], *, is_main: bool = False, meaning: str = ""
) -> ScoreRow:
    new, old = map(_cells, scores)
    return ScoreRow(name, new, old, is_main, meaning)


def _in_order(keys: set[str], order: Sequence[str]) -> list[str]:
    """As in ``order``, then the others by name."""
    places: Mapping[str, int] = {key: place for place, key in enumerate(order)}
    return sorted(keys, key=lambda key: (places.get(key, len(places)), key))


def _cells(score: ComparedScore | None, lost: float = 0.0) -> Cells | None:
    """``lost``: points of sensitivity for whose loss using the model needs a reason."""
    if score is None:
        return None
    bounds = score.intervals
    shares = (
        _share(score.active, bounds.active if bounds else None),
        _share(score.candidate, bounds.candidate if bounds else None),
    )
    difference = _difference(score.difference)
    if lost:
        return Cells((*shares, difference, wording.lost(lost)), "worse", wording.lost_tip(lost))
    return Cells((*shares, difference, wording.VERDICTS[score.verdict]), score.verdict)


def _difference(estimate: Estimate) -> str:
    if estimate.value is None:
        return _DASH
    text = _signed(100 * estimate.value, 1)
    if estimate.low is None or estimate.high is None:
        return text
    return f"{text} ({_signed(100 * estimate.low, 1)} to {_signed(100 * estimate.high, 1)})"


def _numbers(both: BothModels | Flicker | None, digits: int, beside: str = "") -> Cells | None:
    if both is None or both.active is None or both.candidate is None:
        return None
    difference = _signed(both.candidate - both.active, digits)
    numbers = f"{both.active:.{digits}f}", f"{both.candidate:.{digits}f}"
    return Cells((*numbers, difference, beside))


def _flicker(part: ComparedPart | None) -> Cells | None:
    if part is None or part.frames < FEWEST_FOR_FLICKER or part.flicker_per_1000 is None:
        return None
    labels = part.flicker_per_1000.labels
    beside = "" if labels is None else wording.of_labels(f"{labels:.1f}")
    return _numbers(part.flicker_per_1000, 1, beside)


def _share(value: float | None, bounds: Estimate | None) -> str:
    if value is None:
        return _DASH
    if bounds is None or bounds.low is None or bounds.high is None:
        return percent(value, 1)
    return f"{percent(value, 1)} ({100 * bounds.low:.0f}{_DASH}{100 * bounds.high:.0f})"


def _signed(value: float, digits: int) -> str:
    rounded = round(value, digits)
    return f"{rounded:+.{digits}f}".replace("-", _MINUS) if rounded else f"{0:.{digits}f}"
