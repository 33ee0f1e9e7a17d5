"""The demo: real messages through a private stack, and what became of each."""
