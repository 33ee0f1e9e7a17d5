"""1.3.3-b  A text to copy for whoever was away without saying until when or whom to ask instead.

mail.absence reads from it all that was put in; a test proves it for every language.
"""

from __future__ import annotations

from datetime import date

from postclerk.languages import Language, marked

_AWAY = marked("Thank you for your message. I am away from {begins} to {until} and will answer when I am back.")
_ASK = marked("If it cannot wait, please write to {substitute}.")


def reply_template(language: Language, begins: date, until: date, substitute: str) -> str:
    """An automatic reply for these days, the last included, with the address of the substitute."""
    away = language.text(_AWAY, begins=language.day(begins), until=language.day(until))
    return f"{away}\n\n{language.text(_ASK, substitute=substitute)}\n"
