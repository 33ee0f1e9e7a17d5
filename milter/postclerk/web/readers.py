"""Who reads a page: one of our own people by a link that was mailed to him, staff by a proxy's word, or anybody."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict, deque
from threading import Lock

from starlette.requests import Request

from postclerk.settings import Web

_MOST_ADDRESSES = 10_000
_MINUTE = 60.0


def address_of(request: Request, settings: Web) -> str:
    """The reader's address: what the connection says, or the last that a proxy of ours says of it."""
    address = request.client.host if request.client else ""
    if not _is_proxy(address, settings):
        return address
    said = [part.strip() for value in request.headers.getlist("x-forwarded-for") for part in value.split(",")]
    return next((one for one in reversed(said) if one and not _is_proxy(one, settings)), address)


def token_of(request: Request) -> str:
    """What the link says by which the reader came, or the form that he sends."""
    return str(request.query_params.get("t", "") or request.state.form.get("t", ""))[:500]


def staff_of(request: Request, settings: Web) -> str:
    """The user whom a proxy of ours names, where he is one of the staff; else nothing."""
    if not settings.user_header or not _is_proxy(request.client.host if request.client else "", settings):
        return ""
    names = request.headers.getlist(settings.user_header)
    return names[0] if len(names) == 1 and names[0] in settings.staff else ""


def _is_proxy(address: str, settings: Web) -> bool:
    if not address:
        # A unix socket: whoever may open it is the proxy.
        return settings.listen.startswith("unix:")
    try:
        there = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(there in network for network in settings.proxies)


class Limiter:
    """So many pages a minute for each address, in a sliding window; an IPv6 network of 64 bits counts as one."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._seen: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def allows(self, address: str) -> bool:
        """Whether one more page may be opened now; it is counted."""
        now, key = time.monotonic(), _network(address)
        with self._lock:
            times = self._seen.setdefault(key, deque())
            self._seen.move_to_end(key)
            while times and times[0] <= now - _MINUTE:
                times.popleft()
            if len(times) >= self._per_minute:
                return False
            times.append(now)
            while len(self._seen) > _MOST_ADDRESSES:
                self._seen.popitem(last=False)
            return True


def _network(address: str) -> str:
    try:
        there = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((there, 64), strict=False)) if there.version == 6 else address
