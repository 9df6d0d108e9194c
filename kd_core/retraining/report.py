"""The report of a run: one page without script or link.

It can be read where no program of ours is, in a dark room too.

What it says is gathered here and in the neighbouring report_* modules; how it looks stands in
templates/. Every text is escaped by the template engine: names of classes and files are a reader's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from kd_core.data.labelled import DataSet
from kd_core.retraining.report_curves import charts
from kd_core.retraining.report_images import (
    BOTH_WRONG,
    BROKEN,
    CORRECTED,
    FrameShown,
    ShownPrediction,
)
from kd_core.retraining.report_tables import comparison_tables, listed
from kd_core.schema.card_text import as_markdown
from kd_core.schema.card_text import listed as card_parts
from kd_core.schema.events import EpochEnded
from kd_core.schema.evidence import ComparedPart, Evidence
from kd_core.schema.model_card import ModelCard
from kd_core.schema.model_origin import TrainingNotes
from kd_core.schema.taxonomy import display_name

PRIVATE = (
    "This page holds images of the procedures. Keep it where patient data may be, and do not send"
    " it on."
)
_HEADS = {
    CORRECTED: "Corrected: wrong before, right now",
    BROKEN: "Broken: right before, wrong now",
    BOTH_WRONG: "Wrong in another way",
}


@dataclass(frozen=True)
class Report:
    """What a page is made of.

    The new model's card, the version in use, the evidence, what was learnt from, what each epoch
    said, and frames on which the models differ.
    """

    card: ModelCard
    active: str
    evidence: Evidence
    data: DataSet
    epochs: Sequence[EpochEnded]
    frames: Sequence[FrameShown]


def report_html(report: Report) -> str:
    """The whole page.

    It asks nothing of a network: images and drawings lie inside, and it forbids the browser to
    load anything.
    """
    card, evidence = report.card, report.evidence
    versions = (report.active, card.version)

    def tables(part: ComparedPart | None) -> object:
        return part and comparison_tables(part, report.data.classes, versions)

    return rendered(
        "report.html.jinja",
        title=f"Retraining: {report.active} → {card.version}",
        card=card,
        active=report.active,
        private=PRIVATE,
        sentence=evidence.sentence,
        needs_reason=[display_name(name) for name in evidence.needs_reason],
        held_out=tables(evidence.held_out),
        known_before=tables(evidence.known_before),
        frames=_by_change(report.frames),
        charts=charts(report.epochs),
        data=listed(card_parts(card.data)),
        warnings=report.data.warnings,
        training=listed(card_parts(card.training)),
        settings=listed(_settings(card.training)),
        card_text=as_markdown(card, display_name),
        display_name=display_name,
        prediction_text=_prediction_text,
    )


def rendered(template: str, **values: object) -> str:
    """A template of templates/ filled with ``values``, each of them escaped."""
    return _templates().get_template(template).render(values)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("kd_core.retraining"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def _settings(training: TrainingNotes) -> dict[str, object]:
    """Every setting of the run; losses that did not count are left out."""
    config = dict(training.config)
    losses = config.pop("losses", {})
    if isinstance(losses, Mapping):
        config["losses"] = {name: weight for name, weight in losses.items() if weight}
    return config


def _by_change(frames: Sequence[FrameShown]) -> list[tuple[str, list[FrameShown]]]:
    groups = {
        head: [frame for frame in frames if frame.change == kind] for kind, head in _HEADS.items()
    }
    return [(head, shown) for head, shown in groups.items() if shown]


def _prediction_text(who: str, predicted: ShownPrediction) -> str:
    return f"{who}: {display_name(predicted.called)} {predicted.probability:.0%}"
