"""The undo or redo of an act of very many rows, on a connection of its own: all of it or nothing.

Nobody else may write an entry meanwhile: LabelStore.rest.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library import history, wording
from endoscope_app.labels.library import library_files as files
from endoscope_app.labels.library.records import Changes, Context
from endoscope_app.labels.library.transaction import one_transaction

#: Steps of the database between two looks at whether it is still wanted.
_STEPS = 20


def take_back(
    folder: Path,
    way: Literal["undo", "redo"],
    scope: str,
    context: Context,
    when: datetime,
    should_stop: Callable[[], bool],
) -> Changes:
    """As LabelStore.undo or redo, in the library in ``folder``, whose store rests.

    AppError where it cannot be written or was stopped; then nothing changed.
    """
    again = history.undo if way == "undo" else history.redo
    what = wording.THE_UNDO if way == "undo" else wording.THE_REDO
    with closing(files.connect(folder / files.NAME)) as connection:
        files.make_safe(connection)
        connection.set_progress_handler(lambda: int(should_stop()), _STEPS)
        try:
            with one_transaction(connection, what):
                changes = again(connection, scope, context, when)
                connection.set_progress_handler(None, 0)
        except (AppError, sqlite3.Error) as error:
            if should_stop():
                raise AppError(wording.take_back_stopped(way)) from error
            raise
    seen = {(row.table, row.fingerprint): row for row in changes.rows}
    return replace(changes, rows=tuple(seen.values()), are_many=True)
