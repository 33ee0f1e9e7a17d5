"""What a rule is: it looks at facts and finds; rules.yaml says what a finding leads to.

A rule's file declares one `rule`, its options, the words for each of its findings, and its checks:

    rule = Rule(__name__, clause="1.3.2-a", needs=Need.ENVELOPE, options=Options)

    rule.finding("too-many-recipients", reason="{count} recipients; at most {limit} are allowed.", ...)

    @rule.check
    def too_many_recipients(facts, options):
        if len(facts.recipients) > options.per_message:
            yield Finding("too-many-recipients", count=len(facts.recipients), limit=options.per_message)
"""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, get_args, overload

from pydantic import BaseModel, ConfigDict, Field, model_validator

from postclerk.core.clauses import CLAUSES
from postclerk.core.facts import Excuse, Facts, Limit, Window
from postclerk.core.needs import OF_THE_BODY, Need, Origin


class Action(enum.Enum):
    """What happens to a message, mildest first."""

    ACCEPT = "accept"
    TAG = "tag"
    HOLD = "hold"
    DEFER = "defer"
    REJECT = "reject"

    severity: int

    def __lt__(self, other: Action) -> bool:
        return self.severity < other.severity

    @property
    def refuses(self) -> bool:
        """True when the sender keeps the message: a 4xx or 5xx reply."""
        return self is Action.DEFER or self is Action.REJECT


for _severity, _action in enumerate(Action):
    _action.severity = _severity


class RuleAction(enum.Enum):
    """What rules.yaml can have a rule's findings lead to."""

    REJECT = "reject"
    DEFER = "defer"
    HOLD = "hold"
    TAG = "tag"
    OFF = "off"


class WhenUnavailable(enum.Enum):
    """What rules.yaml can have happen when a fact that a rule needs could not be had."""

    DEFER = "defer"
    ACCEPT = "accept"
    HOLD = "hold"


def option(default: Any, sentence: str, **limits: Any) -> Any:
    """Declares an option of rules.yaml: its default, and the sentence that documents it everywhere."""
    return Field(default, description=sentence, **limits)


def _is_section(annotation: Any) -> bool:
    if inspect.isclass(annotation):
        return issubclass(annotation, Section)
    return any(map(_is_section, get_args(annotation)))


class Section(BaseModel):
    """A section of rules.yaml: unknown keys are mistakes, values do not change once they are read."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="before")
    @classmethod
    def _nothing_written_means_defaults(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return {} if value is None else value
        sections = {info.alias or name: _is_section(info.annotation) for name, info in cls.model_fields.items()}
        # A section with nothing behind its name is there, with its defaults; any other key has its default.
        return {
            key: {} if written is None else written
            for key, written in value.items()
            if written is not None or sections.get(key, True)
        }


class Example(Section):
    """Who sends what to whom, and what must come out: a promise that the rules are held to before they are loaded.

    `$domain` stands for the first of site.domains, so that an example outlives a change of the site's name.
    """

    about: str = option("", "What the example shows, in one sentence.")
    login: str | None = option(None, "The SMTP login; without one the client's address says who sends.")
    client: str | None = option(None, "The client's IP address; without one the client is an outside one.")
    sender: str = Field("", alias="from", description="The envelope sender; empty for the null sender.")
    to: int | list[str] = option(1, "The recipients, or how many outside recipients.")
    headers: dict[str, str] = option({}, "Header fields of the message; From is the envelope sender unless given.")
    body: str = option("", "The message's text.")
    sent_before: int = option(0, "Recipients that the sender has reached within the last hour.", ge=0)
    suspended: bool = option(False, "The login is suspended.")
    expect: Action = option(Action.ACCEPT, "What must come out: accept, tag, hold, defer or reject.")
    code: str | None = option(None, "The finding that must be among those that come out.")


class RuleOptions(Section):
    """The options that every rule has."""

    action: RuleAction = option(RuleAction.REJECT, "What a finding leads to: reject, defer, hold, tag or off.")
    monitor: bool = option(False, "Let the message pass and only write down what would have happened.")
    when_unavailable: WhenUnavailable = option(
        WhenUnavailable.DEFER, "What happens when a fact that the rule needs could not be had: defer, accept or hold."
    )
    tell_recipients: bool = option(
        False, "Tell our own people, by mail, of a message from outside that was refused or held for them."
    )
    examples: list[Example] = option([], "Messages and what must come out of them; run before the rules are loaded.")

    @property
    def is_off(self) -> bool:
        """Whether the rule is not to be carried out at all."""
        return self.action is RuleAction.OFF

    def asks_for(self, finding: Finding) -> tuple[RuleAction, ...]:
        """What rules.yaml would have for a finding: the mildest of these counts."""
        limit = finding.limited_by
        return (self.action, getattr(self, limit)) if limit else (self.action,)


class Finding:
    """What a check found: a stable slug and the facts behind it, to be put into words only where they are shown.

    `limited_by` names an option of the rule that holds the sternest action for this finding, where it has its own.
    `excuse` is what a grant must say for the finding to be excused (1.1.3); `grant` the number of one that has raised a
    limit, but for which there would be a finding: it is written down and leads to nothing. `by_limit` names the option
    that a grant could have raised, with what it would have had to be in `wanted`, where that is known.
    """

    __slots__ = ("by_limit", "code", "detail", "excuse", "grant", "limited_by", "wanted")

    def __init__(
        self,
        code: str,
        /,
        *,
        limited_by: str | None = None,
        excuse: Excuse | None = None,
        grant: int = 0,
        by_limit: str = "",
        wanted: int = 0,
        **detail: Any,
    ) -> None:
        self.grant = grant
        self.by_limit = by_limit
        self.wanted = wanted
        self.code = code
        self.detail: dict[str, Any] = detail
        self.limited_by = limited_by
        self.excuse = excuse

    def __repr__(self) -> str:
        return f"Finding({self.code!r}, {self.detail!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Finding) and (self.code, self.detail) == (other.code, other.detail)

    __hash__ = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Words:
    """What a finding says: `{name}` stands for the finding's details.

    In an SMTP reply `reason` and `remedy` are for our own people; `outside` tells an outside sender the reason without
    limits and directory facts. `enhanced` is the enhanced status code's subject and detail (RFC 3463). In notices and
    on pages, translated (see languages), `happened` and `todo` say it in plain words to whoever has the mailbox: of
    mail from outside that is its recipient.
    """

    reason: str
    remedy: str
    outside: str
    enhanced: str
    happened: str
    todo: str


Check = Callable[[Facts, Any], Iterator[Finding]]
CheckT = TypeVar("CheckT", bound=Check)
Caps = Callable[[Facts, Any], tuple[str, tuple[Window, ...]] | None]
Limits = Callable[[Facts, Any], Iterator[Limit]]


@dataclass(frozen=True)
class BoundCheck:
    """A check with what it needs, the option that turns it on, the origin of the mail that it is for (None: any), and
    whether it has a question about a message at all.

    What the check needs is fetched only for messages that it has a question about; `about` sees the header fields,
    and none of the check's own needs beyond them.
    """

    function: Check
    needs: Need
    when: str | None = None
    origin: Origin | None = None
    about: Callable[[Facts, Any], bool] | None = None

    @cached_property
    def takes_text(self) -> bool:
        """Whether it looks at what a reader sees."""
        return Need.TEXT in self.needs

    @cached_property
    def takes_body(self) -> bool:
        """Whether it looks at what takes the message's body to know."""
        return bool(self.needs & OF_THE_BODY)


