"""What reports say, and what is said of them. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from endoscope_app.base.wording import about, clock, counted, lasting, minute_of
from endoscope_app.report.report_values import (
    Conditions,
    Finding,
    FindingState,
    Group,
    Milestones,
    Pair,
    Report,
    Signature,
)

# ---- What a report says --------------------------------------------------------------------------

TITLE = "Endoscopy review"
READING_TIME = "Reading time"
PATIENT, PROCEDURE, READER, READ_ON, MADE_ON = (
    "Patient (pseudonym)",
    "Procedure",
    "Reader",
    "Last read",
    "Report made",
)
LENGTH, CAECUM, WITHDRAWAL, PREPARATION = (
    "Length",
    "Caecum reached",
    "Withdrawal",
    "Preparation",
)
MODEL, SHOWN = "Model", "What the reader saw of the model"
REVIEW = "Review"
SIGNED_BY, NOT_SIGNED = "Signed by", "not signed"
NOT_GIVEN, NOT_FOUND, NOT_LABELLED = "not given", "not among the findings", "not labelled"
NO_MODEL = "none in use"
BOOKMARK, YES = "Bookmark", "yes"
SIZE, PARIS, SITE, CERTAINTY, CONFERENCE = (
    "Size",
    "Paris",
    "Site",
    "Certainty",
    "Show at conference",
)
NO_FINDINGS = "Nothing was accepted, corrected or labelled."
NO_PICTURE = "No picture"
PAIRS, BEFORE, AFTER = "Before and after", "Before", "After"
HEAT_MAP_NOTE = (
    "Heat maps show where the model looked for the class. They are an aid to check the model, never"
    " evidence."
)
MASKED_NOTE = (
    "What recorders burn into the picture is blanked. Look at each picture before the report leaves"
    " the house: text in the middle of the view is not looked for."
)
STATES: Mapping[FindingState, str] = MappingProxyType(
    {
        "accepted": "model's proposal, accepted",
        "corrected": "model's proposal, corrected",
        "labelled": "labelled by the reader",
        "noted": "noted by the reader",
    }
)
GROUPS: Mapping[Group, str] = MappingProxyType(
    {
        "pathology": "Findings",
        "landmark": "Landmarks",
        "preparation": "Preparation",
        "other": "Other",
        "note": "Bookmarks",
    }
)


def heading(number: int, finding: Finding) -> str:
    """As "3. Polyp, 0:10.0–0:14.0"."""
    return f"{number}. {finding.class_name}, {finding.place}"


def pair_line(pair: Pair) -> str:
    """As "Before: image 3, after: image 12"."""
    return f"{BEFORE}: {pair.before_place}, {AFTER.lower()}: {pair.after_place}"


def millimetres(size: float) -> str:
    """As "6 mm"."""
    return f"{size:g} mm"


def readers(report: Report) -> str:
    """Who read it; of one read twice both, and who adjudicated."""
    conditions = report.conditions
    first = ", ".join(conditions.readers)
    if not conditions.second_reader:
        return first or report.reader or NOT_GIVEN
    both = f"read by {first or NOT_GIVEN} and, blind, by {conditions.second_reader}"
    decided = ", ".join(conditions.adjudicators)
    return f"{both}; adjudicated by {decided}" if decided else both


def reading_time(reading: Sequence[tuple[str, float]]) -> str:
    """How long it was read; by whom, where several readers did."""
    if len(reading) == 1:
        return about(reading[0][1])
    return ", ".join(f"{reader or NOT_GIVEN} {about(seconds)}" for reader, seconds in reading)


def facts(report: Report, signature: Signature | None) -> list[tuple[str, str]]:
    """The table at the head of a report: name and value."""
    conditions = report.conditions
    rows = [
        (PATIENT, report.patient or NOT_GIVEN),
        (PROCEDURE, report.procedure),
        (READER, readers(report)),
        (READ_ON, minute_of(conditions.last_act_utc) or NOT_GIVEN),
        *([(READING_TIME, reading_time(report.reading))] if report.reading else []),
        (MADE_ON, minute_of(report.made_utc)),
        (LENGTH, length(report)),
    ]
    if not report.stills:
        rows += [
            (CAECUM, caecum(report.milestones)),
            (WITHDRAWAL, withdrawal(report.milestones)),
            (PREPARATION, cleanness(report.preparation)),
        ]
    rows += [
        (QUALITY, quality(report.quality)),
        (REVIEW, review(conditions)),
        (MODEL, model(report)),
        (SHOWN, shown(conditions)),
        (SIGNED_BY, signed(signature)),
    ]
    return rows


QUALITY = "Image quality (estimate)"


def quality(shares: Sequence[tuple[str, str]]) -> str:
    """As "Usable 87 %, blurred 8 %, too dark 5 % of frames"."""
    if not shares:
        return "not measured"
    (name, share), *others = shares
    parts = [f"{name} {share}", *(f"{name.lower()} {share}" for name, share in others)]
    return f"{', '.join(parts)} of frames"


def length(report: Report) -> str:
    """As "20 min 5 s, 30,125 frames" or "12 images"."""
    if report.stills:
        return counted(report.frame_count, "image")
    return f"{lasting(report.duration_ms)}, {counted(report.frame_count, 'frame')}"


def caecum(found: Milestones) -> str:
    """When it was first seen."""
    return NOT_FOUND if found.caecum_ms is None else f"at {clock(found.caecum_ms)}"


def withdrawal(found: Milestones) -> str:
    """How long it took, and by what."""
    if found.withdrawal_ms is None:
        return NOT_FOUND
    return f"{lasting(found.withdrawal_ms)}, from the caecum's last frame to the recording's end"


def cleanness(found: Sequence[tuple[str, float]]) -> str:
    """What was found of it, and for how long."""
    return "; ".join(f"{name} for {lasting(span)}" for name, span in found) or NOT_LABELLED


def review(conditions: Conditions) -> str:
    """Whether it was finished."""
    if conditions.left_open is None:
        return "not marked as finished"
    if not conditions.left_open:
        return "finished, every segment decided"
    return f"finished, {counted(conditions.left_open, 'segment')} left open"


def model(report: Report) -> str:
    """Which versions had a say."""
    versions = report.conditions.model_versions
    in_use = report.model_version
    if not in_use and not versions:
        return NO_MODEL
    parts = [f"version {in_use} in use"] if in_use else []
    others = [version for version in versions if version != in_use]
    if others:
        parts.append(f"read beside {', '.join(others)}")
    return "; ".join(parts)


def shown(conditions: Conditions) -> str:
    """How many acts were done with the model hidden."""
    names = (
        ("always", "with its answers shown"),
        ("hidden", "with its answers hidden until the reader had answered"),
        ("on request", "with its answers shown on request only"),
    )
    parts = [
        f"{counted(conditions.acts[mode], 'act')} {text}"
        for mode, text in names
        if conditions.acts.get(mode)
    ]
    return "; ".join(parts) or "nothing has been labelled"


def signed(signature: Signature | None) -> str:
    """Who answers for it."""
    if signature is None:
        return NOT_SIGNED
    when = minute_of(signature.signed_utc)
    return f"{signature.signed_by}, {when}, version {signature.version}"


# ---- The dialog ----------------------------------------------------------------------------------

DIALOG_TITLE = "Report"
PREVIEW, VERSION, STATE, PROGRESS = (
    "The report as it will be saved",
    "Version",
    "State of the report",
    "Progress of the report",
)
DRAFT = "Draft, as the findings are now"
WITH_HEAT_MAPS, WITH_FILE_NAME, WITH_SINGLE_FRAMES = (
    "&Heat maps",
    "&File name of the recording",
    "S&ingle labelled frames",
)
FILE_NAME_TIP = "A file name may hold the patient's name"
SAVE_AS: Mapping[str, str] = MappingProxyType(
    {
        "pdf": "Save as &PDF…",
        "html": "Save as HT&ML…",
        "xlsx": "Save as &XLSX…",
        "csv": "Save as CS&V…",
    }
)
SAVE_TITLE = "Save the report"
COPY, COPIED = "&Copy text", "The text of the report has been copied."
SIGN, SIGN_TITLE = "&Sign…", "Sign the report"
CLOSE, CANCEL = "Close", "Cancel"
MAKING, STOPPED = (
    "Making the pictures…",
    "Cancelled: some pictures are missing. The boxes above make them again.",
)
SIGNING = "Signing…"
NAME_FIRST = "Enter your name first: a signature needs one."
THE_REPORT, THE_SIGNATURE = "the report", "the signed report"
CHANGED_SINCE = (
    "This signed report is not as it was when it was signed, so it is not shown.",
    "Restore the data folder from a backup.",
)
DISK_FULL = (
    "The disk is full, so nothing was saved.",
    "Free some space, or choose another folder.",
)
NOT_SAVED = ("Nothing can be saved there.", "Choose another folder.")
NOT_PDF_HERE = ("The report could not be written as PDF.", "Save it as HTML.")
UNKNOWN_SUFFIX = (
    "The report can be written as .pdf, .html, .csv, .xlsx or .txt.",
    "Name one of these with --out.",
)
NO_LABELS_YET = "There is no label library yet, so the report has no findings."
SAME_AS_SIGNED = "Nothing has changed since this version was signed."
NOT_KEPT_HERE = "The data folder cannot be written, so no report can be signed."
NOTHING_TO_SIGN = "There is nothing to sign: no finding is in the report."


# ---- A frame on its way out ----------------------------------------------------------------------

FRAME_TITLE = "Save or copy the frame"
FRAME_PREVIEW, FRAME_STATE = "The frame as it will be saved", "State of the picture"
WITH_HEAT_MAP, MASKED = "With the &heat map", "&Blank burnt-in identity"
SAVE_FRAME, COPY_FRAME = "&Save…", "&Copy"
LOOK_AT_IT = "Look at the picture before it leaves the house."
FRAME_COPIED = "The picture has been copied."
UNMASKED_TITLE = "Burnt-in identity is not blanked"
UNMASKED_QUESTION = (
    "This picture may show the patient's name. Let it leave the program as it is? The history keeps"
    " that you did."
)
NOT_UNMASKED = "A picture that is not blanked is noted in the history, which cannot be written now."
UNKNOWN_PICTURE = ("A picture can be saved as .png or .jpg.", "Choose one of these names.")


def frame_name(index: int) -> str:
    """Of its file."""
    return f"frame-{index:06d}.png"


def frame_saved(name: str) -> str:
    return f"The picture is in {name}."


def unmasked_act(place: str) -> str:
    """In the history."""
    return f"exported {place} with burnt-in identity"


# ---- A finding as a clip -------------------------------------------------------------------------

CLIP_TITLE, CLIP_FINDINGS = "Save a finding as a clip", "Findings"
THE_CLIP, SAVE_CLIP_BUTTON = "the clip", "Save…"
CLIP_NOTE_NAME = "About clips"
CLIP_NOTE = (
    "Burnt-in identity is blanked in every frame, and nothing but the frames goes into the clip."
    " Look at it before it leaves the house."
)
CLIP_STOPPED = "Cancelled: no clip was saved."
NO_CLIP = ("The clip could not be made.", "Choose another finding.")
NO_CLIP_OF_STILLS = "Stills have no clip: Ctrl+E saves the image on screen."
NO_FINDING_TO_SAVE = "There is no finding yet: accept a segment, or label a range."


THE_PICTURES, SAVE_BOOKMARKED_BUTTON = "the pictures", "Save to folder…"
BOOKMARKED_TITLE, BOOKMARKED_FRAMES = "Save bookmarked frames", "Bookmarked frames"
BOOKMARKED_NOTE_NAME = "About the pictures"
BOOKMARKED_NOTE = (
    "Burnt-in identity is blanked in every picture. Look at them before they leave the house."
)
NOTHING_BOOKMARKED = "No frame is bookmarked yet: Ctrl+D bookmarks the frame on screen."


def bookmark_row(place: str, text: str) -> str:
    """A line of the list."""
    return f"{place}: {text}" if text else place


def picture_step(done: int, total: int) -> str:
    """While they are made."""
    return f"Picture {done + 1:,} of {total:,}"


def pictures_stopped(saved: int) -> str:
    """After Cancel."""
    return f"Cancelled: {counted(saved, 'picture')} saved before."


def pictures_saved(saved: int, wanted: int, folder: str) -> str:
    """At the end; a frame that cannot be decoded has no picture."""
    missing = "" if saved == wanted else f" {wanted - saved} could not be decoded."
    return f"{counted(saved, 'picture')} saved in {folder}.{missing}"


def clip_name(number: int) -> str:
    """Of its file."""
    return f"finding-{number}.mp4"


def clip_saved(name: str) -> str:
    return f"The clip is in {name}."


def clip_step(done: int, total: int) -> str:
    """While it is made."""
    return f"Frame {done + 1:,} of {total:,}"


# ---- Versions ------------------------------------------------------------------------------------


def version_row(signature: Signature) -> str:
    """In the list of versions."""
    return (
        f"Version {signature.version}, signed by {signature.signed_by},"
        f" {minute_of(signature.signed_utc)}"
    )


def findings_of(count: int) -> str:
    """How much the draft holds."""
    return f"{counted(count, 'finding')}. This is a draft until it is signed."


def step(done: int, total: int) -> str:
    """While pictures are made."""
    return f"Picture {done + 1:,} of {total:,}"


def saved(name: str) -> str:
    return f"The report is in {name}."


def sign_question(name: str, version: int) -> str:
    """Before it is frozen."""
    return (
        f"Sign this report as {name}? It is kept as version {version} and cannot be changed"
        " afterwards; later changes of the findings need a new version."
    )


def frozen(signature: Signature) -> str:
    """Of a version that is shown."""
    return f"Version {signature.version} as it was signed. It cannot be changed."
