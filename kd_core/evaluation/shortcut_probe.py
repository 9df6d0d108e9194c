"""Small models that try to read the class from what could be cheated on in an image.

The features are those of kd_core.evaluation.shortcut_views.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from kd_core.evaluation.group_scores import interval_scores
from kd_core.evaluation.intervals import RESAMPLES, Interval, bootstrap
from kd_core.evaluation.metrics import confusion_matrix, macro_f1
from kd_core.schema.errors import DataError

Numbers = NDArray[np.float64]
Labels = NDArray[np.int64]

#: Weight of the squared weights against the mean cross-entropy; the best of .001 to .3 for
#: MASKED_OUT on validation frames of Hyper-KVASIR. A hidden layer of 32 or 64 units read no more
#: from it there (accuracy .872 to .896 against .878), but more from GEOMETRY (.79 against .75):
#: what a probe reads is a lower bound of what can be read.
L2 = 0.01
#: With 19 a macro-F1 above all of them is reached by luck once in 20 (an exact permutation test at
#: 5 %).
SHUFFLES = 19


def fitted(features: Numbers, labels: Labels, l2: float = L2) -> Pipeline:
    """Multinomial logistic regression on standardised features (N, D), labels (N,) of 2 or more.

    The minimum of mean cross-entropy + l2 / 2 * sum(W ** 2) (Bishop 2006, 4.3.4). The bias is not
    penalised, so features that say nothing leave the class frequencies. The problem is convex and
    the search has no randomness.
    """
    classes = len(np.unique(labels))
    # scikit-learn weighs the sum of the losses, and of two classes it keeps one column of weights,
    # where the two of the formula are each half as large.
    weight = (2 if classes == 2 else 1) / (l2 * len(labels))
    model = Pipeline(
        [
            ("standardised", StandardScaler()),
            ("regression", LogisticRegression(C=weight, tol=1e-6, max_iter=1000)),
        ]
    )
    model.fit(features, labels)
    return model


def shuffled_labels(labels: Labels, groups: NDArray[Any], generator: np.random.Generator) -> Labels:
    """``labels`` (N,) dealt anew, group by group, to ``groups`` (N,).

    Near-copies stay nearly as alike as they were. Not only between groups of equal size: in
    Hyper-KVASIR the size of a group tells its class, and most labels would stay in place.
    """
    _, place = np.unique(groups, return_inverse=True)
    members = [np.flatnonzero(place == group) for group in range(int(place.max()) + 1)]
    giving, taking = (
        np.concatenate([members[group] for group in generator.permutation(len(members))])
        for _ in range(2)
    )
    dealt = np.empty_like(labels)
    dealt[taking] = labels[giving]
    return dealt


class Seen(NamedTuple):
    """Features (N, D) of one view, labels (N,) as class indices, and groups (N,).

    Of one part of the split.
    """

    features: Numbers
    labels: Labels
    groups: NDArray[Any]


class Probe(NamedTuple):
    """How well one view tells the class of held-out images.

    And what chance and shuffled labels reach. ``gain`` is the accuracy above ``chance_accuracy``
    (always the class most frequent in training). The shuffled scores are means over SHUFFLES
    trainings, ``shuffled_best`` is the highest macro-F1 of them.
    """

    accuracy: Interval
    macro_f1: Interval
    gain: Interval
    chance_accuracy: float
    chance_macro_f1: float
    shuffled_accuracy: float
    shuffled_macro_f1: float
    shuffled_best: float

    @property
    def better(self) -> bool:
        """Whether it is better than chance.

        Accuracy surely above the most frequent class, or macro-F1 above that of every shuffle.
        Either is enough: a class that is read but rare moves only the second. Two ways to be wrong
        make a false alarm (at most one in 13) likelier than a missed shortcut, on purpose.
        """
        return self.gain.low > 0 or self.macro_f1.value > self.shuffled_best

    @property
    def verdict(self) -> str:
        """What may be said of it."""
        if not self.better:
            return "no better than chance"
        surely = "" if self.gain.low > 0 else " by macro-F1, but by accuracy the gain may be 0"
        return f"reads the class better than chance{surely}"


def probe(train: Seen, test: Seen, seed: int, resamples: int = RESAMPLES) -> Probe:
    """Train on one part, score on the other; intervals at 95 % by resampled groups.

    Raises DataError where training holds fewer than two classes, or the test nothing.
    """
    classes = np.unique(train.labels)
    if len(classes) < 2 or not len(test.labels):
        raise DataError(
            "A probe needs two classes to train on and images to test.",
            "Give more images, or another split.",
        )
    truth = test.labels
    count = int(max(train.labels.max(), truth.max())) + 1

    def read(labels: Labels) -> Labels:
        return np.asarray(fitted(train.features, labels).predict(test.features), np.int64)

    def f1(predicted: Labels) -> float:
        return macro_f1(confusion_matrix(truth, predicted, count))

    predicted = read(train.labels)
    chance = np.full_like(truth, np.bincount(train.labels).argmax())
    generator = np.random.default_rng(seed)
    shuffled = [
        read(shuffled_labels(train.labels, train.groups, generator)) for _ in range(SHUFFLES)
    ]
    lucky = [f1(labels) for labels in shuffled]
    hit, default = predicted == truth, chance == truth
    intervals = interval_scores(predicted, truth, test.groups, count, seed, resamples)
    return Probe(
        accuracy=intervals["accuracy"],
        macro_f1=intervals["macro_f1"],
        gain=bootstrap(
            lambda rows: float(hit[rows].mean() - default[rows].mean()),
            test.groups,
            seed,
            resamples,
        ),
        chance_accuracy=float(default.mean()),
        chance_macro_f1=f1(chance),
        shuffled_accuracy=float(np.mean([(labels == truth).mean() for labels in shuffled])),
        shuffled_macro_f1=float(np.mean(lucky)),
        shuffled_best=max(lucky),
    )
