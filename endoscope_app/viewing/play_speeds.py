"""The speeds that keys choose from, as multiples of the recorded speed. No Qt."""

from __future__ import annotations

SPEEDS = (0.25, 0.5, 1.0, 1.5, 2.0, 4.0, 8.0)
FASTEST_SHUTTLE = 8.0


def neighbour(speed: float, by: int) -> float:
    """``by`` steps faster, or slower where that is negative, than the nearest of SPEEDS."""
    nearest = min(range(len(SPEEDS)), key=lambda place: abs(SPEEDS[place] - speed))
    return SPEEDS[min(max(nearest + by, 0), len(SPEEDS) - 1)]


def shuttled(signed_speed: float, direction: float, chosen: float) -> float:
    """What J (-1) or L (1) makes of a speed: twice as fast in its own direction, else the speed
    that the reader has chosen.
    """
    same = signed_speed * direction > 0
    return direction * (min(abs(signed_speed) * 2, FASTEST_SHUTTLE) if same else chosen)
