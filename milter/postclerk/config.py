"""rules.yaml as typed settings, or everything that is wrong with it at once.

Failure modes: Mistakes with line and column; OSError when rules.yaml itself cannot be read.
"""

from __future__ import annotations

import difflib
import inspect
import string
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError, create_model

from postclerk.core.clauses import RULES_OF_THE_POLICY
from postclerk.core.rule import Section, option
from postclerk.rules import all_rules
from postclerk.settings import Settings, kind
from postclerk.sourcefile import Location, Mistake, Mistakes, Source, read


class Config:
    """A rules.yaml that was read: its settings, the folder that its file names start from, and its places."""

    def __init__(self, path: Path, source: Source, settings: Settings, warnings: list[Mistake]) -> None:
        self.path = path
        self.folder = path.parent
        self.source = source
        self.settings = settings
        self.warnings = warnings

    @property
    def store_url(self) -> str:
        """The store's URL, a relative SQLite path taken from the folder of rules.yaml."""
        scheme, found, file = self.settings.store.partition(":///")
        if found and scheme.startswith("sqlite") and file and not file.startswith(("/", ":memory:")):
            return f"{scheme}:///{self.folder.absolute() / file}"
        return self.settings.store

    @property
    def stamp(self) -> Path:
        """The file whose time tells the workers that grants or suspensions have changed."""
        return self.spool / "standing"

    @property
    def spool(self) -> Path:
        """The folder in which decisions wait to be filed."""
        if self.settings.journal.spool:
            return self.folder / self.settings.journal.spool
        scheme, found, file = self.store_url.partition(":///")
        if found and scheme.startswith("sqlite"):
            return Path(f"{file}.spool")
        return Path("/var/lib/postclerk/spool")


def load(path: Path) -> Config:
    """Reads a rules.yaml. Raises Mistakes with all that is wrong with it, OSError when it cannot be read."""
    config, mistakes = load_sound(path)
    if mistakes:
        raise Mistakes(mistakes)
    return config


def load_sound(path: Path) -> tuple[Config, list[Mistake]]:
    """What is right in a rules.yaml, and all that is wrong with it: a section with a mistake is taken for left out, so
    that what else is wrong can be told too. Raises Mistakes where nothing can be read, OSError."""
    source = read(path)
    value, warnings = _without_unbuilt_rules(source)
    model, mistakes = _model(), []
    try:
        loaded: Any = model.model_validate(value)
    except ValidationError as fault:
        mistakes = mistakes_of(fault, source, model)
        loaded = model.model_validate(_sound(value, {str(error["loc"][0]) for error in fault.errors() if error["loc"]}))
    rules = {
        name: options for name, options in ((name, getattr(loaded.rules, name)) for name in all_rules()) if options
    }
    settings = Settings.model_construct(**{**dict(loaded), "rules": rules})
    if not list(settings.enabled):
        warnings.append(source.mistake(("rules",), "no rule is on: every message passes", warning=True))
    mistakes += _contradictions(settings, source)
    return Config(path, source, settings, warnings), mistakes


_UNKNOWN_SITE = {"hostname": "mx.invalid", "domains": ["site.invalid"], "networks": ["0.0.0.0/0", "::/0"]}
"""Stands for a site section with a mistake; nothing else in the file contradicts it."""


def _sound(value: Any, wrong: set[str]) -> dict[str, Any]:
    """A file's sections but for the wrong ones, and for the calendar where it is not known whose country counts."""
    sections = value if isinstance(value, dict) else {}
    if "site" in wrong or "site" not in sections:
        sections, wrong = {**sections, "site": _UNKNOWN_SITE}, (wrong | {"calendar"}) - {"site"}
    return {name: section for name, section in sections.items() if name not in wrong}


def _model() -> type[BaseModel]:
    """Settings with one typed section for each rule; an empty section stands for a rule with its defaults."""
    sections: dict[str, Any] = {}
    for name, rule in all_rules().items():
        # Written with nothing behind it a section is on, left out it is off: so None is a default, but no value.
        sections[name] = (rule.options, None)
    rules = create_model("Rules", __base__=Section, **sections)
    return create_model(
        "RulesFile", __base__=Settings, rules=(rules, option(rules(), "The rules that are on, each with its options."))
    )


