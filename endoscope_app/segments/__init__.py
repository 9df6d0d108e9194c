"""The procedure reviewed segment by segment: found, decided, described, and kept."""
