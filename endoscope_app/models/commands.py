"""Commands about the models that are kept."""

from endoscope_app.base.command import Command

MODELS = Command(
    "&Model", "&Models...", (), "Promote, roll back, rename, export, import, delete models"
)
ABOUT_MODEL = Command("&Help", "About this &model...", (), "The model's card")
