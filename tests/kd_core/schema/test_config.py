"""The settings of a run: unknown names are refused with the near one, impossible numbers with a
sentence.
"""

from __future__ import annotations

import msgspec
import pytest

from kd_core.schema.config import (
    FEATURE,
    RELATION,
    RESPONSE,
    SCHEMES,
    LossWeights,
    TrainConfig,
    decode_plain,
    make_config,
    teachers_needed,
)
from kd_core.schema.errors import DataError


def read(content: bytes, name: str = "the settings") -> TrainConfig:
    """As a command reads a file of settings."""
    return make_config(decode_plain(content, name), name)


def test_settings_survive_json() -> None:
    config = TrainConfig(
        epochs=7, losses=LossWeights(kl=0.5, anchor=1.0, guide=2.0), fusion="mean", patience=4
    )
    assert read(msgspec.json.encode(config)) == config


@pytest.mark.parametrize(
    ("text", "named", "near"),
    [
        ('{"learning_rat": 1}', "learning_rat", "learning_rate"),
        ('{"losses": {"gide": 1}}', "gide", "guide"),
        ('{"epoch": 3}', "epoch", "epochs"),
    ],
)
def test_an_unknown_setting_is_refused_with_the_near_name(text: str, named: str, near: str) -> None:
    with pytest.raises(DataError) as caught:
        read(text.encode(), "settings.json")
    assert f"'{named}'" in str(caught.value)
    assert f"Did you mean '{near}'?" in caught.value.way_out
    assert "settings.json" in caught.value.sentence


def test_an_unknown_setting_without_a_near_name_lists_the_known_ones() -> None:
    with pytest.raises(DataError, match="Known are epochs, batch_size"):
        read(b'{"qqqqqq": 1}')


@pytest.mark.parametrize(
    "text",
    [
        '{"epochs": 0}',
        '{"epochs": "ten"}',
        '{"learning_rate": 0}',
        '{"learning_rate": -1}',
        '{"temperature": 0}',
        '{"label_smoothing": 1}',
        '{"ema": 1.0}',
        '{"views": 0}',
        '{"mixup": -0.1}',
        '{"optimiser": "lion"}',
        '{"fusion": "sum"}',
        '{"losses": {"kl": -1}}',
        '{"losses": {"cross_entropy": 0}}',
        '{"losses": {"guide": 1}}',
        '{"warm_up": 1}',
        '{"sizes": "112:0.3"}',
        "{",
        "[1]",
    ],
)
def test_what_no_run_can_have_is_refused(text: str) -> None:
    with pytest.raises(DataError):
        read(text.encode())


def test_every_loss_belongs_to_one_family_and_every_scheme_uses_its_own() -> None:
    families = [*RESPONSE, *FEATURE, *RELATION]
    assert sorted([*families, "cross_entropy", "outlier_exposure", "replay"]) == sorted(
        LossWeights.built_in()
    )
    own = {
        "response": RESPONSE,
        "feature": (*FEATURE, *RESPONSE),
        "relation": (*RELATION, *RESPONSE),
        "alone": (),
    }
    for name, weights in SCHEMES.items():
        used = {loss for loss in families if getattr(weights, loss)}
        assert used <= set(own[name])
        assert bool(used) == teachers_needed(weights) == (name != "alone")
        assert weights.cross_entropy > 0
    assert SCHEMES["relation"].anchor > 0, "without its anchor the fusion may collapse"
