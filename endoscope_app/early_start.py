"""What a start does before it loads the window."""

from __future__ import annotations

import gc

from endoscope_app.media.opening import prepare


def begin() -> None:
    """Let another process load the decoders while this one loads the window, and let nothing look
    for garbage meanwhile.
    """
    # Six hundred modules would be looked through again and again: a tenth of the start. The window
    # collects by itself once it is there.
    gc.disable()
    prepare()
