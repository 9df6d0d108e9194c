"""The two-level timeline: the model's strips, the reader's lanes, seeking and marking."""
