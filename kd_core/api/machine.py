"""Where and with what a run works; what cannot be is refused before any work."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from kd_core.data.teacher_cache import GIGABYTE
from kd_core.schema.errors import DataError
from kd_core.schema.model_files import CARD_NAME
from kd_core.schema.run_files import STATE_NAME
from kd_core.training.workspace import Workspace

CACHE_NAME = "kd-cache"


@dataclass(frozen=True, kw_only=True)
class Machine:
    """``device``: auto, cpu, cuda or cuda:N; ``threads``: torch's, left as they are with None.

    ``cache`` holds views and teachers' logits: True for a folder beside the run directory, False to
    make views and ask teachers anew every time (sensible on a GPU), or a folder. It never grows
    beyond ``cache_gb``. ``command``: what a card says started the run.
    """

    device: str = "auto"
    threads: int | None = None
    cache: bool | str | Path = True
    cache_gb: float = 6.0
    command: str = "kd_core, from Python"

    def open(self, out: Path) -> Workspace:
        """Make the run directory ``out``.

        Raises DataError for a device that is not there, and where ``out`` cannot be a folder.
        """
        device = check_device(self.device)
        if (self.threads is not None and self.threads < 1) or not self.cache_gb > 0:
            raise DataError("--threads must be 1 or more, and --cache-gb above 0.")
        if self.threads is not None:
            torch.set_num_threads(self.threads)
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DataError(
                f"{out} cannot be made a folder: {error.strerror}.", "Choose another place."
            ) from error
        limit = int(self.cache_gb * GIGABYTE)
        return Workspace(out, self._cache_folder(out), limit, device, self.command)

    def _cache_folder(self, out: Path) -> Path | None:
        if isinstance(self.cache, bool):
            return out.absolute().parent / CACHE_NAME if self.cache else None
        return Path(self.cache)


def refuse_finished(out: Path) -> None:
    """Raises DataError where ``out`` holds a finished model."""
    if (out / CARD_NAME).exists() and not (out / STATE_NAME).exists():
        raise DataError(
            f"{out} holds a finished model.",
            "Choose another place, or delete that folder first.",
        )


def check_device(device: str) -> str:
    """What "auto" means here, or ``device``. Raises DataError for one that is not there."""
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        chosen = torch.device(device)
    except RuntimeError:
        raise DataError(
            f"There is no kind of device called '{device}'.", "Use --device cpu, cuda, or cuda:0."
        ) from None
    if chosen.type not in ("cpu", "cuda"):
        raise DataError(
            f"Training on '{chosen.type}' was never tried.", "Use --device cpu or cuda."
        )
    if chosen.type == "cuda" and (chosen.index or 0) >= torch.cuda.device_count():
        raise DataError("There is no such GPU that torch can use here.", "Use --device cpu.")
    return device
