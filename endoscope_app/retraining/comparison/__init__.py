"""Candidate and model in use side by side, and what becomes of the candidate."""
