"""Attacks on everything that reads a file: see README, "pytest -m hostile"."""
