"""A better student from a reader's labels, proved on procedures that were held out, without
forgetting what was known.
"""
