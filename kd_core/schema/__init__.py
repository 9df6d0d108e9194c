"""What the learning core and the application both know. Plain Python and msgspec."""
