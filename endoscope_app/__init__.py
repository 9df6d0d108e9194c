"""Desktop review of recorded endoscopy. For research and education. Not a medical device."""

__version__ = "0.1.0"
