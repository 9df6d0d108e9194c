"""What every room may use: errors, paths, settings, theme, wording, and small dialogs.

It knows none of them.
"""
