"""Opening a procedure, moving through it, and what the model says of the frame on screen."""
