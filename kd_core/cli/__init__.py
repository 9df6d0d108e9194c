"""The command kd-core: one module a subcommand."""
