"""A folder of stills at a glance: all of them, what is said of each, and two side by side."""