class Rule:
    """One clause, one file. The rule's name is its module's name."""

    def __init__(
        self,
        module: str,
        *,
        clause: str,
        needs: Need,
        options: type[RuleOptions] = RuleOptions,
        judges_relays: bool = False,
        exempts: str = "",
    ) -> None:
        """`exempts` says what a grant may name for the rule to allow; empty: nothing."""
        if clause not in CLAUSES:
            raise ValueError(f"{module}: the policy has no clause {clause}")
        self.name = module.rpartition(".")[2]
        self.clause = clause
        self.needs = needs
        self.options = options
        self.judges_relays = judges_relays
        self.exempts = exempts
        self.checks: list[BoundCheck] = []
        self.words: dict[str, Words] = {}
        self.caps: Caps | None = None
        self.limits: Limits | None = None

    @overload
    def check(self, function: CheckT, /) -> CheckT: ...

    @overload
    def check(
        self,
        /,
        *,
        needs: Need | None = None,
        when: str | None = None,
        origin: Origin | None = None,
        about: Callable[[Facts, Any], bool] | None = None,
    ) -> Callable[[CheckT], CheckT]: ...

    def check(
        self,
        function: CheckT | None = None,
        /,
        *,
        needs: Need | None = None,
        when: str | None = None,
        origin: Origin | None = None,
        about: Callable[[Facts, Any], bool] | None = None,
    ) -> CheckT | Callable[[CheckT], CheckT]:
        """Adds a check; `needs` where they differ from the rule's, `when` names a boolean option of the rule, or of the
        whole settings, that turns it on, `origin` says of whose mail it is, `about` of one message whether there is
        anything to ask (BoundCheck)."""

        def add(function: CheckT) -> CheckT:
            self.checks.append(BoundCheck(function, needs or self.needs, when, origin, about))
            return function

        return add if function is None else add(function)

    def count(self, function: Caps) -> Caps:
        """Adds the function that says under which key and in which windows this message's recipients count."""
        self.caps = function
        return function

    def limit(self, function: Limits) -> Limits:
        """Adds the function that tells which limits hold for who sends a message, and why these."""
        self.limits = function
        return function

    def finding(
        self, code: str, *, reason: str, remedy: str, happened: str, todo: str, outside: str = "", enhanced: str = "7.1"
    ) -> None:
        """Declares a finding's words (see Words)."""
        self.words[code] = Words(reason, remedy, outside or reason, enhanced, happened, todo)

    def __repr__(self) -> str:
        return f"<rule {self.name} ({self.clause})>"
