"""The parts of the dialog that sets candidate and active model side by side."""
