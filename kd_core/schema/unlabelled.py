"""Unlabelled frames of a reader's procedures: what the application writes and the trainer reads."""

from __future__ import annotations

#: The table of them, and its columns: frames in time, neighbours of the same moment together.
UNLABELLED_NAME = "unlabelled.csv"
COLUMNS = ("file", "group", "moment")
#: Most frames that are learnt so: more would cost minutes, not seconds.
MOST_MOMENTS = 200
