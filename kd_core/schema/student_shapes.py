"""Names of the built-in students' shapes, as cards and options say them."""

from __future__ import annotations

#: What was shipped first.
PLAIN = "student-dws-32-48-64-64-160-160-s16"
#: Deeper and narrower, with residuals; trained with branches that fold away.
RESIDUAL = "student-res-32-64-80-160-s16"
#: The first is what is trained unless another is named.
STUDENTS = (RESIDUAL, PLAIN)
