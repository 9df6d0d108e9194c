"""Classify a recorded video from Python: once per second, without torch.

Usage: python classify_video.py MODEL VIDEO
"""

import sys
from pathlib import Path

import av
import numpy as np

import kd_core

EVERY_SECONDS = 1.0

predictor = kd_core.Predictor.load(Path(sys.argv[1]))
classes = predictor.card.classes
with av.open(sys.argv[2]) as container:
    due = 0.0
    for frame in container.decode(video=0):
        if frame.time is None or frame.time < due:
            continue
        due = frame.time + EVERY_SECONDS
        image = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
        probabilities = predictor.predict([image])[0].probabilities
        best = int(probabilities.argmax())
        sure = probabilities[best] >= predictor.card.threshold(classes[best])
        name = classes[best] if sure else "unsure"
        print(f"{frame.time:8.2f} s  {name} {probabilities[best]:.2f}")
