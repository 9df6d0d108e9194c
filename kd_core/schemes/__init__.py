"""How a student is taught.

Parts turn outputs of student and teachers into NAMED losses, and the scheme weighs them.
"""
