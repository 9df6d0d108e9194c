"""Draw the phantom clip and write down the truth of each of its frames.

A synthetic colonoscopy: a colon made of seeded noise, seen by rays. It shows no patient, and no
recording of one is in it. Redraw with: python resources/demo/draw_phantom.py
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from phantom.cap import Cap, build_cap
from phantom.findings import build_wall
from phantom.noise import F32
from phantom.recording import FRAME_HEIGHT, FRAME_WIDTH, field_mask, outside, record
from phantom.render import light
from phantom.scope import FPS, FRAMES, SHOTS, label_of, pose_at, shots_of
from phantom.wall import Wall

SEED = 20240611
KEYFRAME_S = 2


@cache
def scene() -> tuple[Wall, Cap, F32]:
    """The colon, its closed end and the lens's field, built once in each process."""
    cv2.setNumThreads(1)
    return build_wall(SEED), build_cap(SEED + 1), field_mask()


def see(shot: int, frame: int) -> F32:
    """The light of one shot in one frame."""
    wall, cap, _ = scene()
    return outside(frame) if shot == len(SHOTS) else light(wall, cap, pose_at(shot, frame), frame)


def draw(frame: int) -> NDArray[np.uint8]:
    """One whole frame; where two shots meet, both blurred red as when the lens touches the wall."""
    parts = shots_of(frame)
    total = np.sum([share * see(shot, frame) for shot, share in parts], axis=0, dtype=np.float32)
    if len(parts) > 1:
        touch = 4 * parts[0][1] * parts[1][1]
        soft = cv2.GaussianBlur(total, (0, 0), 1 + 14 * touch)
        total = soft + 0.55 * np.float32(touch) * (np.array([0.82, 0.27, 0.16], np.float32) - soft)
    return record(np.asarray(total, np.float32), scene()[2], frame, SEED)


def encode(path: Path, frames: range, workers: int, crf: int) -> None:
    """Draw the frames and write them as H.264 with B-frames, a little of each frame lingering
    in the next.
    """
    scene()
    with av.open(str(path), "w", options={"movflags": "faststart"}) as box:
        stream = box.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = FRAME_WIDTH, FRAME_HEIGHT, "yuv420p"
        stream.time_base = Fraction(1, FPS)
        stream.gop_size = KEYFRAME_S * FPS
        stream.options = {
            "crf": str(crf),
            "preset": "slow",
            "bf": "3",
            "sc_threshold": "0",
            "threads": "1",
        }
        before: NDArray[np.uint8] | None = None
        with multiprocessing.get_context("fork").Pool(workers) as pool:
            for index, image in enumerate(pool.imap(draw, frames, chunksize=4)):
                shown = image.copy()
                if before is not None:
                    shown[:, 116:] = cv2.addWeighted(image, 0.78, before, 0.22, 0)[:, 116:]
                before = image
                frame = av.VideoFrame.from_ndarray(shown, format="rgb24")
                frame.pts, frame.time_base = index, Fraction(1, FPS)
                box.mux(stream.encode(frame))
        box.mux(stream.encode(None))


def write_truth(path: Path, frames: range) -> None:
    """The label of each frame, one line each."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("frame", "label"))
        writer.writerows((index, label_of(frame)) for index, frame in enumerate(frames))


def main() -> None:
    """Read the command line and draw."""
    here = Path(__file__).resolve().parent
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reader.add_argument(
        "--out",
        type=Path,
        default=here / "phantom.mp4",
        help="the clip; its truth goes beside it as NAME_frames.csv",
    )
    reader.add_argument(
        "--frames", type=int, default=FRAMES, help="how many frames to draw from the start"
    )
    reader.add_argument("--workers", type=int, default=2)
    reader.add_argument("--crf", type=int, default=26, help="higher is smaller and coarser")
    wanted = reader.parse_args()
    frames = range(min(wanted.frames, FRAMES))
    encode(wanted.out, frames, wanted.workers, wanted.crf)
    write_truth(wanted.out.with_name(f"{wanted.out.stem}_frames.csv"), frames)


if __name__ == "__main__":
    main()
