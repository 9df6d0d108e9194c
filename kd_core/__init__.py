"""The learning core: a 51.8k-parameter student for endoscopic frames, how it is trained, explained
and run. No Qt.

For research and education. Not a medical device.
"""

from kd_core.platform.quiet_runtime import switch_off_telemetry

switch_off_telemetry()

__version__ = "0.1.0"
