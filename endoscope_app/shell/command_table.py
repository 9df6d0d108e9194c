"""Every command of the window, in the order of the menus.

Menus, keys and the sheet of keys are read from it, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable

from endoscope_app.analysis import commands as analysis
from endoscope_app.base.command import Command
from endoscope_app.erasure import commands as erasure
from endoscope_app.labels import commands as labels
from endoscope_app.models import commands as models
from endoscope_app.report import commands as report
from endoscope_app.retraining import commands as retraining
from endoscope_app.second_reading import commands as second_reading
from endoscope_app.segments import commands as segments
from endoscope_app.shell import commands as shell
from endoscope_app.shell import wording
from endoscope_app.stills import commands as stills
from endoscope_app.viewing import commands as viewing
from endoscope_app.worklist import commands as worklist

COMMANDS = (
    viewing.OPEN_FILE,
    viewing.OPEN_FOLDER,
    viewing.OPEN_DEMO,
    viewing.VIDEO_STREAM,
    report.REPORT,
    report.SAVE_FRAME,
    report.SAVE_CLIP,
    report.SAVE_BOOKMARKED,
    shell.SETTINGS,
    shell.QUIT,
    worklist.WORKLIST,
    worklist.NEXT_PROCEDURE,
    worklist.PREVIOUS_PROCEDURE,
    worklist.CONTINUE,
    worklist.ADD_FOLDER,
    worklist.USE,
    second_reading.SECOND_READING,
    second_reading.AGREEMENT,
    second_reading.ADJUDICATE,
    second_reading.IMPORT_SECOND,
    erasure.FORGET_PATIENT,
    labels.UNDO,
    labels.REDO,
    labels.UNDO_CLASSES,
    labels.REDO_CLASSES,
    viewing.PLAY_PAUSE,
    viewing.BACK_1,
    viewing.FORWARD_1,
    viewing.BACK_SECOND,
    viewing.FORWARD_SECOND,
    viewing.BACK_10,
    viewing.FORWARD_10,
    viewing.FIRST,
    viewing.LAST,
    viewing.GO_TO,
    viewing.PLAY_BACKWARDS,
    viewing.PAUSE,
    viewing.PLAY_FORWARDS,
    viewing.SLOWER,
    viewing.FASTER,
    viewing.NORMAL_SPEED,
    segments.PLAY_OPEN,
    viewing.LOOP_FROM,
    viewing.LOOP_TO,
    viewing.LOOP_END,
    viewing.TOGGLE_OVERLAY,
    segments.HEAT_MAPS,
    viewing.EXPLAIN,
    viewing.BLANK_IDENTITY,
    viewing.FIT,
    viewing.LOOK,
    stills.SHEET,
    stills.COMPARE,
    analysis.TIMELINE_IN,
    analysis.TIMELINE_OUT,
    analysis.QUALITY_LANE,
    analysis.COLOUR_LANE,
    analysis.LEGEND,
    shell.LABELS_PANEL,
    shell.MODEL_PANEL,
    shell.TIMELINE,
    shell.TRAY,
    shell.PICTURE_ALONE,
    analysis.NEXT_FINDING,
    analysis.PREVIOUS_FINDING,
    segments.NEXT_OPEN,
    segments.PREVIOUS_SEGMENT,
    segments.ACCEPT_CLASS,
    segments.BOOKMARK,
    segments.WRITE,
    segments.FINISH_REVIEW,
    analysis.MORE_LIKE_THIS,
    analysis.ANALYSE,
    analysis.CANCEL_ANALYSIS,
    *labels.CLASS_KEYS,
    labels.AGREE,
    labels.UNUSABLE,
    labels.CLEAR_LABEL,
    labels.MARK_IN,
    labels.MARK_OUT,
    labels.LABEL_RANGE,
    labels.DROP_MARK,
    labels.PREVIOUS_LABEL,
    labels.NEXT_LABEL,
    labels.PREVIOUS_DIFFERING_OR_UNSURE,
    labels.NEXT_DIFFERING_OR_UNSURE,
    labels.REVIEW_LIST,
    labels.LABEL_ERRORS,
    labels.REMOVE_LOST,
    labels.STATISTICS,
    labels.CLASSES,
    labels.PATIENTS,
    labels.IMPORT_LABELS,
    labels.EXPORT_LABELS,
    labels.EXPORT_HISTORY,
    labels.BACK_UP_LABELS,
    labels.RESTORE_LABELS,
    labels.READER,
    retraining.RETRAIN,
    models.MODELS,
    shell.SHORTCUTS,
    shell.CHANGE_KEYS,
    models.ABOUT_MODEL,
    shell.ABOUT,
)


def shortcut_groups(
    keys_of: Callable[[Command], tuple[str, ...]] = lambda command: command.keys,
    digits: str = "",
) -> list[tuple[str, list[tuple[str, str]]]]:
    """For the sheet: (menu, [(keys, what)]) of every command that has a key; ``keys_of``: those
    that it has now; ``digits``: what stands on the digits' keys, where that is something else.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for item in COMMANDS:
        keys = keys_of(item)
        if keys and item not in labels.CLASS_KEYS:  # the ten digits are one line
            groups.setdefault(item.menu.replace("&", ""), []).append(
                ("  or  ".join(keys), item.what)
            )
    groups["Labels"].insert(0, wording.class_keys(digits))
    groups["Labels"].append(wording.PEEK_KEY)
    groups["Findings"] += wording.SEGMENT_KEYS
    groups[wording.MOUSE] = list(wording.MOUSE_GESTURES)
    return list(groups.items())


#: They show a reader's work, or what models make of it: another one who reads blind has them at
#: rest.
SHOW_OTHERS_WORK = (
    report.REPORT,
    report.SAVE_CLIP,
    report.SAVE_BOOKMARKED,
    report.SAVE_FRAME,
    segments.FINISH_REVIEW,
    retraining.RETRAIN,
    models.MODELS,
    models.ABOUT_MODEL,
    viewing.EXPLAIN,
    analysis.MORE_LIKE_THIS,
)
