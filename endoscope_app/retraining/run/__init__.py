"""One retraining under way: its folder, its process, its end."""
