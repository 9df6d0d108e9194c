"""How a student is taught: parts that turn outputs of student and teachers into NAMED losses,
and the scheme that weighs them.
"""
