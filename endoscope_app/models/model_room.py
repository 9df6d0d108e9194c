"""Everything around the models that the reader keeps, built in one place."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from endoscope_app.base.background_task import Tasks
from endoscope_app.base.window_port import WindowPort
from endoscope_app.models.model_exchange import ModelExchange
from endoscope_app.models.model_registry import ModelRegistry
from endoscope_app.models.models_flow import ModelsFlow
from endoscope_app.viewing.class_names import ClassNames


class ModelRoom:
    """``exchange`` loads and exchanges the model, ``list`` shows all of them."""

    def __init__(
        self,
        window: WindowPort,
        tasks: Tasks,
        names: ClassNames,
        reader: Callable[[], str],
        *,
        folder: Path,
        shipped: Path,
        given: Path | None,
    ) -> None:
        """``reader``: the name of who chooses a model; ``folder``: where the reader's models lie.

        ``shipped``: the folder of the model that came with the program; ``given``: of one to use
        instead, this time.
        """
        self.registry = ModelRegistry(folder, shipped)
        self.exchange = ModelExchange(
            self.registry, window.banner, tasks, reader, given=given, parent=window.as_widget()
        )
        self.list = ModelsFlow(window, self.exchange, names, tasks)
