"""The reader's models: which is in use, which were before it, and what their cards say."""
