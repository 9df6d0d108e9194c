"""Rays from the phantom scope to the phantom wall, and the light that comes back."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from .cap import HALF, SIZE, Cap
from .noise import F32, smoothstep
from .scope import Pose
from .wall import COLS, ROWS_PER_UNIT, TAU, Wall

WIDTH, HEIGHT = 596, 556
"""The lens's field in pixels."""

POOL_LEVEL = 0.66
POOL_ZONES = ((1.6, 4.2), (5.0, 8.4))


@dataclass(frozen=True)
class Rays:
    """Directions of one grid of rays, and the scope's place."""

    dx: F32
    dy: F32
    dz: F32
    pose: Pose


@dataclass(frozen=True)
class Place:
    """Points in the colon: across it, along it, and in the wall's own coordinates."""

    x: F32
    y: F32
    z: F32
    r: F32
    theta: F32


def cast(pose: Pose, size: tuple[int, int]) -> Rays:
    """Directions for a wide lens (angle grows with distance from the middle)."""
    width, height = size
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = (x + 0.5 - width / 2) * (2 / width), (y + 0.5 - height / 2) * (2 / width)
    rho = np.sqrt(x * x + y * y) + 1e-6
    angle = rho * 1.05
    side = np.sin(angle) / rho
    dx, dy, dz = x * side, y * side, np.cos(angle)
    c, s = np.cos(pose.roll), np.sin(pose.roll)
    dx, dy = c * dx - s * dy, s * dx + c * dy
    c, s = np.cos(pose.yaw), np.sin(pose.yaw)
    dx, dz = c * dx + s * dz, -s * dx + c * dz
    c, s = np.cos(pose.pitch), np.sin(pose.pitch)
    dy, dz = c * dy + s * dz, -s * dy + c * dz
    return Rays(dx.astype(np.float32), dy.astype(np.float32), dz.astype(np.float32), pose)


def place(rays: Rays, t: F32) -> Place:
    """The points at distance `t`, with the colon's bend taken out."""
    pose = rays.pose
    depth = t * rays.dz
    square = depth * np.abs(depth)
    x = pose.x + t * rays.dx - np.float32(pose.bend_x) * square
    y = pose.y + t * rays.dy - np.float32(pose.bend_y) * square
    r, theta = cv2.cartToPolar(x, y)
    return Place(x, y, depth + np.float32(pose.along), r, theta)


