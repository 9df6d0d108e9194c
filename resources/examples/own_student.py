"""A student of your own: any module that gives logits and features, known by a name.

Usage: python own_student.py DATA OUT
"""

import sys

from torch import Tensor, nn

import kd_core
from kd_core.models.registry import register_student


@register_student("two-convolutions")
class TwoConvolutions(nn.Module):
    """(N, 3, S, S) -> logits (N, C) and features (N, 24, S/8, S/8)."""

    def __init__(self, class_count: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 12, 3, stride=4, padding=1),
            nn.ReLU(),
            nn.Conv2d(12, 24, 3, stride=2, padding=1),
            nn.ReLU(),
        )
        # A linear layer over the mean of the features makes the live heat map exact.
        self.head = nn.Linear(24, class_count)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """See the class."""
        features = self.body(images)
        return self.head(features.mean(dim=(2, 3))), features


if __name__ == "__main__":
    data, out = sys.argv[1:3]
    print(kd_core.train_student(data, out, student=TwoConvolutions, on_event=print).sentence)
    print(kd_core.load_model(out).card.architecture)
