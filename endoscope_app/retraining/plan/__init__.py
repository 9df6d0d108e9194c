"""What a retraining would learn, what is held out, what it costs and what was chosen."""
