"""From files on disk to model input: data sets, groups, splits, and the one preprocessing path."""
