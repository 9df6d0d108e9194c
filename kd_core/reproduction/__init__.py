"""The paper's table over seeds, and searches on validation."""
