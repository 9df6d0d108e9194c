"""Labels from and to other programs."""
