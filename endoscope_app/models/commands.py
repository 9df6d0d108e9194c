"""Commands about the models that are kept."""

from endoscope_app.base.command import Command

MODELS = Command(
    "&Model", "&Models...", (), "Choose the model in use; rename, export, import and delete models"
)
ABOUT_MODEL = Command(
    "&Help",
    "About this &model...",
    (),
    "What the model in use is, and what it must not be used for",
)
