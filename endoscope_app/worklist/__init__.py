"""The start page: every procedure with its state, and the queue that analyses them."""
