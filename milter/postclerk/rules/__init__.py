"""The rules, one clause of the policy a file; a file here is a rule, nothing else registers it."""

from __future__ import annotations

import functools
import importlib
import pkgutil

from postclerk.core.rule import Rule


@functools.cache
def all_rules() -> dict[str, Rule]:
    """Every rule by its name, in the order of the names. A module without a `rule` raises AttributeError."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return {name: importlib.import_module(f"{__name__}.{name}").rule for name in names}
