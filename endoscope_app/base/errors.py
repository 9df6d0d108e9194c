"""Two kinds of errors: the world failed (AppError: shown as a sentence with the way out), or we
have a bug (anything else).
"""


class AppError(Exception):
    """The world failed.

    ``sentence`` says what happened, ``way_out`` what the reader can do, ``detail`` is for the log.

    ``detail`` must never hold patient data or an image; a file name is shown to the reader but
    never logged.
    """

    def __init__(self, sentence: str, way_out: str = "", detail: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.way_out = way_out
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.sentence} {self.way_out}".strip()
