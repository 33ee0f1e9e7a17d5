"""The examples that rules carry, run before the rules are loaded: a promise about what comes out of which message."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from postclerk.collect import Envelope
from postclerk.config import Config
from postclerk.core.facts import ArcChain, Excuse, Grant, Headers, Signature, Suspension, Usage, Window
from postclerk.core.ports import Directory
from postclerk.core.rule import Example
from postclerk.core.signature import SignatureField
from postclerk.core.verdict import UNAVAILABLE, Verdict
from postclerk.judge import Judge, Outside
from postclerk.settings import Settings
from postclerk.sourcefile import Location, Mistake

_ANY_TIME = 0.0


class _SentBefore:
    """Counters of a sender who has reached a given number of recipients within every window."""

    def __init__(self, used: int) -> None:
        self._used = used

    def reserve(
        self, key: str, adding: int, windows: tuple[Window, ...], *, incident: str, at: float, keep_over: bool
    ) -> Usage:
        return Usage((self._used,) * len(windows), windows, adding)

    def release(self, incident: str) -> None:
        pass


class _NobodyAbroad:
    """The outside world of examples, which ask nobody: every domain receives mail, nothing is granted, suspended or
    signed; whether the login is suspended is the example's to say."""

    def __init__(self, *, suspended: bool) -> None:
        self._suspended = suspended

    def raised(self, login: str, unit: str, at: float) -> dict[tuple[str, str], Grant]:
        return {}

    def exempted(self, login: str, unit: str, rule: str, excuse: Excuse, at: float) -> int:
        return 0

    def suspension(self, login: str, at: float) -> Suspension | None:
        return Suspension("an example", "", automatic=False) if self._suspended else None

    def signatures(self, headers: Headers, body: bytes, fields: list[SignatureField]) -> list[Signature]:
        return []

    def arc(self, headers: Headers, body: bytes) -> ArcChain:
        return ArcChain(valid=False)

    def receives_mail(self, domain: str) -> bool:
        return True

    def texts(self, name: str) -> tuple[bytes, ...]:
        return ()

    def answers(self, name: str, kind: str) -> tuple[Any, ...]:
        return ()

    def may_send(self, client: str, sender: str, domain: str) -> bool:
        return False


def count(settings: Settings) -> int:
    """How many examples the rules carry."""
    return sum(len(options.examples) for options in settings.rules.values())


def failures(config: Config, directory: Directory) -> Iterator[Mistake]:
    """The examples that do not hold, each with what came out instead; as warnings those that could not be judged.

    Rules on monitor are judged as if in force."""
    settings = _in_force(config.settings)
    for name, options in settings.rules.items():
        if options.is_off:
            # Whoever turns a rule off in a hurry must not have to take its examples out.
            continue
        for number, example in enumerate(options.examples):
            here: Location = ("rules", name, "examples", number)
            verdict = _judged(example, settings, directory)
            codes = [one.finding.code for one in verdict.rulings]
            found = f"{verdict.action.value} ({', '.join(codes) or 'no finding'})"
            about = f" “{example.about}”" if example.about else ""
            if UNAVAILABLE in codes:
                # A directory that is down must not keep new rules from being loaded.
                says = f"the example{about} could not be judged: the directory does not answer"
                yield config.source.mistake(here, says, warning=True)
                continue
            if verdict.action is not example.expect:
                yield config.source.mistake(
                    here, f"the example{about} expects {example.expect.value}; it comes to {found}"
                )
            elif example.code and example.code not in codes:
                yield config.source.mistake(here, f"the example{about} expects {example.code}; it comes to {found}")


def _in_force(settings: Settings) -> Settings:
    rules = {name: options.model_copy(update={"monitor": False}) for name, options in settings.rules.items()}
    site = settings.site.model_copy(update={"monitor": False})
    return settings.model_copy(update={"rules": rules, "site": site})


def _judged(example: Example, settings: Settings, directory: Directory) -> Verdict:
    nobody = _NobodyAbroad(suspended=example.suspended)
    judge = Judge(settings, Outside(directory, nobody, _SentBefore(example.sent_before), nobody, nobody))

    def filled(text: str) -> str:
        return text.replace("$domain", settings.site.domains[0])

    if isinstance(example.to, int):
        recipients = [f"recipient{number}@example.org" for number in range(example.to)]
    else:
        recipients = [filled(one) for one in example.to]
    envelope = Envelope(
        client=example.client,
        login=filled(example.login) if example.login else None,
        sender=filled(example.sender),
        recipients=recipients,
    )
    written = {"From": example.sender, **example.headers}
    headers = Headers([(name, filled(value).encode()) for name, value in written.items() if value])
    case = judge.open(envelope, _ANY_TIME)
    verdict = case.at_data()
    if not verdict.action.refuses:
        verdict = case.at_headers(headers)
    body = filled(example.body).replace("\n", "\r\n").encode()
    return verdict if verdict.action.refuses else case.at_end(body)
