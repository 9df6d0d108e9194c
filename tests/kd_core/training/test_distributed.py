"""Two processes end with the weights of one.

All cases run in one pair of children; each test then reads what they left.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from tests.kd_core.pair import (
    CASES,
    FLOAT32,
    PAIR,
    Weights,
    epochs_of,
    normed,
    plain_norm,
    training,
    values,
    weights_of,
)
from tests.places import REPOSITORY

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the pair, after both have ended. Fails where one hangs."""
    folder = tmp_path_factory.mktemp("pair")
    shared = {
        "WORLD_SIZE": str(PAIR),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(free_port()),
        "OMP_NUM_THREADS": "1",
    }
    code = (
        "from pathlib import Path; from tests.kd_core.pair import worker;"
        f" worker(Path({str(folder)!r}))"
    )
    with ExitStack() as stack:
        pair = []
        for rank in range(PAIR):
            errors = stack.enter_context(open(folder / f"{rank}.err", "w"))
            environment = {**os.environ, **shared, "RANK": str(rank), "LOCAL_RANK": str(rank)}
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", code], cwd=REPOSITORY, env=environment, stderr=errors
                )
            )
            stack.callback(process.kill)
            pair.append(process)
        for process in pair:
            process.wait(timeout=300)
    return folder


def told(left: Path, rank: int) -> dict[str, Any]:
    path = left / str(rank) / "told.json"
    assert path.is_file(), (left / f"{rank}.err").read_text()
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def both(left: Path, name: str) -> tuple[Weights, Weights]:
    assert [told(left, rank)["rank"] for rank in range(PAIR)] == [0, 1]
    first, second = (safetensors.torch.load_file(left / str(rank) / name) for rank in range(PAIR))
    return first, second


def differences(made: Weights, wanted: Weights) -> dict[str, float]:
    assert made.keys() == wanted.keys()
    return {key: float((made[key].double() - wanted[key].double()).abs().max()) for key in wanted}


@pytest.mark.parametrize("name", [*CASES, *FLOAT32])
def test_two_processes_end_with_the_weights_of_one(left: Path, name: str) -> None:
    """Those of one in float64, whatever the pair computes in."""
    alone = training({**CASES, **FLOAT32}[name], exact=True)
    start = weights_of(alone)
    epochs_of(alone)
    wanted = weights_of(alone)
    assert max(differences(start, wanted).values()) > 1e-3
    for made in both(left, name):
        gaps = differences(made, wanted)
        # The pair computes in float32, and AdamW makes steps of one size of gradients of any: last
        # digits grow. Running variances are of values squared. A pair that does not share its
        # gradients is a hundredth away
        allowed = {key: 5e-4 if key.endswith("running_var") else 1e-4 for key in gaps}
        assert {key: gap for key, gap in gaps.items() if gap > allowed[key]} == {}


@pytest.mark.parametrize("name", [*CASES, *FLOAT32, "relations", "resumed"])
def test_both_workers_hold_the_same_weights_to_the_last_bit(left: Path, name: str) -> None:
    first, second = both(left, name)
    assert all(torch.equal(first[key], second[key]) for key in first)
    assert all(bool(torch.isfinite(tensor).all()) for tensor in first.values())


def test_both_tell_the_same_epochs_and_only_the_first_writes(left: Path) -> None:
    first, second = told(left, 0), told(left, 1)
    assert (
        {name: first[name] for name in CASES}
        == {name: second[name] for name in CASES}
        == {name: [1] for name in CASES}
    )
    assert (first["two epochs"], first["relations"]) == ([1, 2], [1])
    assert [first["first"], second["first"]] == [True, False]
    assert first["under torchrun"]
    assert [(left / str(rank) / "state").exists() for rank in range(PAIR)] == [True, False]


def test_a_shared_batch_norm_is_that_of_the_whole_batch(left: Path) -> None:
    given, weights = values()
    whole, (first, second) = normed(plain_norm(), given, weights), both(left, "norm")
    for name in ("output", "input", "judged"):
        torch.testing.assert_close(
            torch.cat([first[name], second[name]]), whole[name], rtol=1e-4, atol=1e-4
        )
    for name in ("weight", "bias"):  # what DistributedDataParallel averages
        torch.testing.assert_close(first[name] + second[name], whole[name], rtol=1e-4, atol=1e-4)
    for name in ("running_mean", "running_var", "num_batches_tracked"):
        for made in (first, second):
            torch.testing.assert_close(made[name], whole[name], rtol=1e-5, atol=1e-6)
    for made in both(left, "copied norm"):  # a batch smaller than the workers are many
        for name in ("output", "running_mean", "running_var"):
            torch.testing.assert_close(made[name], whole[name], rtol=1e-4, atol=1e-4)


