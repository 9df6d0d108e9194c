"""Commands of erasure."""

from endoscope_app.base.command import Command

FORGET_PATIENT = Command(
    "&Worklist",
    "&Forget this patient...",
    (),
    "Erase everything that is kept of the patient of the chosen procedure",
)
