"""How many answers the tracker pairs with their letters, with ids and without: over the labelled threads of a folder.

Every author of an answer is an owner in turn, to whom all mail of others in the folder was addressed: whatever he wrote
is to answer the letters that the table says, and no other. List mail goes to a list, so that is said here; it is harder
than a mailbox. With --addressed only what names him in To or Cc is a letter to him, as in a mailbox of his own, and his
answers go to whom they name.

    ./dev bench threads FOLDER [--addressed] [--mistakes]
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import datetime
import sys
from collections import defaultdict
from collections.abc import Collection
from pathlib import Path

from postclerk.adapters.scratch import ScratchBook
from postclerk.core.facts import Headers
from postclerk.core.traces import trace
from postclerk.core.tracker import Addressee, Post, Tracker
from postclerk.mail.answerable import answers
from postclerk.mail.header import body, header_fields
from postclerk.mail.letter import read_body
from postclerk.mail.post import post, received_at
from postclerk.mail.quotes import quoted_first, said

_NOW = datetime.datetime(2100, 1, 1, tzinfo=datetime.UTC)


def read(file: Path) -> Post:
    """One message of the folder."""
    data = file.read_bytes()
    headers = Headers(header_fields(data))
    moment = received_at(headers, _NOW)
    read = read_body(headers, body(data))
    return post(
        headers, key=str(file), at=moment.timestamp() if moment else 0.0,
        said=trace(said(read, answers=answers(headers))),
        quotes=trace(quoted_first(read)),
    )  # fmt: skip


def paired(letters: Collection[Post], answers: Collection[Post]) -> dict[str, str]:
    """Which answer each letter gets, by their keys."""
    book = ScratchBook(lambda _login, begin, end: end - begin)
    by_ident = {one.ident: one.key for one in answers}
    with book.opened() as there:
        tracker = Tracker(there.book, lambda _login, at: at, lambda _login: ())
        everything = [*((one, False) for one in letters), *((one, True) for one in answers)]
        for one, is_answer in sorted(everything, key=lambda pair: pair[0].at):
            tracker.take(one, ("owner",) if is_answer else (), [] if is_answer else [Addressee("owner", "")])
        found = {one.post.key: one.answer for one in there.all_letters() if one.answer}
    return {key: by_ident.get(answer.ident, answer.ident) for key, answer in found.items()}


def main() -> int:
    """Evaluates."""
    parser = argparse.ArgumentParser(prog="bench threads")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--mistakes", action="store_true", help="print them")
    parser.add_argument("--addressed", action="store_true", help="only letters that name the author of the answer")
    options = parser.parse_args()
    folder = options.folder
    with (folder / "threading" / "pairs.tsv").open(newline="", encoding="utf-8") as table:
        rows = list(csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE))
    posts = {name: read(folder / name) for row in rows for name in (row["reply"], row["parent"])}
    by_set: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        if row["note"] == "same_author":
            continue  # who answers himself asks again
        by_set["as found" if row["variant"].startswith("orig") else row["variant"]].append(row)
    print("variant    letters  paired  asked again  false  recall  false share")
    for variant, there in sorted(by_set.items()):
        right, missed, again, false = _score(there, posts, addressed=options.addressed, show=options.mistakes)
        recall, share = right / ((right + missed) or 1), false / ((right + again + false) or 1)
        print(f"{variant:9}  {right + missed:7}  {right:6}  {again:11}  {false:5}  {recall:6.3f}  {share:11.3f}")
    return 0


def _score(
    rows: list[dict[str, str]], posts: dict[str, Post], *, addressed: bool, show: bool
) -> tuple[int, int, int, int]:
    """Letters that are paired with an answer of theirs, letters that are not, earlier letters of the same thread and
    author that count as answered with them, and pairs that are none."""
    by_author: dict[frozenset[str], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        by_author[posts[row["reply"]].authors].append(row)
    names = {name for row in rows for name in (row["reply"], row["parent"])}
    keys = {posts[name].key: name for name in names}
    right = missed = asked_again = false = 0
    for author, own in by_author.items():
        wanted: dict[str, set[str]] = defaultdict(set)
        for row in own:
            if not addressed or not posts[row["parent"]].people.isdisjoint(author):
                wanted[row["parent"]].add(row["reply"])
        written = [posts[row["reply"]] if addressed else _reaching(posts, row) for row in own]
        letters = [
            posts[name]
            for name in sorted(names)
            if posts[name].authors != author and not (addressed and posts[name].people.isdisjoint(author))
        ]
        got = {keys[letter]: keys[answer] for letter, answer in paired(letters, written).items()}
        good = {letter for letter, answer in got.items() if answer in wanted[letter]}
        right += len(good)
        again = {
            letter
            for letter, answer in got.items()
            if letter not in good
            and any(posts[letter].authors == posts[one].authors for one, all_of in wanted.items() if answer in all_of)
        }
        missed += sum(bool(labelled) and letter not in got for letter, labelled in wanted.items())
        asked_again += len(again)
        false += len(got) - len(good) - len(again)
        for letter, labelled in sorted(wanted.items()) if show else ():
            if (labelled and letter not in good) or (letter in got and letter not in good | again):
                print(f"  {letter} {posts[letter].title!r}: {got.get(letter)}, not {sorted(labelled)}")
    return right, missed, asked_again, false


def _reaching(posts: dict[str, Post], row: dict[str, str]) -> Post:
    """An answer as it would have gone without a list: to the author of what it answers, who else reads the list."""
    answer, author = posts[row["reply"]], posts[row["parent"]].authors
    if not answer.people.isdisjoint(author):
        return answer
    return dataclasses.replace(answer, recipients=answer.recipients | author, to=answer.to | author)


if __name__ == "__main__":
    sys.exit(main())
