"""What stands on the pages of a PDF and how they look, read by a program that did not write it."""

from __future__ import annotations

from dataclasses import dataclass

import pypdfium2
from PIL.Image import Image
from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE


@dataclass(frozen=True)
class PdfPage:
    """``lines`` from the top; ``pictures``: (left, bottom, right, top) of each, in points, and
    ``place_of`` a text: likewise, of its first mention.
    """

    lines: list[str]
    pictures: list[tuple[float, float, float, float]]
    places: dict[str, tuple[float, float, float, float]]


def pdf_pages(content: bytes, sought: tuple[str, ...] = ()) -> list[PdfPage]:
    """Every page; ``places`` says where on it those of the ``sought`` texts are that it has."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [_page(page, sought) for page in document]
    finally:
        document.close()


def drawn_pages(content: bytes, dots_per_inch: float) -> list[Image]:
    """Every page as it is seen."""
    document = pypdfium2.PdfDocument(content)
    try:
        return [page.render(scale=dots_per_inch / 72).to_pil() for page in document]
    finally:
        document.close()


def _page(page: pypdfium2.PdfPage, sought: tuple[str, ...]) -> PdfPage:
    text = page.get_textpage()
    places = {}
    for words in sought:
        found = text.search(words, match_case=True).get_next()
        if found is not None:
            places[words] = text.get_charbox(found[0])
    images = page.get_objects(filter=[FPDF_PAGEOBJ_IMAGE])
    return PdfPage(
        text.get_text_bounded().splitlines(), [image.get_bounds() for image in images], places
    )