def _without_unbuilt_rules(source: Source) -> tuple[Any, list[Mistake]]:
    """A rule of the written policy that this version does not have yet is no misspelling: it is said, and left out."""
    value = source.value
    rules = value.get("rules") if isinstance(value, dict) else None
    if not isinstance(rules, dict):
        return value, []
    unbuilt = [name for name in rules if name in RULES_OF_THE_POLICY and name not in all_rules()]
    warnings = [
        source.mistake(
            ("rules", name), f"this version has no rule `{name}`; nothing of it is carried out", warning=True
        )
        for name in unbuilt
    ]
    return {**value, "rules": {name: rules[name] for name in rules if name not in unbuilt}}, warnings


def _contradictions(settings: Settings, source: Source) -> Iterator[Mistake]:
    """What each part may say, but not together."""
    yield from _unclear_directories(settings, source)
    yield from _unclear_texts(settings, source)
    yield from _unclear_days(settings, source)
    names: set[str] = set()
    for number, notice in enumerate(settings.service_notices):
        here: Location = ("service_notices", number)
        if notice.name in names:
            yield source.mistake((*here, "name"), f"two service notices are called {notice.name}")
        names.add(notice.name)
        if not notice.login and not notice.networks and not notice.dkim:
            yield source.mistake(here, "a service notice needs a login, networks or a DKIM key to be known by")
        if notice.dkim and not notice.senders:
            yield source.mistake((*here, "dkim"), "a service notice that is known by its signature needs `from`")
        for network in notice.networks:
            if not any(_within(network, inside) for inside in settings.site.networks):
                yield source.mistake((*here, "networks"), f"{network} does not lie within site.networks")


def _unclear_texts(settings: Settings, source: Source) -> Iterator[Mistake]:
    words = {f"{name}.{code}": said for name, rule in all_rules().items() for code, said in rule.words.items()}
    for language, texts in settings.texts.items():
        for name, own in texts.items():
            here: Location = ("texts", language, name)
            if name not in words:
                near = difflib.get_close_matches(name, words, 1, 0.6)
                hint = f"did you mean `{near[0]}`?" if near else "it is RULE.CODE, as the journal shows them"
                yield source.mistake(here, f"there is no finding `{name}`; {hint}")
                continue
            allowed = placeholders(f"{words[name].happened} {words[name].reason}")
            for which, text in (("happened", own.happened), ("todo", own.todo)):
                try:
                    unknown = sorted(placeholders(text or "") - allowed)
                except ValueError as fault:
                    yield source.mistake((*here, which), f"`{which}` is no text with placeholders: {fault}")
                    continue
                if unknown:
                    known = ", ".join(f"{{{one}}}" for one in sorted(allowed)) or "none"
                    yield source.mistake((*here, which), f"`{{{unknown[0]}}}` stands for nothing; allowed are {known}")


def placeholders(text: str) -> set[str]:
    """The names in braces in a text. Raises ValueError where braces do not pair or hold more than a name."""
    found = set()
    for _before, name, form, conversion in string.Formatter().parse(text):
        if name is not None:
            if form or conversion or not name.isidentifier():
                raise ValueError(f"{{{name}}} is not a name in braces")
            found.add(name)
    return found


_DIRECTORIES = ("file", "ldap", "sql")


def _unclear_directories(settings: Settings, source: Source) -> Iterator[Mistake]:
    for number, entry in enumerate(settings.directory):
        here: Location = ("directory", number)
        if sum(getattr(entry, name) is not None for name in _DIRECTORIES) != 1:
            yield source.mistake(here, f"an entry of `directory` is one of {', '.join(_DIRECTORIES)}")
        if entry.sql is not None and bool(entry.sql.url) == bool(entry.sql.url_file):
            yield source.mistake((*here, "sql"), "name either `url` or `url_file`")
        if entry.sql is not None and not entry.sql.addresses:
            yield source.mistake((*here, "sql"), "`addresses` is missing: without it nobody owns an address")


