"""The command kd-core: two tables, of options and of commands, and what parses and prints."""
