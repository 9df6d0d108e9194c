"""Threads, mailboxes and the one door to the model."""
