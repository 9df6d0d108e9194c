"""Which procedures a run does not learn from: chosen now, or decided before it was interrupted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from kd_core.schema.errors import DataError
from kd_core.schema.held_out import HeldOut, merged_sides, read_held_out
from kd_core.schema.manifest import Sample
from kd_core.schema.reader_labels import choose_held_out, chosen_sides, settled
from kd_core.schema.run_files import SIDES_NAME


def sides_of_run(
    samples: Sequence[Sample], overall: HeldOut, chosen: Path | None, out: Path
) -> tuple[HeldOut, tuple[str, ...]]:
    """A side for every procedure of ``samples``.

    And the patients by name that stood on both and are learnt from. By the reader's choice in the
    file ``chosen``, else by what the run in ``out`` decided before it was interrupted, else as
    ``choose_held_out``; what ``overall`` fixed for all models goes before. Raises DataError for a
    file that cannot be read.
    """
    if chosen is not None and not chosen.is_file():
        raise DataError(
            "The choice of held-out procedures of this run is missing.",
            "Choose them again and start the training anew.",
        )
    source = chosen if chosen is not None else out / SIDES_NAME
    wanted = read_held_out(source) if source.is_file() else None
    sides = (
        choose_held_out(samples, overall)
        if wanted is None
        else chosen_sides(samples, overall, wanted)
    )
    return sides, settled(samples, merged_sides(overall, wanted or HeldOut()))[1]
