"""The paper's table on any labelled data set, over several seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import msgspec

from kd_core.api.execution import ShouldStop, never
from kd_core.api.labelled_data import Data, LabelledSource, OnEvent, OnWarning, ignore, read_data
from kd_core.api.machine import CACHE_NAME, Machine
from kd_core.api.openings import note_opening
from kd_core.platform.claimed_folder import claimed
from kd_core.reproduction.report import markdown, plot
from kd_core.reproduction.reproduce import Reproduction
from kd_core.reproduction.rows import (
    STUDENT_ROWS,
    search_rows,
    student_rows,
    teacher_rows,
    trained_rows,
)
from kd_core.reproduction.table import ReproductionTable, table
from kd_core.schema.config import (
    DEFAULT_TEACHERS,
    TEACHER_DEFAULTS,
    TrainConfig,
    decode_plain,
    merged,
)
from kd_core.schema.errors import DataError
from kd_core.schema.json_text import JsonError, JsonObject, read_json
from kd_core.training.process_group import under_torchrun

STUDENT_DEFAULTS = TrainConfig()


@dataclass(frozen=True)
class Table:
    """``summary`` is what table.json holds, ``page`` what table.md holds.

    ``outcome``: "finished" where every row has a result of every seed, else "stopped".
    """

    summary: ReproductionTable
    page: str
    outcome: str

    def __str__(self) -> str:
        return self.page


def reproduce(
    data: Data,
    out: str | Path,
    *,
    part: Literal["val", "test"] = "val",
    seeds: int = 3,
    teachers: Sequence[str] = DEFAULT_TEACHERS,
    trained: Sequence[str | Path] = (),
    rows: Sequence[str] | None = None,
    epochs: int | None = None,
    teacher_epochs: int | None = None,
    views: int | None = None,
    settings: str | Path | None = None,
    teacher_settings: str | Path | None = None,
    variants: str | Path | None = None,
    command: str = "kd_core.reproduce",
    machine: Machine | None = None,
    on_event: OnEvent = ignore,
    on_warning: OnWarning = ignore,
    should_stop: ShouldStop = never,
) -> Table:
    """Fine-tune ``teachers``, train the student in every way, write the table into ``out``.

    What was done before is not done again. ``part`` test: every model is asked about the test part
    too, once its training is done, which is noted beside the split as done by ``command``; without
    it the table holds validation alone. ``settings`` and ``teacher_settings``: JSON files of what
    differs from the defaults for every student and every teacher; their losses are left out, for
    each row has its own. ``epochs``, ``teacher_epochs`` and ``views`` go before them. ``variants``:
    a JSON file of names and the settings each changes, which are compared on validation instead.
    ``trained``: folders of teachers to take as they are, the same for every seed, in place of
    ``teachers``. ``rows``: which students, by the words of rows.STUDENT_ROWS.
    ``command`` is named on the page. Raises DataError.
    """
    if under_torchrun():
        raise DataError(
            "The table is made by one process.",
            "Start it without torchrun; single runs can use it.",
        )
    numbers = [number for number in (epochs, teacher_epochs, views) if number is not None]
    if min([seeds, *numbers]) < 1:
        raise DataError("--seeds, --epochs, --teacher-epochs and --views must be 1 or more.")
    student = _settings(STUDENT_DEFAULTS, settings, epochs=epochs, views=views)
    teacher = _settings(TEACHER_DEFAULTS, teacher_settings, epochs=teacher_epochs, views=views)
    folder, where = Path(out), machine or Machine()
    cache = folder / CACHE_NAME if where.cache is True else where.cache
    workspace = replace(where, cache=cache).open(folder)
    folders = [Path(each) for each in trained]
    table_rows = trained_rows(folders, teacher) if folders else teacher_rows(teachers, teacher)
    table_rows += (
        search_rows(student, _read_variants(Path(variants)))
        if variants
        else student_rows(student, rows or tuple(STUDENT_ROWS))
    )
    opened = part == "test" and not variants
    with claimed(folder):
        work = Reproduction(
            table_rows,
            range(seeds),
            read_data(data, on_event, on_warning),
            workspace,
            open_test=opened,
        )
        if opened and isinstance(data, LabelledSource):
            note_opening(data.split, part, [], command, on_warning)
        work.execute(on_event, should_stop)
        summary = table(work, open_test=opened)
        page = markdown(summary, command)
        _write(folder, "search" if variants else "table", summary, page)
    complete = all(len(results) == seeds for results in work.results.values())
    return Table(summary, page, "finished" if complete else "stopped")


def _settings(defaults: TrainConfig, path: str | Path | None, **numbers: int | None) -> TrainConfig:
    """Defaults, then the file, then ``numbers`` that are given."""
    changes: JsonObject = {}
    if path is not None:
        file = Path(path)
        try:
            changes = dict(decode_plain(file.read_bytes(), file.name))
        except OSError as error:
            raise DataError(
                f"The settings {file} cannot be read: {error.strerror}.",
                "Name an existing JSON file.",
            ) from error
        changes.pop("losses", None)
    changes |= {name: number for name, number in numbers.items() if number is not None}
    return merged(defaults, changes, "the options" if path is None else Path(path).name)


def _read_variants(path: Path) -> dict[str, JsonObject]:
    try:
        return read_json(path, dict[str, JsonObject])
    except (OSError, JsonError) as error:
        why = str(error).rstrip(".")
        raise DataError(
            f"The variants {path} cannot be read: {why}.",
            'They look like {"kl only": {"losses": {"kl": 1}}}.',
        ) from error


def _write(out: Path, name: str, summary: ReproductionTable, page: str) -> None:
    try:
        (out / f"{name}.md").write_text(page, encoding="utf-8")
        content = msgspec.json.format(msgspec.json.encode(summary), indent=1)
        (out / f"{name}.json").write_bytes(content)
        if summary.rows:
            plot(summary, out / f"{name}.png")
    except OSError as error:
        way_out = "Free some space and start the same command again."
        raise DataError(f"{out} cannot be written: {error.strerror}.", way_out) from error
