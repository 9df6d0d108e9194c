"""The second readers' labels: in a library of their own beside the one that counts, so that no
reader can see, count or overwrite the other's. No Qt.
"""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from endoscope_app.base.errors import AppError
from endoscope_app.labels.library import library_files
from endoscope_app.labels.library.label_reader import LabelReader
from endoscope_app.labels.library.label_store import LabelStore
from endoscope_app.labels.library.records import LabelClass
from endoscope_app.second_reading import wording

FOLDER = library_files.SECOND_FOLDER
_COLUMNS = tuple(field.name for field in fields(LabelClass))


def open_to_write(library: Path, main: LabelReader, reader: str) -> LabelStore:
    """With the classes of ``main`` as they are now, and acts in the name of ``reader``.

    AppError where it cannot be opened or written.
    """
    store = LabelStore(library / FOLDER)
    try:
        if store.read_only_because:
            raise AppError(store.read_only_because)
        take_classes(store, main)
        store.set_reader_name(reader)
    except BaseException:
        store.close()
        raise
    return store


def open_to_read(library: Path) -> LabelStore | None:
    """As it is; None where nobody has read anything a second time. AppError where it cannot be
    opened.
    """
    return LabelStore(library / FOLDER) if (library / FOLDER).exists() else None


def take_classes(store: LabelStore, main: LabelReader) -> None:
    """Let the classes be those of ``main``, under the same ids. AppError where it cannot be
    written.
    """
    marks = ", ".join("?" * len(_COLUMNS))
    changes = ", ".join(f"{column} = excluded.{column}" for column in _COLUMNS[1:])
    classes = main.classes()
    with store.writing(wording.THE_SECOND_LIBRARY) as connection:
        connection.executemany(
            f"INSERT INTO classes ({', '.join(_COLUMNS)}) VALUES ({marks}) ON CONFLICT (id) DO"
            f" UPDATE SET {changes}",
            [
                tuple(
                    int(value) if isinstance(value := getattr(item, column), bool) else value
                    for column in _COLUMNS
                )
                for item in classes
            ],
        )
        connection.execute(
            "UPDATE next_ids SET next = max(next, ?) WHERE table_name = 'classes'",
            (max((item.id for item in classes), default=0) + 1,),
        )
