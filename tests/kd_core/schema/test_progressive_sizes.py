"""Which size of image an epoch is learnt from."""

from __future__ import annotations

import pytest

from kd_core.schema.progressive_sizes import SizeStage, side_of_epoch, size_stages


def test_the_last_size_has_the_epochs_that_the_others_leave() -> None:
    stages = size_stages("112:0.3, 160:0.3,224")
    assert [(stage.side, round(stage.share, 9)) for stage in stages] == [
        (112, 0.3),
        (160, 0.3),
        (224, 0.4),
    ]
    sides = [side_of_epoch(stages, epoch, 10) for epoch in range(1, 11)]
    assert sides == [112] * 3 + [160] * 3 + [224] * 4


def test_one_size_holds_for_all_epochs_and_none_leaves_images_as_they_are() -> None:
    assert size_stages("112") == (SizeStage(112, 1.0),)
    assert {side_of_epoch(size_stages("112"), epoch, 3) for epoch in (1, 2, 3)} == {112}
    assert side_of_epoch(size_stages(""), 1, 3) is None


def test_a_short_run_still_ends_with_the_last_size() -> None:
    """Of two epochs the middles lie at a quarter and at three quarters of the run."""
    stages = size_stages("112:0.3,160:0.3,224")
    assert [side_of_epoch(stages, epoch, 2) for epoch in (1, 2)] == [112, 224]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("112:0.3", "written SIDE:SHARE"),
        ("112,224", "written SIDE:SHARE"),
        ("112:x,224", "written SIDE:SHARE"),
        ("100:0.5,224", "a multiple of 16"),
        ("16:0.5,224", "from 32 px on"),
        ("112:0.6,160:0.4,224", "leave nothing for the last"),
        ("112:0.0,224", "give one nothing"),
    ],
)
def test_what_no_run_can_have_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        size_stages(text)
