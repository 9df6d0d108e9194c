"""Where the phantom scope is and where it looks, for every frame, and which section each frame
belongs to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

FPS = 25
FRAMES = 1000
SECTIONS: tuple[tuple[int, str], ...] = (
    (0, "bbps-0-1"),
    (150, "impacted-stool"),
    (275, "ulcerative-colitis"),
    (425, "cecum"),
    (550, "bbps-2-3"),
    (675, "polyps"),
    (775, "bbps-2-3"),
    (850, "polyps"),
    (950, "other"),
)

FADE = 7
"""Half the length of a blend between two shots, in frames."""

# Each shot: its first and last frame, and its keys (frame, along, x, y, yaw, pitch, roll, bend x,
# bend y).
Key = tuple[float, float, float, float, float, float, float, float, float]
SHOTS: tuple[tuple[int, int, tuple[Key, ...]], ...] = (
    (
        0,
        275,
        (
            (0, 1.0, 0.05, -0.15, 0.10, 0.10, 0.0, 0.010, 0.010),
            (70, 3.4, -0.12, -0.20, -0.14, 0.16, 0.2, -0.020, 0.012),
            (140, 5.9, 0.10, -0.22, 0.08, 0.05, 0.1, 0.015, -0.010),
            (200, 7.15, 0.02, -0.16, -0.04, 0.06, -0.1, 0.010, 0.000),
            (245, 7.45, -0.08, -0.12, 0.10, 0.12, -0.2, 0.005, 0.010),
            (285, 7.3, 0.00, -0.15, 0.22, 0.02, -0.1, 0.000, 0.000),
        ),
    ),
    (
        275,
        425,
        (
            (265, 16.4, -0.1, 0.05, -0.25, -0.05, 0.3, 0.02, 0.02),
            (330, 18.2, 0.22, 0.14, 0.38, 0.20, 0.5, -0.05, 0.05),
            (380, 19.6, -0.16, -0.16, -0.40, -0.10, 0.4, 0.06, 0.03),
            (435, 21.3, 0.10, 0.05, 0.10, -0.15, 0.2, 0.02, -0.02),
        ),
    ),
    (
        425,
        950,
        (
            (415, 45.7, -0.10, 0.0, 0.10, 0.05, -0.2, 0.0, 0.0),
            (490, 46.62, -0.08, 0.02, 0.12, 0.06, 0.1, 0.0, 0.0),
            (525, 46.5, 0.08, 0.05, -0.04, -0.02, 0.2, 0.0, 0.0),
            (555, 45.3, 0.02, 0.0, -0.02, 0.02, 0.1, 0.01, 0.01),
            (605, 42.4, -0.16, 0.12, -0.26, 0.16, -0.2, 0.05, -0.04),
            (655, 38.6, 0.10, -0.08, 0.14, -0.10, 0.0, -0.02, 0.02),
            (685, 36.6, -0.10, -0.05, 0.16, 0.12, 0.1, -0.01, 0.01),
            (735, 37.33, -0.12, -0.08, 0.46, 0.30, 0.2, 0.00, 0.00),
            (762, 36.8, -0.10, -0.02, 0.20, 0.14, 0.2, 0.00, 0.00),
            (785, 34.9, 0.05, 0.05, -0.10, -0.06, 0.0, -0.02, -0.02),
            (815, 33.2, 0.14, 0.10, -0.26, 0.12, -0.2, -0.05, 0.04),
            (846, 30.6, 0.05, 0.02, 0.05, -0.08, -0.1, 0.01, 0.01),
            (870, 29.65, 0.10, 0.06, -0.16, -0.08, 0.0, 0.00, 0.00),
            (920, 30.36, 0.08, 0.03, -0.46, -0.24, 0.1, 0.00, 0.00),
            (960, 29.7, 0.10, 0.02, -0.16, -0.05, 0.2, 0.00, 0.00),
        ),
    ),
)


@dataclass(frozen=True)
class Pose:
    """One placing of the scope."""

    along: float
    x: float
    y: float
    yaw: float
    pitch: float
    roll: float
    bend_x: float
    bend_y: float


def label_of(frame: int) -> str:
    """The truth of one frame."""
    return [name for start, name in SECTIONS if start <= frame][-1]


def pose_at(shot: int, frame: int) -> Pose:
    """The scope's place in one shot: keys joined smoothly, with a hand's drift and tremor on
    top.
    """
    keys = np.array(SHOTS[shot][2])
    steps = np.linspace(-18, 18, 19)
    weight = np.exp(-0.5 * (steps / 8.0) ** 2)
    weight /= weight.sum()
    values = [
        float(np.interp(frame + steps, keys[:, 0], keys[:, column]) @ weight)
        for column in range(1, 9)
    ]
    t = frame / FPS
    values[0] += 0.07 * np.sin(1.9 * t) + 0.03 * np.sin(4.1 * t + 1)
    values[1] += 0.035 * np.sin(1.3 * t + shot) + 0.008 * np.sin(7.3 * t)
    values[2] += 0.035 * np.sin(1.7 * t + 2) + 0.008 * np.sin(6.1 * t + 1)
    values[3] += 0.10 * np.sin(0.9 * t + 1) + 0.012 * np.sin(5.3 * t) + 0.004 * np.sin(17 * t)
    values[4] += (
        0.08 * np.sin(1.1 * t + 2) + 0.012 * np.sin(4.7 * t + 1) + 0.004 * np.sin(15 * t + 1)
    )
    values[5] += 0.10 * np.sin(0.6 * t)
    return Pose(*(float(value) for value in values))


def shots_of(frame: int) -> list[tuple[int, float]]:
    """Which shots show in a frame and how strongly; the last number after the shots stands for
    the end scene.
    """
    cuts = [first for first, _, _ in SHOTS[1:]] + [SECTIONS[-1][0]]
    for index, cut in enumerate(cuts):
        if abs(frame - cut) < FADE:
            share = (frame - cut + FADE) / (2 * FADE)
            share = share * share * (3 - 2 * share)
            return [(index, 1 - share), (index + 1, share)]
    return [(sum(frame >= cut for cut in cuts), 1.0)]
