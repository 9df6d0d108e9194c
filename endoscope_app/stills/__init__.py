"""A folder of stills at a glance: all of them, and what is said of each."""
