"""Read what a model is, what it was made from and how good it is.

Usage: python read_card.py MODEL
"""

import sys
from pathlib import Path

from kd_core.schema.model_card import read_card

card = read_card(Path(sys.argv[1]))
print(card.name, card.version, card.architecture)
print("classes:", ", ".join(card.classes))
for part, scores in card.scores.items():
    print(f"{part}: accuracy {scores.accuracy:.3f} on {scores.n} images")
print("not for:", card.not_for)