def _unclear_days(settings: Settings, source: Source) -> Iterator[Mistake]:
    calendar = settings.calendar
    if calendar.weekend is not None and len(set(calendar.weekend)) == 7:
        yield source.mistake(("calendar", "weekend"), "the whole week is off; nothing would ever fall due")
    for number, day in enumerate(calendar.add_workdays):
        if day in calendar.add_holidays:
            here: Location = ("calendar", "add_workdays", number)
            yield source.mistake(here, f"{day} stands in add_holidays too")
    for day in calendar.short_days:
        if day in calendar.add_holidays:
            yield source.mistake(("calendar", "short_days", str(day)), f"{day} stands in add_holidays too")


def _within(network: Any, inside: Any) -> bool:
    return bool(network.version == inside.version and network.subnet_of(inside))


def mistakes_of(fault: ValidationError, source: Source, model: type[BaseModel], start: Location = ()) -> list[Mistake]:
    """A validator's errors as mistakes in a file, in words that say what is wrong and what is allowed."""
    found = []
    for error in fault.errors(include_url=False):
        location: Location = ()
        for part in error["loc"]:
            if not _is_type_name(part) or source.has((*start, *location, part)):
                location += (part,)
        found.append(source.mistake((*start, *location), _in_words(dict(error), location, model)))
    return list(dict.fromkeys(found))


def _is_type_name(part: int | str) -> bool:
    """Pydantic puts the names of a union's members into the location; no option of ours looks like one."""
    return isinstance(part, str) and ("[" in part or part in ("int", "str", "none") or part[:1].isupper())


def _in_words(error: Mapping[str, Any], location: Location, model: type[BaseModel]) -> str:
    key = next((part for part in reversed(location) if isinstance(part, str)), "")
    match error["type"]:
        case "extra_forbidden":
            allowed = _allowed_keys(model, location[:-1])
            near = difflib.get_close_matches(key, allowed, 1, 0.6)
            hint = f"did you mean `{near[0]}`?" if near else f"allowed are {', '.join(allowed)}"
            return f"unknown key `{key}`; {hint}"
        case "missing":
            return f"`{key}` is missing"
        case "enum" | "literal_error":
            return f"`{key}` is {error['input']!r}; allowed are {error['ctx']['expected']}".replace("'", "")
        case "value_error":
            return f"`{key}`: {error['ctx']['error']}" if isinstance(location[-1], str) else str(error["ctx"]["error"])
        case "model_type" | "dict_type" | "model_attributes_type":
            what = f"`{key}`" if key else "the file"
            return f"{what} must hold keys with values, not {kind(error['input'])}"
        case "list_type":
            return f"`{key}` must be a list, not {kind(error['input'])}"
        case "int_parsing" | "int_type" | "int_from_float":
            return f"`{key}` must be a whole number, not {kind(error['input'])}"
        case "bool_parsing" | "bool_type":
            return f"`{key}` must be true or false, not {kind(error['input'])}"
        case "string_type":
            return f"`{key}` must be a text, not {kind(error['input'])}"
        case "too_short" | "string_too_short":
            return f"`{key}` is empty"
        case "string_too_long":
            most = error["ctx"]["max_length"]
            return f"`{key}` is {error['input']!r}; at most {most} character{'s' if most > 1 else ''} may stand there"
        case "string_pattern_mismatch":
            return f"`{key}` is {error['input']!r}; it must have the form {error['ctx']['pattern']}"
        case _:
            return f"`{key}`: {error['msg'].replace('Input should', 'it should')}"


def _allowed_keys(model: type[BaseModel], location: Location) -> list[str]:
    """The keys that the section at a location may have."""
    for part in location:
        if isinstance(part, int):
            continue
        field = next((info for name, info in model.model_fields.items() if part in (name, info.alias)), None)
        inner = _section_in(field.annotation) if field else None
        if inner is None:
            return []
        model = inner
    return [info.alias or name for name, info in model.model_fields.items()]


def _section_in(annotation: Any) -> type[BaseModel] | None:
    if inspect.isclass(annotation):
        return annotation if issubclass(annotation, BaseModel) else None
    return next((found for found in map(_section_in, typing.get_args(annotation)) if found), None)
