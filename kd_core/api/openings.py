"""Opening the test part of a split: noted before it happens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from kd_core.api.labelled_data import OnWarning, ignore
from kd_core.platform.provenance import git_commit
from kd_core.schema.model_card import read_card
from kd_core.schema.model_files import TEACHER_WEIGHTS_NAME, WEIGHTS_NAME
from kd_core.schema.openings import OpenedFor, Opening, openings_file, record_opening

TEST = "test"
#: The command of one who has noted the opening itself.
NOTED = ""


def note_opening(
    split: str | Path | None,
    part: str,
    models: Sequence[str | Path],
    command: str,
    on_warning: OnWarning = ignore,
) -> None:
    """Note that ``command`` looks at the test part of ``split`` with ``models``, and say so.

    Nothing for another part, without a split, and where ``command`` is NOTED.
    Raises DataError where it cannot be noted, ModelError for a folder that holds no model.
    """
    if split is None or part != TEST or command == NOTED:
        return
    opening = Opening(
        when=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        command=command,
        models=tuple(_opened_for(Path(model)) for model in models),
        commit=git_commit(),
    )
    count = record_opening(Path(split), opening)
    times = "the first time" if count == 1 else f"time {count}"
    on_warning(
        f"The test part of {Path(split).name} is opened for {times}; see"
        f" {openings_file(Path(split)).name} beside it."
    )


def _opened_for(model: Path) -> OpenedFor:
    card = read_card(model)
    digests = [card.files[n] for n in (WEIGHTS_NAME, TEACHER_WEIGHTS_NAME) if n in card.files]
    return OpenedFor(card.version, digests[0] if digests else "")
