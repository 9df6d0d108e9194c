"""A better student from a reader's labels, without forgetting what was known.

The evidence for it comes from procedures that no model learns from.
"""
