"""Kinds of value that options have: checked where they are written, canonical where they are used."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator

from postclerk.core.addresses import Address, AddressError, parse_path
from postclerk.core.units import parse_duration, parse_hours


def _domain(text: str) -> str:
    try:
        address = parse_path(f"postmaster@{text}")
    except AddressError as fault:
        raise ValueError(f"{text!r} is not a domain name") from fault
    if address is None or "." not in address.domain or address.domain.startswith("["):
        raise ValueError(f"{text!r} is not a domain name")
    return address.domain


def written_address(text: str) -> Address:
    """A whole address as somebody wrote it into a file. Raises ValueError in words for people."""
    try:
        address = parse_path(text)
    except AddressError as fault:
        raise ValueError(f"{text!r} is not an address: {fault}") from fault
    if address is None or not address.domain:
        raise ValueError(f"{text!r} is not an address")
    return address


def _address(text: str) -> str:
    written_address(text)
    return text


def _hours(text: str) -> str:
    if text:
        parse_hours(text)
    return text


Domain = Annotated[str, AfterValidator(_domain)]
"""A domain in its canonical form (see core.addresses.Address)."""

EmailAddress = Annotated[str, AfterValidator(_address)]
"""A whole address, as it was written."""

Duration = Annotated[float, BeforeValidator(parse_duration)]
"""A duration, in seconds."""

Hours = Annotated[str, AfterValidator(_hours)]
"""Hours of a day, as they were written (see core.units.parse_hours), or nothing."""


def canonical_value(text: str) -> str:
    """A value that a grant names, as rules compare it: an address as its key, a domain in its canonical form, anything
    else in lower case."""
    try:
        address = parse_path(text if "@" in text else f"x@{text}")
    except AddressError:
        return text.lower()
    if address is None:
        return text.lower()
    return address.key if "@" in text else address.domain
