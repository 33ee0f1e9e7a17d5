"""Every message that people read, gathered from the code, the rules, the policy and the templates; as a program it
brings the catalogues up to date: `python -m tests.messages` adds what is new, untranslated, and drops what is gone.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages import extract
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from postclerk.core.clauses import CLAUSES
from postclerk.core.verdict import GENERAL_WORDS
from postclerk.languages import LANGUAGES
from postclerk.rules import all_rules

PACKAGE = Path(__file__).parents[1] / "milter" / "postclerk"
LOCALE = PACKAGE / "locale"
TRANSLATED = [code for code in LANGUAGES if code != "en"]
_KEYWORDS = {"text": None, "marked": None, "count": (1, 2), "_": None}
_FOLDERS = ("mails/*.py", "web/*.py", "templates/*.html", "templates/*.txt")
_VALUES = (
    "an hour",
    "The envelope sender",
    "24 hours",
    " through a mailing list",
    " with an ARC chain",
    " with a signature of this site that does not verify",
)
"""Values of findings that are words (see explained)."""

_IDLE = ('"Project-Id', '"Report-', '"POT-', '"PO-Rev', '"Last-Tr', '"Language-Team', '"Generated-By')
"""Fields of a catalogue's head that say nothing here, and would make each run another file."""

Message = str | tuple[str, str]


def messages() -> dict[Message, None]:
    """Each message by its English text, or its singular and plural, in the order of its first use."""
    return dict.fromkeys([*_of_rules(), *_VALUES, *(clause.says for clause in CLAUSES.values()), *_of_files()])


def _of_rules() -> Iterator[str]:
    for words in [*(one for rule in all_rules().values() for one in rule.words.values()), *GENERAL_WORDS.values()]:
        yield from filter(None, (words.happened, words.todo, words.outside if words.outside != words.reason else ""))


def _of_files() -> Iterator[Message]:
    for path in [PACKAGE / "explained.py", *(path for folder in _FOLDERS for path in sorted(PACKAGE.glob(folder)))]:
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        options = {"trimmed": "true", "silent": "false"} if path.suffix != ".py" else {}
        with path.open("rb") as file:
            for _line, said, _comments, _context in extract.extract(method, file, _KEYWORDS, options=options):
                yield said if isinstance(said, str) else (said[0], said[1])


def catalogue(code: str) -> Catalog:
    """A language's catalogue as it is."""
    with (LOCALE / f"{code}.po").open("rb") as file:
        return read_po(file, locale=code)


def update(code: str, known: dict[Message, str | tuple[str, ...]] | None = None) -> Path:
    """Writes a language's catalogue with exactly the messages that there are."""
    path = LOCALE / f"{code}.po"
    before = catalogue(code) if path.exists() else Catalog(locale=code)
    fresh = Catalog(locale=code, charset="utf-8", fuzzy=False)
    fresh.header_comment = f"# What postclerk says, in {fresh.locale_identifier}; see tests/messages.py."
    for message in messages():
        there = before.get(message if isinstance(message, str) else message[0])
        said = (known or {}).get(message) or (there.string if there else "")
        if not isinstance(message, str):
            said = (tuple(said) or ("",) * fresh.num_plurals)[: fresh.num_plurals]
        fresh.add(message, said)
    text = io.BytesIO()
    write_po(text, fresh, width=110, sort_output=False, no_location=True)
    lines = text.getvalue().decode().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith(_IDLE)), encoding="utf-8")
    return path


if __name__ == "__main__":
    for one in TRANSLATED:
        print(update(one))
