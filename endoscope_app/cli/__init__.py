"""What the command does without the window, and measurements."""
