"""One measurement in a fresh process with the real window; ``endoscope-app benchmark`` starts it and reads its JSON line."""
