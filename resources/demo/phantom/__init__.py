"""The parts of the phantom: a colon that exists nowhere, drawn by arithmetic.

No recording of a patient enters it.
"""
