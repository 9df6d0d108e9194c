"""Names of the files in a model folder, and of files that are never opened as models."""

from __future__ import annotations

CARD_NAME = "card.json"
#: The card as a page for people.
MARKDOWN_NAME = "card.md"
#: Who made the model, and that nothing in its folder has changed since; not of every model.
SIGNATURE_NAME = "signature.json"
#: A student: what training starts from, and what the application runs.
WEIGHTS_NAME, ONNX_NAME = "student.safetensors", "student.onnx"
TEACHER_WEIGHTS_NAME = "teacher.safetensors"
#: Short digests of the images that a student has learnt from.
SEEN_NAME = "seen.safetensors"
#: Latents that retraining replays, beside the model folders.
REPLAY_NAME = "replay.safetensors"
#: The student has 0.2 MB, a teacher some 20.
LARGEST_WEIGHTS = 512 << 20
_PICKLE_SUFFIXES = (".pt", ".pth", ".pkl", ".pickle", ".bin", ".ckpt")


def is_pickle(name: str) -> bool:
    """Whether a file of this name is a pickle, which can run any program when it is opened."""
    return name.casefold().endswith(_PICKLE_SUFFIXES)
