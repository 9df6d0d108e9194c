"""What the world can do wrong to the core. Anything that is not a CoreError is a bug."""


class CoreError(Exception):
    """The world failed: ``sentence`` says what happened, ``way_out`` what to do about it."""

    def __init__(self, sentence: str, way_out: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.way_out = way_out

    def __str__(self) -> str:
        return f"{self.sentence} {self.way_out}".strip()


class DataError(CoreError):
    """A data set, manifest, split or image that cannot be used as it is."""


class ModelError(CoreError):
    """A model folder that is damaged, incomplete, of another shape, or not what its card says."""