def test_one_vote_is_enough(left: Path) -> None:
    assert [told(left, rank)["votes"] for rank in range(PAIR)] == [
        [False, True, True, False]
    ] * PAIR


def test_parts_are_in_order_and_their_shares_make_a_mean_of_all(left: Path) -> None:
    """Each share is images of the part * 2 / images of the batch, for the mean over the two
    workers; last, copies of an image.
    """
    first = {
        "1": ((0, 1), 1.0, 2),
        "2": ((0, 1), 1.0, 1),
        "5": ((0, 2), 0.8, 1),
        "6": ((0, 3), 1.0, 1),
    }
    second = {
        "1": ((0, 1), 1.0, 2),
        "2": ((1, 2), 1.0, 1),
        "5": ((2, 5), 1.2, 1),
        "6": ((3, 6), 1.0, 1),
    }
    for rank, parts in enumerate((first, second)):
        wanted = {
            size: [str(slice(*bounds)), share, str({copies})]
            for size, (bounds, share, copies) in parts.items()
        }
        assert told(left, rank)["parts"] == wanted


def test_a_stop_that_one_of_them_hears_stops_both_at_the_same_batch(left: Path) -> None:
    """Asked before the fifth batch: one epoch of three batches, one batch of the second, and
    both had been asked five times.
    """
    assert [told(left, rank)["stop"] for rank in range(PAIR)] == [[True, 1, 4, 5]] * PAIR


def test_a_loss_that_is_not_finite_for_one_ends_both_with_a_sentence(left: Path) -> None:
    sentences = [told(left, rank)["not finite"] for rank in range(PAIR)]
    assert all(
        "is not finite" in sentence and "Use a lower learning rate." in sentence
        for sentence in sentences
    )
    assert len({sentence.split(" is not")[0] for sentence in sentences}) == 1  # the same batch
    assert any("(kl)" in sentence for sentence in sentences)


def test_a_pair_resumes_where_it_was_killed(left: Path) -> None:
    assert [told(left, rank)["resumed"] for rank in range(PAIR)] == [[2], [2]]
    for resumed, undisturbed in zip(both(left, "resumed"), both(left, "two epochs"), strict=True):
        assert all(torch.equal(resumed[key], undisturbed[key]) for key in undisturbed)


def test_a_state_that_only_the_first_can_see_is_not_resumed(left: Path) -> None:
    """As on machines without a common disk: both train both runs from the start, where the
    second would else wait for ever.
    """
    assert [told(left, rank)["own disks"] for rank in range(PAIR)] == [[[1], [1]]] * PAIR


def test_when_the_first_fails_the_other_does_not_wait_for_ever(left: Path) -> None:
    """The fixture has waited for both; here is why each ended."""
    assert "DataError: The state of the run cannot be written" in (left / "0.err").read_text()
    assert "Traceback" in (left / "1.err").read_text()
    assert "DataError" not in (left / "1.err").read_text()


@pytest.mark.timeout(600)
def test_the_command_under_torchrun_gives_what_it_gives_alone(
    data_dir: Path, tmp_path: Path
) -> None:
    words = [
        "-m",
        "kd_core",
        "train",
        "--data",
        str(data_dir),
        "--classes",
        "cecum,polyps",
        "--epochs",
        "2",
        "--views",
        "1",
    ]
    words += ["--precision", "fp32", "--threads", "1"]
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "PYTHONWARNINGS": "ignore",
    }
    torchrun = [
        "-m",
        "torch.distributed.run",
        "--nproc-per-node",
        "2",
        "--master-port",
        str(free_port()),
    ]
    cards = []
    for name, start in (("alone", []), ("pair", torchrun)):
        command = [sys.executable, *start, *words, "--out", str(tmp_path / name)]
        done = subprocess.run(
            command,
            cwd=REPOSITORY,
            env=environment,
            capture_output=True,
            text=True,
            timeout=500,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("validation images.") == 1, "the first worker speaks alone"
        cards.append(json.loads((tmp_path / name / "card.json").read_text()))
    alone, pair = cards
    assert pair["training"]["config"] == alone["training"]["config"]
    assert pair["scores"]["validation"]["confusion"] == alone["scores"]["validation"]["confusion"]
    weights = [
        safetensors.torch.load_file(tmp_path / name / "student.safetensors")
        for name in ("alone", "pair")
    ]
    # Float32 sums in another order: see the note on float32 above.
    assert (
        max(
            float((weights[0][key].double() - weights[1][key].double()).abs().max())
            for key in weights[0]
        )
        < 5e-2
    )
