"""How good a model is, how sure, and where it looks."""
