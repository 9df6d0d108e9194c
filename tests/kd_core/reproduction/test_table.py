"""What the table says of its comparisons, and for how long the student alone is trained."""

from __future__ import annotations

from pathlib import Path

import pytest

from kd_core.api.reproduction import _settings
from kd_core.evaluation.intervals import Interval
from kd_core.evaluation.seed_comparison import SeedComparison
from kd_core.reproduction.agreement import Agreement, AgreementRow
from kd_core.reproduction.report import markdown
from kd_core.reproduction.rows import AS_LONG, epochs_as_long, student_rows
from kd_core.reproduction.spread import spread_of
from kd_core.reproduction.table import PAIRS, PairComparison, ReproductionTable, verdict_of
from kd_core.schema.config import TrainConfig
from kd_core.schema.errors import DataError
from kd_core.schema.model_origin import DataNotes


def found(value: float, seeds: int = 3, groups: int = 100) -> SeedComparison:
    return SeedComparison(Interval(value, value - 0.01, value + 0.01), 0.001, seeds, groups)


@pytest.mark.parametrize(
    ("comparison", "among_all", "said"),
    [
        (found(0.02), 0.02, "proved better"),
        (found(-0.02), 0.02, "proved worse"),
        (found(0.02), 0.06, "not proved"),
        (found(0.02, groups=5), 0.02, "not proved"),
        (found(0.02, seeds=1), 0.02, "better in this one run"),
    ],
)
def test_proved_is_said_only_among_all_and_over_seeds(
    comparison: SeedComparison, among_all: float, said: str
) -> None:
    assert verdict_of(comparison, among_all) == said


def pair(seeds: int) -> PairComparison:
    return PairComparison(
        b="response",
        a=AS_LONG,
        seeds=seeds,
        difference=0.02,
        low=0.01,
        high=0.03,
        chance=0.001,
        among_all=0.006,
        verdict="proved better",
    )


def test_the_page_says_what_was_drawn_again_and_where_teachers_disagree() -> None:
    agreed = Agreement(
        spread_of([0.1, 0.2]), {"s": AgreementRow(spread_of([0.9, 0.8]), spread_of([0.5, 0.6]))}
    )
    table = ReproductionTable(
        notice="n",
        data=DataNotes(),
        seeds=[0, 1],
        rows={},
        comparisons=[pair(2)],
        agreement=agreed,
    )
    page = markdown(table, "kd-core reproduce")
    assert "groups and seeds drawn again" in page
    assert "Macro-F1 is over the classes that a part shows." in page
    assert "among all 1 by Holm" in page
    assert (
        "- response against student alone, as long: +0.020 (+0.010 to +0.030), chance 0.0010, among"
        " all 0.0060: proved better" in page
    )
    assert "(0.150 ± 0.071 of them)" in page
    assert "| s | 0.850 ± 0.071 | 0.550 ± 0.071 |" in page
    single = ReproductionTable(
        notice="n", data=DataNotes(), seeds=[0], rows={}, comparisons=[pair(1)]
    )
    assert "of a single seed, so how much another would change is not in it" in markdown(
        single, "c"
    )


@pytest.mark.parametrize(
    ("alone", "taught", "epochs"),
    [
        (2.0, [3.0, 5.0, 4.0], 25),
        (2.0, [1.0], 10),  # never shorter than the row it is measured by
        (0.0, [0.1], 10),  # too short to be told
    ],
)
def test_the_student_alone_is_trained_for_as_long_as_the_slowest_that_is_taught(
    alone: float, taught: list[float], epochs: int
) -> None:
    assert epochs_as_long(10, alone, taught) == epochs


def test_the_row_that_decides_is_the_last_and_every_scheme_is_held_against_it() -> None:
    rows = student_rows(TrainConfig(epochs=10))
    assert rows[-1].name == AS_LONG
    assert rows[-1].as_long
    assert not rows[-1].taught
    assert {b for b, a in PAIRS if a == AS_LONG} == {row.name for row in rows if row.taught}


def test_settings_come_from_a_file_and_options_go_before_it(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text('{"epochs": 7, "learning_rate": 0.01, "losses": {"kl": 1}}')
    made = _settings(TrainConfig(), file, epochs=None, views=3)
    assert made == TrainConfig(epochs=7, learning_rate=0.01, views=3)
    assert _settings(TrainConfig(), file, epochs=2, views=None).epochs == 2
    file.write_text('{"epoch": 7}')
    with pytest.raises(DataError, match="no setting called 'epoch'"):
        _settings(TrainConfig(), file)
    with pytest.raises(DataError, match="cannot be read"):
        _settings(TrainConfig(), tmp_path / "none.json")
