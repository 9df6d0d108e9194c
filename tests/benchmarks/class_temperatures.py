"""Does a temperature per class calibrate better than one? Asked on validation, folds by group.

    python -m tests.benchmarks.class_temperatures --data ../shared/data/hyperkvasir-lower-gi

Fitted on four fifths of the groups and judged on the fifth, in turn, over several drawings of the
folds; for every shipped model. Prints a table in Markdown. The test part stays closed.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kd_core.api.loading import load_model
from kd_core.api.predictions import chosen_samples
from kd_core.data.image_files import read_rgb
from kd_core.evaluation.calibration import calibration_error, fit_temperature
from kd_core.vision.head_probabilities import softmax
from tests.places import SHIPPED_MODELS

FOLDS, DRAWINGS = 5, 10
#: Of a class that fewer images of a fold are called, the common temperature is taken.
FEWEST = 15
Array = NDArray[np.float64]
Fit = Callable[[Array, NDArray[np.int64]], Array]


def common(logits: Array, truth: NDArray[np.int64]) -> Array:
    """One temperature for all classes (C,)."""
    return np.full(logits.shape[1], fit_temperature(logits, truth))


def by_class(logits: Array, truth: NDArray[np.int64]) -> Array:
    """A temperature (C,) of the images that are called each class."""
    made, called = common(logits, truth), logits.argmax(axis=1)
    for index in range(logits.shape[1]):
        own = called == index
        if own.sum() >= FEWEST:
            made[index] = fit_temperature(logits[own], truth[own])
    return made


def judged(fit: Fit, logits: Array, truth: NDArray[np.int64], groups: NDArray[np.str_]) -> Array:
    """Negative log-likelihood and calibration error of what was not fitted on, in the mean."""
    found = []
    names = np.unique(groups)
    for seed in range(DRAWINGS):
        fold = dict(
            zip(np.random.default_rng(seed).permutation(names), range(len(names)), strict=True)
        )
        here = np.array([fold[name] % FOLDS for name in groups])
        probabilities = np.empty_like(logits)
        for number in range(FOLDS):
            out = here == number
            temperatures = fit(logits[~out], truth[~out])
            own = temperatures[logits[out].argmax(axis=1)]
            probabilities[out] = softmax((logits[out] / own[:, None]).astype(np.float32))
        likely = probabilities[np.arange(len(truth)), truth]
        found.append(
            (-np.log(np.maximum(likely, 1e-12)).mean(), calibration_error(probabilities, truth))
        )
    return np.asarray(np.mean(found, axis=0), np.float64)


def main() -> None:
    """A row for every model and way."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    options = parser.parse_args()
    print("| model | temperature | -log p | calibration error | fitted on all |")
    print("|---|---|---|---|---|")
    for folder in (SHIPPED_MODELS / "student", *sorted((SHIPPED_MODELS / "teachers").iterdir())):
        model = load_model(folder)
        classes = model.card.classes
        samples, _ = chosen_samples(
            options.data, classes, SHIPPED_MODELS / "split.json", "val", ignore_unknown=True
        )
        rows = [model.predict([read_rgb(Path(one.path))])[0].probabilities for one in samples]
        # Logits but for what is the same for all classes
        logits = (
            np.log(np.maximum(np.stack(rows), 1e-30)).astype(np.float64) * model.card.temperature
        )
        truth = np.array([classes.index(one.label) for one in samples])
        groups = np.array([one.group for one in samples])
        for name, fit in (("one", common), ("per class", by_class)):
            likelihood, error = judged(fit, logits, truth, groups)
            told = ", ".join(f"{value:.2f}" for value in np.unique(fit(logits, truth)))
            print(
                f"| {folder.name} | {name} | {likelihood:.4f} | {error:.4f} | {told} |", flush=True
            )


if __name__ == "__main__":
    main()
