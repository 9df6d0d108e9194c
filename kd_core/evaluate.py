"""How good a classifier is, as numbers. Every function is plain numpy; tests hold them against loops written from the definitions."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

ECE_BINS = 15


def confusion_matrix(truth: NDArray[np.integer[Any]], predicted: NDArray[np.integer[Any]], class_count: int) -> NDArray[np.int64]:
    """(N,), (N,) class indices -> (C, C) counts, rows are the truth."""
    table = np.zeros((class_count, class_count), np.int64)
    np.add.at(table, (truth, predicted), 1)
    return table


def matthews(confusion: NDArray[np.int64]) -> float:
    """Multiclass Matthews correlation R_K (Gorodkin 2004); 0 where it is undefined (all in one class)."""
    counts = confusion.astype(np.float64)
    total, right = counts.sum(), np.trace(counts)
    true, predicted = counts.sum(axis=1), counts.sum(axis=0)
    below = np.sqrt((total**2 - (predicted**2).sum()) * (total**2 - (true**2).sum()))
    return float((right * total - (true * predicted).sum()) / below) if below > 0 else 0.0


def calibration_error(probabilities: NDArray[np.floating[Any]], truth: NDArray[np.integer[Any]], bins: int = ECE_BINS) -> float:
    """Expected calibration error (Guo et al. 2017, eq. 3): bins of equal width over the top probability, gap weighted by share."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    gaps = [abs(float(right[place == b].mean()) - float(confidence[place == b].mean())) * float((place == b).mean()) for b in set(place)]
    return float(sum(gaps))


def per_class(confusion: NDArray[np.int64], classes: tuple[str, ...]) -> dict[str, dict[str, float]]:
    """Precision, recall, F1 and support; a ratio with nothing below is 0."""
    rows = {}
    for index, name in enumerate(classes):
        hit = float(confusion[index, index])
        called, support = float(confusion[:, index].sum()), float(confusion[index].sum())
        precision = hit / called if called else 0.0
        recall = hit / support if support else 0.0
        f1 = 2 * hit / (called + support) if called + support else 0.0
        rows[name] = {"precision": precision, "recall": recall, "f1": f1, "support": int(support)}
    return rows


def scores(probabilities: NDArray[np.floating[Any]], truth: NDArray[np.integer[Any]], classes: tuple[str, ...]) -> dict[str, Any]:
    """(N, C) probabilities and (N,) truth -> n, accuracy, macro_f1 (over classes with support), mcc, ece, per_class, confusion."""
    confusion = confusion_matrix(truth, probabilities.argmax(axis=1), len(classes))
    table = per_class(confusion, classes)
    present = [row["f1"] for row in table.values() if row["support"]]
    return {
        "n": int(confusion.sum()),
        "accuracy": float(np.trace(confusion) / max(1, confusion.sum())),
        "macro_f1": float(np.mean(present)) if present else 0.0,
        "mcc": matthews(confusion),
        "ece": calibration_error(probabilities, truth),
        "per_class": table,
        "confusion": confusion.tolist(),
    }


def fit_temperature(logits: NDArray[np.floating[Any]], truth: NDArray[np.integer[Any]]) -> float:
    """The temperature in 0.25..8 that minimises the mean negative log-likelihood (Guo et al. 2017), by golden-section search on log T."""

    def loss(log_temperature: float) -> float:
        scaled = logits.astype(np.float64) / np.exp(log_temperature)
        scaled -= scaled.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(truth)), truth]))

    low, high, ratio = float(np.log(0.25)), float(np.log(8.0)), (5**0.5 - 1) / 2
    for _ in range(60):
        left, right = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, right) if loss(left) < loss(right) else (left, high)
    return float(np.exp((low + high) / 2))
