"""The student, and how it is built."""
