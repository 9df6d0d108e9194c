"""What is said of the quality of images. No Qt."""

from __future__ import annotations

from endoscope_app.analysis.quality.kinds import Kind
from endoscope_app.analysis.quality.tally import QualityTally
from endoscope_app.base.wording import percent

KEPT = "the image quality of this procedure"
"""What could not be saved."""
NAMES = {
    Kind.NOT_MEASURED: "not measured",
    Kind.USABLE: "usable",
    Kind.BLURRED: "blurred",
    Kind.DARK: "too dark",
    Kind.OVER_EXPOSED: "over-exposed",
    Kind.BUBBLES: "bubbles",
    Kind.OUTSIDE: "outside the body",
    Kind.TEXT: "text screen",
    Kind.STILL: "still picture",
}
NOT_MEASURED = "Image quality not measured – Ctrl+R measures it"


def estimate(kind: Kind) -> str:
    """Of one frame: Estimate: blurred."""
    return f"Estimate: {NAMES[kind]}"


def usable(tally: QualityTally) -> str:
    """87 % of frames usable (estimate); where not all are measured, of how many."""
    if not tally.measured:
        return NOT_MEASURED
    text = f"{_percent(tally.usable_share)} of frames usable (estimate)"
    if tally.measured < tally.total:
        text += f", {tally.measured:,} of {tally.total:,} measured"
    return text


def shares(tally: QualityTally) -> list[tuple[str, str]]:
    """Name and share of each kind that occurs, capitalised: Blurred, 4 %."""
    return [(NAMES[kind].capitalize(), _percent(tally.share(kind))) for kind, _ in tally.counts]


def _percent(share: float) -> str:
    """What is there is never 0 %, and what is not whole never 100 %."""
    if 0 < share < 0.005:
        return "under 1 %"
    return "over 99 %" if 0.995 <= share < 1 else percent(share)
