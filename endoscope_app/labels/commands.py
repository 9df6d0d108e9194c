"""Commands that give, change and review labels."""

from endoscope_app.base.command import Command

#: The keys of the classes, in the order in which classes get them.
DIGITS = "1234567890"
CLASS_KEYS = tuple(
    Command("&Labels", f"Class on key &{digit}", (digit,), f"Class on key {digit}")
    for digit in DIGITS
)
UNDO = Command(
    "&Edit",
    "&Undo",
    ("Ctrl+Z",),
    "Undo the last act on this procedure, without limit, also after a restart",
    repeats=True,
)
REDO = Command(
    "&Edit",
    "&Redo",
    ("Ctrl+Shift+Z", "Ctrl+Y"),
    "Do again what was undone on this procedure",
    repeats=True,
)
UNDO_CLASSES = Command(
    "&Edit",
    "Undo &class change",
    (),
    "Undo the last change of the classes, in all procedures",
    begins=True,
)
REDO_CLASSES = Command(
    "&Edit", "Redo class c&hange", (), "Do again the change of the classes that was undone"
)
AGREE = Command(
    "&Labels",
    "&Reviewed: the model is right",
    ("R",),
    "Reviewed: the model is right about this frame",
    begins=True,
)
UNUSABLE = Command(
    "&Labels",
    "None of these",
    ("X",),
    "None of these classes: the model is taught to be unsure here",
)
CLEAR_LABEL = Command(
    "&Labels",
    "Clear the label here",
    ("Del",),
    "Take off the frame's label; without one, the range around it",
)
MARK_IN = Command(
    "&Labels", "Range: first frame", ("I",), "Mark the first frame of a range", begins=True
)
MARK_OUT = Command("&Labels", "Range: last frame", ("O",), "Mark the last frame of a range")
LABEL_RANGE = Command(
    "&Labels",
    "Label the marked range",
    ("Return", "Enter"),
    "Give the marked range the class that was given last",
)
DROP_MARK = Command("&Labels", "Drop the marked range", ("Esc",), "Drop the marked range")
PREVIOUS_LABEL = Command(
    "&Labels", "Previous label", (",",), "Previous labelled frame", repeats=True, begins=True
)
NEXT_LABEL = Command("&Labels", "Next label", (".",), "Next labelled frame", repeats=True)
PREVIOUS_DIFFERING_OR_UNSURE = Command(
    "&Labels",
    "Previous disagreement or unsure frame",
    ("Shift+P",),
    "Previous frame worth a look",
    repeats=True,
)
NEXT_DIFFERING_OR_UNSURE = Command(
    "&Labels",
    "Next disagreement or unsure frame",
    ("Shift+N",),
    "Next frame worth a look",
    repeats=True,
)
REVIEW_LIST = Command(
    "&Labels",
    "Review &list...",
    ("Ctrl+L",),
    "All frames by class, state and confidence",
    begins=True,
)
LABEL_ERRORS = Command(
    "&Labels",
    "&Find label errors...",
    (),
    "Labels that the model and all reference models contradict",
)
REMOVE_LOST = Command(
    "&Labels",
    "Remove labels without a frame",
    (),
    "Delete labels that belong to no frame of this procedure",
)
STATISTICS = Command(
    "&Labels", "&Statistics...", (), "How much is labelled, agreement with the model, time spent"
)
CLASSES = Command(
    "&Labels", "&Classes...", (), "Add, rename, merge, recolour, retire classes", begins=True
)
PATIENTS = Command(
    "&Labels", "&Patients...", (), "Which procedures are of one patient, by pseudonyms"
)
IMPORT_LABELS = Command(
    "&Labels", "&Import labels...", (), "Read labels from a file, with a preview", begins=True
)
EXPORT_LABELS = Command(
    "&Labels", "&Export labels...", (), "Write labels to a file or to class folders"
)
EXPORT_HISTORY = Command(
    "&Labels",
    "Export the &history...",
    (),
    "Who labelled what, when, and what the model said, as CSV",
)
BACK_UP_LABELS = Command("&Labels", "&Back up labels...", (), "One consistent file of all labels")
RESTORE_LABELS = Command(
    "&Labels",
    "Restore labels...",
    (),
    "Go back to one of the backups that the program makes by itself",
)
READER = Command(
    "&Labels", "Reader's &name...", (), "Who the history of labels says you are", begins=True
)
