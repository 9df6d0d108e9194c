"""Every command of the window in one table: menus, keys and the shortcut sheet are read from
it, so they cannot disagree.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """``keys`` in Qt's portable notation; ``repeats`` says whether holding the key repeats the
    command.
    """

    name: str
    menu: str
    text: str
    keys: tuple[str, ...]
    what: str
    repeats: bool = False


COMMANDS = (
    Command("open_file", "&File", "&Open video...", ("Ctrl+O",), "Open a recorded video"),
    Command(
        "open_folder",
        "&File",
        "Open &folder of stills...",
        ("Ctrl+Shift+O",),
        "Open a folder of images",
    ),
    Command("open_demo", "&File", "Open the &demo procedure", (), "Open the synthetic phantom"),
    Command(
        "video_stream", "&File", "Video s&tream...", (), "Choose one of the file's video streams"
    ),
    Command("settings", "&File", "&Settings...", ("Ctrl+,",), "Theme, overlay, findings"),
    Command("quit", "&File", "&Quit", ("Ctrl+Q",), "Close the program"),
    Command(
        "undo",
        "&Edit",
        "&Undo",
        ("Ctrl+Z",),
        "Undo the last act on this procedure, without limit, also after a restart",
        True,
    ),
    Command(
        "redo",
        "&Edit",
        "&Redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        "Do again what was undone on this procedure",
        True,
    ),
    Command(
        "undo_classes",
        "&Edit",
        "Undo &class change",
        (),
        "Undo the last change of the classes, in all procedures",
    ),
    Command(
        "redo_classes",
        "&Edit",
        "Redo class c&hange",
        (),
        "Do again the change of the classes that was undone",
    ),
    Command("play_pause", "&Play", "Play / pause", ("Space",), "Play or pause"),
    Command("back_1", "&Play", "One frame back", ("Left",), "One frame back", True),
    Command("forward_1", "&Play", "One frame forward", ("Right",), "One frame forward", True),
    Command("back_second", "&Play", "One second back", ("Shift+Left",), "One second back", True),
    Command(
        "forward_second",
        "&Play",
        "One second forward",
        ("Shift+Right",),
        "One second forward",
        True,
    ),
    Command("back_10", "&Play", "Ten frames back", ("Down", "Ctrl+Left"), "Ten frames back", True),
    Command(
        "forward_10",
        "&Play",
        "Ten frames forward",
        ("Up", "Ctrl+Right"),
        "Ten frames forward",
        True,
    ),
    Command("first", "&Play", "First frame", ("Home",), "First frame"),
    Command("last", "&Play", "Last frame", ("End",), "Last frame"),
    Command("go_to", "&Play", "&Go to frame or time...", ("Ctrl+J",), "Go to a frame or a time"),
    Command(
        "play_backwards", "&Play", "Play backwards", ("J",), "Play backwards; again: twice as fast"
    ),
    Command("pause", "&Play", "Pause", ("K",), "Pause"),
    Command(
        "play_forwards", "&Play", "Play forwards", ("L",), "Play forwards; again: twice as fast"
    ),
    Command("slower", "&Play", "Slower", ("[",), "Slower"),
    Command("faster", "&Play", "Faster", ("]",), "Faster"),
    Command("normal_speed", "&Play", "Recorded speed", ("Backspace",), "Recorded speed"),
    Command("toggle_overlay", "&View", "&Heat map", ("H",), "Show or hide the heat map"),
    Command(
        "explain",
        "&View",
        "&Explain this frame...",
        ("Ctrl+E",),
        "Other heat maps of this frame, by any method",
    ),
    Command("fit", "&View", "&Fit the image", ("F",), "Fit the image into the window"),
    Command(
        "timeline_in",
        "&View",
        "Zoom the timeline in",
        ("Ctrl++", "Ctrl+="),
        "Zoom the timeline in",
        True,
    ),
    Command(
        "timeline_out", "&View", "Zoom the timeline out", ("Ctrl+-",), "Zoom the timeline out", True
    ),
    Command("fullscreen", "&View", "Full screen", ("F11",), "Full screen"),
    Command("next_finding", "&Findings", "Next finding", ("PgDown",), "Next finding", True),
    Command(
        "previous_finding", "&Findings", "Previous finding", ("PgUp",), "Previous finding", True
    ),
    Command(
        "analyse",
        "&Findings",
        "&Analyse the whole procedure",
        ("Ctrl+R",),
        "Analyse (or go on analysing) every frame",
    ),
    Command(
        "cancel_analysis",
        "&Findings",
        "&Cancel the analysis",
        ("Ctrl+.",),
        "Cancel the analysis; what is done is kept",
    ),
    *(
        Command(
            f"class_{digit}", "&Labels", f"Class on key {digit}", (digit,), f"Class on key {digit}"
        )
        for digit in "1234567890"
    ),
    Command(
        "agree",
        "&Labels",
        "&Reviewed: the model is right",
        ("R",),
        "Reviewed: the model is right about this frame",
    ),
    Command(
        "unusable",
        "&Labels",
        "None of these",
        ("X",),
        "None of these classes: taught as a frame to be unsure of",
    ),
    Command(
        "clear_label",
        "&Labels",
        "Clear the label here",
        ("Del",),
        "Take off the frame's label; without one, the range around it",
    ),
    Command("mark_in", "&Labels", "Range: first frame", ("I",), "Mark the first frame of a range"),
    Command("mark_out", "&Labels", "Range: last frame", ("O",), "Mark the last frame of a range"),
    Command(
        "label_range",
        "&Labels",
        "Label the marked range",
        ("Return", "Enter"),
        "Give the marked range the class given last",
    ),
    Command("drop_mark", "&Labels", "Drop the marked range", ("Esc",), "Drop the marked range"),
    Command("previous_label", "&Labels", "Previous label", (",",), "Previous labelled frame", True),
    Command("next_label", "&Labels", "Next label", (".",), "Next labelled frame", True),
    Command(
        "previous_doubt",
        "&Labels",
        "Previous disagreement or unsure frame",
        ("P",),
        "Previous frame worth a look",
        True,
    ),
    Command(
        "next_doubt",
        "&Labels",
        "Next disagreement or unsure frame",
        ("N",),
        "Next frame worth a look",
        True,
    ),
    Command(
        "review_list",
        "&Labels",
        "Review &list...",
        ("Ctrl+L",),
        "All frames by class, state and confidence",
    ),
    Command(
        "label_errors",
        "&Labels",
        "&Find label errors...",
        (),
        "Labels that the model and all the models it learnt from contradict",
    ),
    Command(
        "remove_lost",
        "&Labels",
        "Remove labels of no frame",
        (),
        "Delete labels that belong to no frame of this procedure",
    ),
    Command(
        "statistics",
        "&Labels",
        "&Statistics...",
        (),
        "How much is labelled, agreement with the model, time spent",
    ),
    Command(
        "classes", "&Labels", "&Classes...", (), "Add, rename, merge, recolour, retire classes"
    ),
    Command(
        "patients",
        "&Labels",
        "&Patients...",
        (),
        "Which procedures are of one patient, by pseudonyms",
    ),
    Command(
        "import_labels",
        "&Labels",
        "&Import labels...",
        (),
        "Read labels from a file, with a preview",
    ),
    Command(
        "export_labels",
        "&Labels",
        "&Export labels...",
        (),
        "Write labels to a file or to class folders",
    ),
    Command(
        "export_journal",
        "&Labels",
        "Export the &journal...",
        (),
        "Who labelled what, when, and what the model said, as CSV",
    ),
    Command(
        "back_up_labels", "&Labels", "&Back up labels...", (), "One consistent file of all labels"
    ),
    Command("reader", "&Labels", "Reader's &name...", (), "Who the journal says you are"),
    Command(
        "retrain",
        "&Model",
        "&Retrain...",
        ("Ctrl+T",),
        "Train a better model from your labels, and compare it with the one in use",
    ),
    Command(
        "models",
        "&Model",
        "&Models...",
        (),
        "Promote, roll back, rename, export, import, delete models",
    ),
    Command("shortcuts", "&Help", "&Keys...", ("F1", "?"), "This sheet"),
    Command("about_model", "&Help", "About this &model...", (), "The model's card"),
    Command("about", "&Help", "&About...", (), "About this program"),
)


def shortcut_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """For the sheet: (menu, [(keys, what)]) of every command that has a key."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for item in COMMANDS:
        if item.keys and not item.name.startswith("class_"):  # the ten digits are one line
            groups.setdefault(item.menu.replace("&", ""), []).append(
                ("  or  ".join(item.keys), item.what)
            )
    groups["Labels"].insert(0, ("1 … 9, 0", "Give the frame on screen this class"))
    groups["Mouse"] = [
        ("Wheel on the image", "Zoom at the pointer"),
        ("Drag the image", "Move it; double click fits it"),
        ("Click or drag on the timeline", "Go there"),
        ("Wheel on the timeline", "Zoom around the pointer"),
        (
            "Shift and drag on the timeline",
            "Mark a range; drag a range's ends to trim it; Esc gives a drag up",
        ),
    ]
    return list(groups.items())
