"""Recorded procedures as exact frames: video through PyAV, or a folder of stills. No Qt here."""
