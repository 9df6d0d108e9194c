"""How good a classifier is, how sure that is, where it looks, and whether it could cheat."""
