"""What an import dialog shows of a file that was read, and of what would be written."""

from __future__ import annotations

from collections.abc import Sequence

from endoscope_app.labels.exchange import import_wording
from endoscope_app.labels.exchange.document import FormatName
from endoscope_app.labels.exchange.import_choice import ImportChoice, ImportPreview
from endoscope_app.labels.exchange.import_dialog import MOST_LINES, ImportDialog
from endoscope_app.labels.exchange.import_plan import ImportPlan
from endoscope_app.labels.library.records import LabelClass


def show_plan(
    dialog: ImportDialog,
    plan: ImportPlan,
    name: FormatName,
    classes: Sequence[LabelClass],
    *,
    offer: str,
    use_open: bool,
) -> None:
    """Show what was read, and what it comes to with the choices that the dialog begins with.

    ``classes``: those that an unknown one may be; ``offer``: what the box for the open procedure
    says, empty where there is nothing to ask.
    """
    preview = ImportPreview(
        [
            (class_name, number, plan.choice.classes[class_name])
            for class_name, number in sorted(plan.unknown_classes.items())
        ],
        [(known.id, known.name) for known in classes],
        offer,
        use_open,
        plan.notes,
        [f"{unread.where}: {unread.reason}" for unread in plan.unread[:MOST_LINES]],
        len(plan.unread),
    )
    total = plan.document.label_count() + plan.document.unplaced
    dialog.show_preview(preview, import_wording.what_was_read(total, name))


def show_counts(dialog: ImportDialog, plan: ImportPlan, choice: ImportChoice) -> None:
    """Show what would be written with this choice, a whole one."""
    counts = plan.counts(choice)
    rows = import_wording.count_rows(counts, take_theirs=choice.take_theirs)
    dialog.set_counts(rows, counts.conflicts, counts.written(choice))
