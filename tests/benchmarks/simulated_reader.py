"""A simulated reader: how much do 30, 60 and 120 corrections help on a look that the shipped
student has never seen?

    python -m tests.benchmarks.simulated_reader --data ../shared/data/hyperkvasir-lower-gi --out
    /tmp/reader [--seeds 3] [--unlabelled]

The look is another light and another border, put on frames of the split's TEST part, which no
shipped model has learnt from. Each seed divides them into procedures of eight frames and holds 35 %
of those out; the reader goes through the others in order and corrects what the student has wrong,
until there are so many corrections. Frames that were right are left alone, as a reader in a hurry
leaves them. Prints a table in Markdown; what was measured is kept, so that a run that was stopped
goes on.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from kd_core.data.folders import read_samples, relabel
from kd_core.data.image_files import read_rgb
from kd_core.data.splits import read_split
from kd_core.schema.manifest import Sample
from kd_core.schema.retraining_defaults import DEFAULT_SCHEME
from kd_core.vision.predictor import Predictor
from tests.places import SHIPPED_MODELS

MODELS = SHIPPED_MODELS
FRAMES_A_PROCEDURE, HELD_OUT_SHARE = 8, 0.35
LIGHT, GAIN, BORDER = (1.0, 0.7, 0.45), 0.6, 0.06


def shifted(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """rgb (H, W, 3) in a weaker, yellower light, with a black border of BORDER of each side."""
    seen = np.clip(rgb.astype(np.float32) * np.array(LIGHT, np.float32) * GAIN, 0, 255).astype(
        np.uint8
    )
    height, width = seen.shape[:2]
    rim = round(BORDER * height), round(BORDER * width)
    inner = cv2.resize(
        seen, (width - 2 * rim[1], height - 2 * rim[0]), interpolation=cv2.INTER_AREA
    )
    return np.asarray(
        cv2.copyMakeBorder(
            inner, rim[0], rim[0], rim[1], rim[1], cv2.BORDER_CONSTANT, value=(0, 0, 0)
        ),
        np.uint8,
    )


def drawn(samples: list[Sample], folder: Path) -> list[Sample]:
    """The samples in the other look, as files in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number, sample in enumerate(samples):
        path = folder / f"{number:04d}.png"
        if not path.exists():
            cv2.imwrite(
                str(path), cv2.cvtColor(shifted(read_rgb(Path(sample.path))), cv2.COLOR_RGB2BGR)
            )
        made.append(Sample(str(path), sample.label, sample.group))
    return made


def wrong_frames(samples: list[Sample], model: Path) -> list[bool]:
    """Which of them the student has wrong."""
    predictor = Predictor.load(model)
    classes = predictor.card.classes
    found = [predictor.predict([read_rgb(Path(one.path))])[0] for one in samples]
    return [
        classes[int(np.argmax(said.probabilities))] != one.label
        for said, one in zip(found, samples, strict=True)
    ]


