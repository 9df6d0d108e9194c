"""Numbers in sentences."""


def counted(number: int, what: str) -> str:
    """As "1 label" or "1,204 labels"; ``what`` in the singular, of a word whose plural takes an s."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
