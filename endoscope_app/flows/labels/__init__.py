"""What the reader says of frames: capture, writing, showing, reviewing, carrying in and out."""
