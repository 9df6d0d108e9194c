"""The command that trains a new model."""

from endoscope_app.base.command import Command

RETRAIN = Command(
    "&Model",
    "&Retrain...",
    ("Ctrl+T",),
    "Train a better model from your labels, and compare it with the one in use",
)
