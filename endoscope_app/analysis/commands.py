"""Commands of the analysis, the findings and the timeline."""

from endoscope_app.base.command import Command

TIMELINE_IN = Command(
    "&View",
    "Zoom the timeline in",
    ("Ctrl++", "Ctrl+="),
    "Zoom the timeline in",
    repeats=True,
    begins=True,
)
TIMELINE_OUT = Command(
    "&View", "Zoom the timeline out", ("Ctrl+-",), "Zoom the timeline out", repeats=True
)
QUALITY_LANE = Command(
    "&View",
    "Image &quality in the timeline",
    (),
    "Show or hide which images are blurred, dark or otherwise not usable",
    checkable=True,
)
COLOUR_LANE = Command(
    "&View",
    "&Colours in the timeline",
    (),
    "Show or hide the mean colour of the images",
    checkable=True,
)
LEGEND = Command(
    "&View",
    "Timeline legen&d",
    ("Shift+F4",),
    "Show or close what the colours and signs of the timeline mean",
)
NEXT_FINDING = Command("&Findings", "Next finding", ("PgDown",), "Next finding", repeats=True)
PREVIOUS_FINDING = Command(
    "&Findings", "Previous finding", ("PgUp",), "Previous finding", repeats=True
)
ANALYSE = Command(
    "&Findings",
    "&Analyse the whole procedure",
    ("Ctrl+R",),
    "Analyse every frame, from where the analysis was left",
    begins=True,
)
CANCEL_ANALYSIS = Command(
    "&Findings", "&Cancel the analysis", ("Ctrl+.",), "Cancel the analysis; what is done is kept"
)
MORE_LIKE_THIS = Command(
    "&Findings",
    "&More like this",
    ("S",),
    "Frames that look like this one, in all procedures that were analysed",
)
