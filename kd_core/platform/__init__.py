"""The machine and its libraries, made to behave."""
