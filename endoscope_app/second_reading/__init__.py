"""A procedure read twice: a blind second reading, how well the two agree, and what counts where
they differ.
"""