def moments_of(
    frames: list[int], samples: list[Sample], procedure: dict[int, str], folder: Path
) -> Path:
    """A table of ``frames``, each between two neighbours made of it: stills have none in time.

    Neighbours are moved by a twentieth of the side and lit by a tenth more and less.
    """
    lines = ["file,group,moment"]
    (folder / "neighbours").mkdir(exist_ok=True)
    for frame in frames:
        rgb = read_rgb(Path(samples[frame].path))
        names = [samples[frame].path]
        for place, (side, light) in zip((0, 2), ((1, 0.9), (-1, 1.1)), strict=True):
            path = folder / "neighbours" / f"{frame:04d}-{place}.png"
            moved = np.roll(rgb, side * rgb.shape[1] // 20, axis=1)
            seen = np.clip(moved.astype(np.float32) * light, 0, 255).astype(np.uint8)
            cv2.imwrite(str(path), cv2.cvtColor(seen, cv2.COLOR_RGB2BGR))
            names.insert(place, str(path))
        lines += [f"{name},{procedure[frame]},{frame}" for name in names]
    (folder / "unlabelled.csv").write_text("\n".join(lines))
    return folder / "unlabelled.csv"


def one_run(
    samples: list[Sample], wrong: list[bool], count: int, seed: int, options: argparse.Namespace
) -> dict[str, float]:
    """Label, retrain, prove."""
    epochs = f"-{options.epochs}-epochs" if options.epochs else ""
    folder = options.out / f"{count}-corrections{epochs}-seed-{seed}"
    done = folder / "result.json"
    if done.exists():
        return dict(json.loads(done.read_text()))
    folder.mkdir(parents=True, exist_ok=True)
    order = np.random.default_rng(seed).permutation(len(samples))
    procedure = {
        int(frame): f"procedure {place // FRAMES_A_PROCEDURE:03d}"
        for place, frame in enumerate(order)
    }
    names = sorted(set(procedure.values()))
    held = set(names[: round(HELD_OUT_SHARE * len(names))])
    labels = [frame for frame in order.tolist() if procedure[frame] in held]
    corrections = [
        frame for frame in order.tolist() if procedure[frame] not in held and wrong[frame]
    ][:count]
    with (folder / "manifest.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["file", "label", "group"])
        rows.writerows(
            (samples[frame].path, samples[frame].label, procedure[frame])
            for frame in [*labels, *corrections]
        )
    learnt = sorted({procedure[frame] for frame in corrections})
    (folder / "held-out.json").write_text(json.dumps({"held_out": sorted(held), "learnt": learnt}))
    began = time.monotonic()
    teachers = ",".join(
        str(MODELS / "teachers" / name) for name in ("efficientnet_lite0", "efficientnet_lite1")
    )
    command: list[object] = [
        sys.executable,
        "-m",
        "kd_core",
        "retrain",
        "--labels",
        folder / "manifest.csv",
        "--base",
        MODELS / "student",
    ]
    command += [
        "--teachers",
        teachers,
        "--replay",
        MODELS / "replay.safetensors",
        "--held-out",
        folder / "held-out.json",
    ]
    command += [
        "--scheme",
        options.scheme,
        "--seed",
        seed,
        "--threads",
        1,
        "--out",
        folder / "candidate",
    ]
    if options.epochs:
        command += ["--epochs", options.epochs]
    if options.unlabelled:
        rest = [frame for frame in order.tolist() if procedure[frame] in learnt]
        unlabelled = [frame for frame in rest if frame not in corrections]
        command += ["--unlabelled", moments_of(unlabelled, samples, procedure, folder)]
    subprocess.run([str(word) for word in command] + ["--thorough"] * options.thorough, check=True)
    evidence = json.loads((folder / "candidate" / "evidence.json").read_text())
    made = {
        "corrections": len(corrections),
        "held-out frames": evidence["held_out"]["frames"],
        "before": evidence["held_out"]["accuracy"]["active"],
        "after": evidence["held_out"]["accuracy"]["candidate"],
        "old before": evidence["known_before"]["accuracy"]["active"],
        "old after": evidence["known_before"]["accuracy"]["candidate"],
        "greatest recall loss": max(evidence["recall_lost"].values(), default=0.0),
        "better": float(evidence["held_out"]["accuracy"]["verdict"] == "better"),
        "seconds": time.monotonic() - began,
    }
    done.write_text(json.dumps(made))
    return made


def table(counts: list[int], runs: dict[int, list[dict[str, float]]]) -> str:
    """Means over seeds and, in brackets, the lowest and the highest."""
    lines = [
        (
            "| corrections | held-out frames | accuracy before | after | points won | proved better"
            " | old knowledge before | after | greatest loss of recall (points) | minutes |"
        ),
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for count in counts:
        found = runs[count]

        def mean(name: str, found: list[dict[str, float]] = found) -> float:
            return float(np.mean([run[name] for run in found]))

        won = [100 * (run["after"] - run["before"]) for run in found]
        lost = [run["greatest recall loss"] for run in found]
        lines.append(
            f"| {mean('corrections'):.0f} | {mean('held-out frames'):.0f} | {mean('before'):.3f} |"
            f" {mean('after'):.3f} | {np.mean(won):+.1f} ({min(won):+.1f} to {max(won):+.1f}) |"
            f" {sum(run['better'] for run in found):.0f} of {len(found)} | {mean('old before'):.3f}"
            f" | {mean('old after'):.3f} | {np.mean(lost):.1f} ({min(lost):.1f} to {max(lost):.1f})"
            f" | {mean('seconds') / 60:.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Every count and seed, then the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--corrections", type=int, nargs="+", default=[30, 60, 120])
    parser.add_argument("--scheme", default=DEFAULT_SCHEME)
    parser.add_argument("--thorough", action="store_true")
    parser.add_argument("--epochs", type=int, help="in place of what the number of labels asks for")
    parser.add_argument("--unlabelled", action="store_true", help="other frames join")
    options = parser.parse_args()
    classes = Predictor.load(MODELS / "student").card.classes
    known, _ = relabel(read_samples(options.data), classes, ignore_unknown=True)
    samples = drawn(read_split(MODELS / "split.json").part(known, "test"), options.out / "frames")
    wrong = wrong_frames(samples, MODELS / "student")
    print(f"{sum(wrong)} of {len(samples)} frames in the other look are wrong", file=sys.stderr)
    runs = {
        count: [one_run(samples, wrong, count, seed, options) for seed in range(options.seeds)]
        for count in options.corrections
    }
    print(table(options.corrections, runs))


if __name__ == "__main__":
    main()
