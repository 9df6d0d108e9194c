"""The review list: all frames of a procedure, sorted, filtered, with small images."""
