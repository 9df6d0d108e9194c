"""The reader's labels: given by keys, seen everywhere, taken back without limit."""
