"""The learning core: a 51.8k-parameter student for endoscopic frames, how it is trained, explained and run. No Qt.

For research and education. Not a medical device.
"""

__version__ = "0.1.0"
