"""More like this: the frames that look most alike, over all procedures that were analysed."""
