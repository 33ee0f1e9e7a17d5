"""The commands, one a file; each has `add`, which puts it into the parser, and `run`."""
