"""What the application reaches on a machine: ``endoscope-app benchmark``."""
