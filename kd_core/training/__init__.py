"""From labelled data to a trained model: the loop, its state on disk, several processes, and
whole runs.
"""
