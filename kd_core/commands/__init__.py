"""One module a subcommand of ``kd-core``: ``add(parser)`` names its options, ``run(options)`` does the work."""
