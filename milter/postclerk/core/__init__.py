"""The decisions, pure: no I/O, no clock, no library that does either."""
