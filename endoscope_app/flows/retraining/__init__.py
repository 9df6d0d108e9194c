"""Retraining: from the labels of the library to a candidate that the reader may promote."""
