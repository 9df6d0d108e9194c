"""Writing an import as a second reading: labels into the second library, new classes into the one
that counts. No Qt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from endoscope_app.labels.exchange.import_act import COLOURS, import_act
from endoscope_app.labels.exchange.import_choice import ClassChoice, ImportChoice
from endoscope_app.labels.exchange.import_plan import ImportPlan, with_known_classes
from endoscope_app.labels.exchange.library_matching import tidy
from endoscope_app.labels.library.class_edits import add_class
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import Changes, Context
from endoscope_app.labels.library.second_reading_records import SecondReading
from endoscope_app.second_reading import reading_acts, second_library


def whole_choice(plan: ImportPlan, choice: ImportChoice) -> ImportChoice:
    """With the classes that nobody has to be asked about; the file is for the chosen procedure."""
    return replace(with_known_classes(plan, choice), use_open=True)


def write_second(
    main: LabelStore,
    library: Path,
    fingerprint: str,
    reader: str,
    plan: ImportPlan,
    choice: ImportChoice,
) -> list[Changes]:
    """Keep the file's labels of this procedure as the finished second reading by ``reader``; what
    changed in ``main``. AppError where something cannot be written.
    """
    context, changes = Context(reader, "hidden"), []
    whole = whole_choice(plan, choice)
    classes: dict[str, ClassChoice] = dict(whole.classes)
    added: dict[str, int] = {}
    for place, name in enumerate(_new_names(plan, whole)):
        if tidy(name) not in added:
            number = main.new_id("classes")
            act = add_class(main.read, name, COLOURS[place % len(COLOURS)], number)
            changes.append(main.apply(act, context))
            added[tidy(name)] = number
        classes[name] = added[tidy(name)]
    roots = {**plan.roots, **{number: number for number in added.values()}}
    with second_library.open_to_write(library, main.read, reader) as second:
        act = import_act(replace(plan, roots=roots), replace(whole, classes=classes), second)
        rows = tuple(row for row in act.rows if row.fingerprint == fingerprint)
        second.apply(replace(act, rows=rows), context)
    changes.append(
        main.apply(reading_acts.begun(main, SecondReading(fingerprint, reader, True)), context)
    )
    changes.append(main.apply(reading_acts.finished(main, fingerprint), context))
    return changes


def _new_names(plan: ImportPlan, choice: ImportChoice) -> Iterator[str]:
    return (
        wanted.name
        for wanted in plan.document.classes
        if choice.classes.get(wanted.name, "leave out") == "new"
    )
