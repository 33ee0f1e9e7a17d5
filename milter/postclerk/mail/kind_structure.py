"""How the text of a message is made, apart from what it says: data and tables, and who speaks in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from postclerk.core.lexicon import Sentence, fold
from postclerk.core.reading import Link

_DATA = re.compile(r"\s*(?:<\?xml\b|<!doctype|\{\s*\"|\[\s*\{)", re.IGNORECASE)
_REACHED = re.compile(
    r"@|\+?\d[\d() -]{6,}\d$|^(?:tel|phone|fax|mob|cell|e-?mail|web|www|skype|url|http|p\.?\s?s|from|sent|to|cc|"
    r"subject|date|тел|моб|факс|сайт|почта|эл|от|кому|тема|дата|gsm|faks|kimden|kime|konu|tarih|ұялы|кімнен|кімге|"
    r"von|an|gesendet|betreff|da|a|inviato|oggetto|de|envoyé|objet|à|asunto|enviado)\b",
    re.IGNORECASE,
)
"""A line of a signature, or of the header of a message that is passed on."""

_BEGINNING = 2000
_LONGEST_NAME = 30
_LONGEST_VALUE = 120
_ROWS_OF_A_TABLE = 3


def is_data(text: str) -> bool:
    """Whether a program is to read it: XML, JSON."""
    return bool(_DATA.match(text))


def is_table(text: str) -> bool:
    """Whether it begins with several lines that are a name, a colon and a value, and none of a person's signature."""
    names = set()
    for line in text[:_BEGINNING].split("\n"):
        name, colon, value = (part.strip(" \t*-•") for part in line.partition(": "))
        if (
            colon
            and value
            and 1 < len(name) <= _LONGEST_NAME
            and len(value) <= _LONGEST_VALUE
            and name[0].isalpha()
            and not _REACHED.search(f"{name}: {value}")
        ):
            names.add(name.casefold())
    return len(names) >= _ROWS_OF_A_TABLE


_NUMBERED = re.compile(
    r"№\s?\S*\d|#\s?\d{2,}|\b[^\W\d_]{2,}[-/]?\d[\w/-]*|\b\d{5,}\b|\b\d+%|^\s*\[[^\]\n]+\]|\b\d{4}-\d\d-\d\d\b"
)
_MOMENT = re.compile(r"\b\d{1,2}:\d\d:\d\d\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b\d{4}-\d\d-\d\d\b")


def is_numbered(subject: str) -> bool:
    """Whether a subject names a thing by its number or mark, as programs do."""
    return bool(_NUMBERED.search(subject[:300]))


