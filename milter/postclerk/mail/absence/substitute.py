"""Whom to ask instead: an address, else a telephone number, else a name, in a sentence that says so."""

from __future__ import annotations

from collections.abc import Collection

from postclerk.mail.absence.tokens import Sentence, Token

_NOBODY = ("noreply", "no-reply", "no_reply", "donotreply", "do-not-reply", "mailer-daemon")
_FEWEST_DIGITS, _MOST_DIGITS = 4, 15
_TITLES = frozenset(["dr", "mr", "mrs", "ms", "prof", "профессор", "доцент", "doç", "yrd", "öğr", "gör", "dr"])
_ADDRESSED = ("ваш", "вам", "вас", "вы", "siz", "сиз", "your", "you")
"""Beginnings of words with capitals for the reader himself, folded."""

_LONGEST_NAME = 8


def substitute(sentences: list[Sentence], own: Collection[str]) -> str | None:
    """The contact of the substitute; what belongs to the person himself (`own`, and "reach me at") is none."""
    mine = {one.strip().lower() for one in own}
    phones: list[str] = []
    names: list[str] = []
    loose: list[str] = []
    asked = False
    for sentence in sentences:
        if sentence.signature:
            continue
        contact = "contact" in sentence.says
        for place, token in enumerate(sentence.tokens):
            if token.kind not in ("email", "phone", "digits", "number", "full"):
                continue
            if _is_himself(sentence.tokens, place):
                continue
            if token.kind == "email":
                address = token.text.lower().rstrip(".-_")
                if address in mine or address.startswith(_NOBODY):
                    continue
                if contact or asked:
                    return address
                if "received" not in sentence.says:
                    loose.append(address)
            elif (contact or asked) and _is_phone(sentence.tokens, place):
                phones.append(token.text.strip())
        if contact and (name := _name(sentence)) is not None:
            names.append(name)
        asked = contact or (asked and len(sentence.tokens) <= 12)
    found = [*loose, *phones, *names]
    return found[0][:200] if found else None


def _is_himself(tokens: list[Token], place: int) -> bool:
    """Whether what was said last before the address, or behind it, speaks of the writer himself."""
    for at in range(place, -1, -1):
        says = tokens[at].says
        if "self" in says:
            return True
        if "contact" in says and at < place:
            return any("self" in one.says for one in tokens[max(0, at - 2) : place])
    behind = tokens[place + 1 :]
    if any("contact" in one.says and "self" not in one.says for one in behind):
        return any(one.folded in ("bana", "маган", "мне") for one in tokens)
    return any("self" in one.says for one in behind)


def _is_phone(tokens: list[Token], place: int) -> bool:
    token = tokens[place]
    digits = sum(one.isdigit() for one in token.text)
    if token.kind == "phone":
        return True
    called = any("phone" in one.says for one in tokens[max(0, place - 3) : place])
    if token.kind in ("number", "full"):
        return called and digits >= _FEWEST_DIGITS
    return digits <= _MOST_DIGITS and (called or digits >= 6)


def _name(sentence: Sentence) -> str | None:
    """A run of words with capitals: behind the verb, as in English and Russian, or before it."""
    first = next((place for place, one in enumerate(sentence.tokens) if "contact" in one.says), 0)
    runs = _runs(sentence.tokens, sentence.text)
    behind = [run for run in runs if run[0] > first]
    before = [run for run in runs if run[0] < first]
    chosen = behind[0] if behind else before[-1] if before else None
    return chosen[1] if chosen else None


def _runs(tokens: list[Token], text: str) -> list[tuple[int, str]]:
    runs: list[tuple[int, str]] = []
    place = 0
    while place < len(tokens):
        end = place
        while end < len(tokens) and end - place < _LONGEST_NAME and _is_of_name(tokens, place, end):
            end += 1
        words = [one for one in tokens[place:end] if one.kind == "word"]
        if (
            words
            and (len(words) > 1 or place > 0)
            and any(len(one.text) > 2 for one in words)
            and not all(one.folded in _TITLES for one in words)
        ):
            runs.append((place, _written(tokens[place:end], text)))
        place = max(end, place + 1)
    return runs


def _is_of_name(tokens: list[Token], place: int, end: int) -> bool:
    token = tokens[end]
    if token.kind == "mark":
        before = tokens[end - 1] if end > place else None
        return token.text == "." and before is not None and (len(before.text) == 1 or before.folded in _TITLES)
    if token.kind != "word" or not token.text[0].isupper() or (token.text.isupper() and len(token.text) > 1):
        return False
    if token.means - {"and"} or token.says or token.folded.startswith(_ADDRESSED):
        return False
    return end == place or tokens[end - 1].kind == "word" or tokens[end - 1].text == "."


def _written(run: list[Token], text: str) -> str:
    end = run[-1].start + len(run[-1].text)
    if len(run[-1].text) == 1 and text[end : end + 1] == ".":
        end += 1
    return " ".join(text[run[0].start : end].split())
