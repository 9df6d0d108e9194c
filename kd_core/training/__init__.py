"""From labelled data to a trained model.

The loop, its state on disk, several processes, and whole runs.
"""
