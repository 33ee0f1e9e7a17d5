"""postclerk carries out a written e-mail policy on Postfix."""

__version__ = "0.1.0"
