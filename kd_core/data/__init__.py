"""Images with labels: read, split, augmented, cached."""
