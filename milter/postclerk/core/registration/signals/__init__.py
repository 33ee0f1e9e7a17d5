"""The signals by which a registration is known, each with what it says to a person and what it weighs.

The weights are learnt (see tests/bench/registration.py) from labelled mail of many programs in four languages; a signal
weighs the same in each language. Their sum, with the base, is the logarithm of the odds. Each module here adds its own.
"""

from __future__ import annotations

from postclerk.core.registration.signals import (
    access,
    business,
    confirming,
    form,
    newcomer,
    old_account,
    people,
)
from postclerk.core.registration.signals.signal import SIGNALS, Signal

__all__ = ["SIGNALS", "Signal", "access", "business", "confirming", "form", "newcomer", "old_account", "people"]
