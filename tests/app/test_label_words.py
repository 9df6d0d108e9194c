"""What the label panel says in words, for every kind of label and of model."""

import pytest

from endoscope_app.widgets.label_words import LabelKind, ModelWords, label_words


@pytest.mark.parametrize(
    ("kind", "name", "model", "line", "note"),
    [
        (None, "", ("cecum", 0.62, False), "You: not labelled · model: cecum 62 %", ""),
        (None, "", ("cecum", 0.412, True), "You: not labelled · model: cecum? 41 %", "The model is unsure."),
        ("class", "polyps", ("cecum", 0.62, False), "You: polyps · model: cecum 62 %", "You and the model differ."),
        ("class", "cecum", ("cecum", 0.62, False), "You: cecum · model: cecum 62 %", "You and the model agree."),
        ("class", "polyps", ("cecum", 0.4, True), "You: polyps · model: cecum? 40 %", "You and the model differ; it is unsure."),
        ("agreed", "cecum", ("cecum", 0.9, False), "You: cecum (reviewed) · model: cecum 90 %", "Reviewed: the model is right."),
        ("agreed", "cecum", ("polyps", 0.9, False), "You: cecum (reviewed) · model: polyps 90 %", "You and the model differ."),
        ("unusable", "", ("cecum", 0.9, False), "You: none of these · model: cecum 90 %", "Marked as none of these or unusable."),
        (None, "", (None, 0.0, False), "You: not labelled · model hidden until you have answered", ""),
        ("class", "polyps", (None, 0.0, False), "You: polyps · model hidden until you have answered", ""),
    ],
)
def test_the_line_says_what_the_frame_is_and_whether_the_model_differs(
    kind: LabelKind | None, name: str, model: tuple[str | None, float, bool], line: str, note: str
) -> None:
    assert label_words(kind, name, ModelWords(*model)) == (line, note)