def is_exact(text: str) -> bool:
    """Whether it tells dates in figures, or much of it is figures."""
    beginning = text[:_BEGINNING]
    digits = sum(map(str.isdigit, beginning))
    return bool(_MOMENT.search(beginning)) or digits > max(_FEW_DIGITS, len(beginning) // _ONE_DIGIT_OF)


def tells_seconds(text: str) -> bool:
    """Whether it tells a time of the day to the second."""
    return bool(_SECONDS.search(text[:_BEGINNING]))


def is_numbered_issue(text: str) -> bool:
    """Whether it begins as the number of a periodical does: its volume and issue, or its ISSN."""
    return bool(_ISSUE.search(text[:_SHORT_BEGINNING]))


_ISSUE = re.compile(
    r"\bvol(?:ume)?\.? ?\d+[\W_]{1,3}(?:no|num|number|issue|iss)\.? ?\d+|\bissn\b|\bnewsletter (?:no\. ?|# ?)\d+|"
    r"\b(?:issue|edition) (?:no\. ?|# ?)?\d{1,4}\b|\bвыпуск (?:№ ?)?\d{1,4}\b|"
    r"\b(?:bülten|sayı):? (?:no:? ?)?\d{1,4}\b|\b\d{1,4}-(?:шығарылым|саны?)\b",
    re.IGNORECASE,
)
_SHORT_BEGINNING = 600
_SECONDS = re.compile(r"\b[0-2]?\d:[0-5]\d:[0-5]\d\b")
_FEW_DIGITS = 8
_ONE_DIGIT_OF = 20

_SECRET = re.compile(
    r"[0-9a-f]{16,}|(?=[\w~-]*\d)(?=[\w~-]*[a-z])[\w~-]{16,}|(?=\w*[A-Z])(?=\w*[a-z])\w{20,}", re.ASCII
)


def tokens_of_links(links: Iterable[Link]) -> int:
    """How many links to one site bear a token: one confirms something, many count whoever follows them."""
    whole = (link.url.partition("//")[2].partition("/") for link in links)
    return max(Counter(host for host, _slash, path in whole if _SECRET.search(path)).values(), default=0)


_I = frozenset(map(fold, [
    "i", "my", "me", "я", "мне", "меня", "мной", "мой", "моя", "мою", "моей", "моего", "прошу", "хочу", "могу", "пишу",
    "жду", "буду", "смогу", "вышлю", "пришлю", "ben", "bana", "beni", "bende", "benim", "ederim", "мен", "маған",
    "мені", "менің", "менде",
]))  # fmt: skip
_I_DO = tuple(map(fold, [
    "яю", "гаю", "даю", "жаю", "маю", "наю", "ваю", "чаю", "шаю", "щаю", "сылаю",
    "yorum", "acağım", "eceğim", "мын", "мін", "пын", "пін", "бын", "бін", "дым", "дім", "тым", "тім",
]))  # fmt: skip
"""The ends of Russian, Turkish and Kazakh verbs that say what one does oneself. Russian ones as far as no names end so:
what is assigned to Николаю or Есенбаю is a notice."""

_WAS_DONE = tuple(map(fold, [
    "mıştır", "miştir", "muştur", "müştür", "ıldı", "ildi", "uldu", "üldü", "ылды", "ілді",
    "ено", "ены", "влен", "влена", "лнен", "лнена", "щен", "щена",
]))  # fmt: skip
"""The ends of verbs that say what was done, and not by whom, in Turkish, Kazakh and Russian."""

_STEM = 6
"""Letters beyond which a word is long enough for its end to tell."""


def speaks_of_himself(sentences: Iterable[Sentence]) -> bool:
    """Whether somebody says "I"."""
    return any(word in _I or (len(word) > _STEM and word.endswith(_I_DO)) for one in sentences for word in one.words)


def tells_what_was_done(sentences: Iterable[Sentence]) -> bool:
    """Whether something "was done"."""
    for one in sentences:
        if any(len(word) > _STEM and word.endswith(_WAS_DONE) for word in one.words):
            return True
        if any(word in _WAS and following.endswith("ed") for word, following in pairwise(one.words)):
            return True
    return False


_WAS = frozenset(("is", "are", "was", "were", "been"))

_TELEPHONE = re.compile(
    r"^\W*(?:(?:tel|phone|mob|cell|тел|моб|вн|gsm|cep|ұялы)\w*|m|t)[.:]{0,2} ?[+(]{0,2}\d(?:[() -]{0,2}\d){3,}",
    re.IGNORECASE | re.MULTILINE,
)


def bears_a_telephone(text: str) -> bool:
    """Whether somebody ends with his telephone number, on a line of its own."""
    return bool(_TELEPHONE.search(text[-_SIGNATURE:]))


_SIGNATURE = 400

_ASKS_NOTHING = re.compile(
    r"(?:^|[.!\n])\W*(?:это )?(?:не |didn.t |not |wasn.t |don.t |need |any |have |more |questions|есть вопрос|"
    r"(?:остались|возникли|появились) вопрос|нужна помощь|забыли|siz değil|soru|yardım|сұрақ|көмек|сіз емес)"
    r"[^.!?\n]{0,60}\?",
    re.IGNORECASE,
)


def asks(text: str) -> bool:
    """Whether somebody asks something, other than whether it was not you, or whether you have questions."""
    return "?" in text and "?" in _ASKS_NOTHING.sub(" ", text)