def _on_wall(image: F32, at: Place) -> F32:
    """Sample a map of the wall."""
    return np.asarray(
        cv2.remap(
            image,
            at.theta * (COLS / TAU),
            at.z * ROWS_PER_UNIT - 0.5,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
    )


def _on_cap(image: F32, at: Place) -> F32:
    """Sample a map of the closed end."""
    scale = SIZE / (2 * HALF)
    return np.asarray(
        cv2.remap(
            image,
            (at.x + HALF) * scale,
            (at.y + HALF) * scale,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
    )


def _soft_min(a: F32, b: F32, width: float) -> F32:
    """The smaller of two, rounded where they meet."""
    h = np.clip(width - np.abs(a - b), 0, None) / np.float32(width)
    return np.asarray(np.minimum(a, b) - h * h * np.float32(width / 4))


def march(wall: Wall, cap: Cap, rays: Rays, t: F32, steps: int, pace: float) -> F32:
    """Walk the rays forward until they meet the wall or the closed end."""
    first = max(0, int((rays.pose.along - 1) * ROWS_PER_UNIT))
    near = Wall(wall.radius[first : first + 16 * ROWS_PER_UNIT], wall.slopes, wall.paint)
    shift = np.float32(first / ROWS_PER_UNIT)
    floor = rays.pose.along > 38
    for _ in range(steps):
        at = place(rays, t)
        local = Place(at.x, at.y, at.z - shift, at.r, at.theta)
        gap = _on_wall(near.radius, local) - at.r
        if floor:
            gap = _soft_min(gap, (_on_cap(cap.depth, at) - at.z) * 0.8, 0.22)
        t = np.clip(t + np.float32(pace) * gap, 0.02, 14.0)
    return t


def hit(wall: Wall, cap: Cap, pose: Pose) -> tuple[Rays, F32]:
    """Distances for the full grid: a coarse walk, then a fine one from a little before."""
    coarse = cast(pose, (WIDTH // 2, HEIGHT // 2))
    t = march(wall, cap, coarse, np.full(coarse.dz.shape, 0.05, np.float32), 26, 0.62)
    t = cv2.erode(t, np.ones((3, 3), np.uint8)) * np.float32(0.985)
    fine = cast(pose, (WIDTH, HEIGHT))
    return fine, march(wall, cap, fine, np.asarray(cv2.resize(t, (WIDTH, HEIGHT))), 4, 0.7)


def surface(wall: Wall, cap: Cap, at: Place) -> tuple[F32, F32, F32]:
    """Normals without and with the wet ripple, and paint, at the points met."""
    slopes, paint = _on_wall(wall.slopes, at), _on_wall(wall.paint, at)
    r = np.maximum(at.r, 0.05)
    cx, cy = at.x / r, at.y / r
    normals = []
    for pair in (0, 2):
        around = (slopes[..., 0] + (slopes[..., 2] if pair else 0)) / r
        along = slopes[..., 1] + (slopes[..., 3] if pair else 0)
        normals.append(np.dstack([-around * cy - cx, around * cx - cy, along]))
    if float(at.z.max()) > 46.0:
        depth, tilt, floor = _on_cap(cap.depth, at), _on_cap(cap.slopes, at), _on_cap(cap.paint, at)
        share = smoothstep(-0.13, 0.13, (at.z - depth) * 0.8 + _on_wall(wall.radius, at) - at.r)[
            ..., None
        ]
        for index in (0, 1):
            flat = np.dstack(
                [
                    tilt[..., 0] + index * tilt[..., 2],
                    tilt[..., 1] + index * tilt[..., 3],
                    np.full(r.shape, -1, np.float32),
                ]
            )
            normals[index] = normals[index] + share * (flat - normals[index])
        paint = paint + share * (floor - paint)
    plain, wet = (n / np.sqrt((n * n).sum(axis=2, keepdims=True)) for n in normals)
    return plain.astype(np.float32), wet.astype(np.float32), paint


def fluid(rays: Rays, t: F32, frame: int) -> tuple[F32, F32, F32]:
    """The pools: where a ray meets the level, how opaque the pool is there, and the rippled
    surface's slope.
    """
    pose = rays.pose
    reach = np.where(rays.dy > 0.02, (POOL_LEVEL - pose.y) / np.maximum(rays.dy, 0.02), 99).astype(
        np.float32
    )
    z = pose.along + reach * rays.dz
    cover = np.zeros_like(t)
    for start, stop in POOL_ZONES:
        cover = np.maximum(
            cover, smoothstep(start, start + 1.0, z) * (1 - smoothstep(stop - 1.0, stop, z))
        )
    x = pose.x + reach * rays.dx
    cover = cover * smoothstep(0.0, 0.22, t - reach)
    ripple = 0.05 * np.sin(9 * x + 6 * z + 0.21 * frame) + 0.04 * np.sin(
        17 * z - 8 * x - 0.27 * frame
    )
    return np.minimum(reach, 14).astype(np.float32), cover, ripple.astype(np.float32)


def _glint(normal: F32, towards: F32, power: float) -> F32:
    """The mirror part of the light for one lamp."""
    return np.asarray(np.clip((normal * towards).sum(axis=2), 0, 1) ** power, dtype=np.float32)


def light(wall: Wall, cap: Cap, pose: Pose, frame: int) -> F32:
    """One image from the lens, red-green-blue from 0 to 1, before the camera's own faults."""
    rays, t = hit(wall, cap, pose)
    plain, wet, paint = surface(wall, cap, place(rays, t))
    colour, gloss = paint[..., :3], paint[..., 3]
    reach, cover, ripple = fluid(rays, t, frame)
    if float(cover.max()) > 0:
        up = np.dstack([ripple, -np.ones_like(ripple), ripple * 0.7])
        share = cover[..., None]
        plain = np.asarray(plain + share * (up - plain), np.float32)
        wet = np.asarray(wet + share * (up - wet), np.float32)
        colour = colour + 0.72 * share * (np.array([0.62, 0.34, 0.10], np.float32) - colour)
        t, gloss = t + cover * (reach - t), gloss + cover * (1.3 - gloss)
    back = -np.dstack([rays.dx, rays.dy, rays.dz])
    facing = np.clip((plain * back).sum(axis=2), 0, 1)
    fall = 1.0 / (0.35 + 0.85 * t**1.75)
    shade = ((0.52 + 0.62 * facing) * fall**1.12)[..., None]
    exposure = 1.62 / (0.36 + float(np.mean(shade[::4, ::4])))
    lit = colour * shade * np.float32(exposure)
    lit *= 1.0 + np.array([0.07, -0.01, -0.05], np.float32) / (0.35 + shade)
    sparkle = np.zeros_like(t)
    for side in (-0.10, 0.10):
        lamp = (
            back
            + np.array([side * np.cos(pose.roll), side * np.sin(pose.roll), 0], np.float32)
            / np.maximum(t, 0.3)[..., None]
        )
        half = lamp + back
        half /= np.sqrt((half * half).sum(axis=2, keepdims=True))
        sparkle += _glint(wet, half.astype(np.float32), 90.0)
    sparkle = smoothstep(0.30, 0.95, sparkle * gloss * np.minimum(fall * 1.5, 1.1))
    toned = cv2.GaussianBlur((1.0 - np.exp(-1.3 * lit)).astype(np.float32), (0, 0), 0.8)
    return np.asarray(
        toned + sparkle[..., None] * (np.array([1.0, 0.99, 0.95], np.float32) - toned),
        dtype=np.float32,
    )
