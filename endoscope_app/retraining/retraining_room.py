"""Everything around retraining, built in one place."""

from __future__ import annotations

from pathlib import Path

from endoscope_app.base.current_settings import CurrentSettings
from endoscope_app.base.window_port import WindowPort
from endoscope_app.labels.exchange.training_selection import RangeSampling
from endoscope_app.labels.label_session import LabelSession
from endoscope_app.models.model_exchange import ModelExchange
from endoscope_app.retraining.commands import RETRAIN
from endoscope_app.retraining.comparison.comparison_flow import ComparisonFlow
from endoscope_app.retraining.retraining_flow import RetrainingFlow
from endoscope_app.retraining.run_folders import RunFolders
from endoscope_app.retraining.starting_point import ShippedAssets, StartingModel
from endoscope_app.viewing.classifier import Classifier


class RetrainingRoom:
    """``flow`` trains a new model, ``comparison`` shows what it is worth."""

    def __init__(
        self,
        window: WindowPort,
        session: LabelSession,
        models: ModelExchange,
        settings: CurrentSettings,
        *,
        library: Path,
        runs: Path,
    ) -> None:
        """``library``: the folder of the label library; ``runs``: where retrainings are kept."""
        self._session, self._settings = session, settings
        folders = RunFolders(runs)
        self.flow = RetrainingFlow(
            window,
            session,
            library,
            folders,
            ShippedAssets.of_installation(),
            deinterlace=self._deinterlace,
            sampling=self._sampling,
            kept=models.registry.parents,
        )
        self.comparison = ComparisonFlow(window, models, folders, settings, self._class_names)
        self.flow.compare_requested.connect(self.comparison.open)
        window.action(RETRAIN).triggered.connect(self.flow.open)

    def use(self, classifier: Classifier, folder: Path) -> None:
        """The model in use, which the next run starts from and is compared with."""
        grouped = bool(classifier.groups)
        model = StartingModel(folder, classifier.version, tuple(classifier.classes), grouped)
        self.flow.use(model)
        self.comparison.use(model)

    def may_close(self) -> bool:
        """Whether the window may close; asks while a run is under way."""
        return self.flow.closing.may_close()

    def close(self) -> None:
        """End what is under way and wait for it (only while closing)."""
        self.flow.close()
        self.comparison.close()

    def _deinterlace(self) -> bool:
        return self._settings.now.deinterlace

    def _sampling(self) -> RangeSampling:
        now = self._settings.now
        return RangeSampling(max(1, now.range_step), now.thin_ranges)

    def _class_names(self) -> dict[str, str]:
        """What the reader calls each class, by what models call it."""
        return {item.key: item.name for item in self._session.classes if item.merged_into is None}
