"""What the world can do wrong to the core. Anything that is not a CoreError is a bug."""


class CoreError(Exception):
    """The world failed: ``sentence`` says what happened, ``way_out`` what to do about it."""

    def __init__(self, sentence: str, way_out: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.way_out = way_out

    def __str__(self) -> str:
        return f"{self.sentence} {self.way_out}".strip()


class MissingPackageError(CoreError):
    """What needs the learning side, where only the viewer was installed."""

    def __init__(self, package: str) -> None:
        """``package`` is the one that was looked for."""
        super().__init__(
            f"This needs the learning side of the program, which is not installed ({package}).",
            'Install it with: pip install "endoscope-app[train]", in a checkout pip install'
            ' ".[train]".',
        )


class DataError(CoreError):
    """A data set, manifest, split or image that cannot be used as it is."""


class ModelError(CoreError):
    """A model folder that is damaged, incomplete, of another shape, or not what its card says."""
