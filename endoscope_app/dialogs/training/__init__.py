"""Parts of the dialog that retrains: what would be learnt, what is chosen, and how it goes."""
