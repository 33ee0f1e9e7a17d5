"""`./dev demo`: plays the scenes on a private stack and prints what was sent, answered and delivered.

Exit 0 when every outcome was the expected one, 1 when not, 2 when the stack cannot run here. On a terminal it stays up
until Ctrl-C. `--picture FILE` also draws the table as an SVG file.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import signal
import sys
import time
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from tests.demo import letters
from tests.demo.scenes import HEAD, REGISTRY, SCENES, SERIK, Outcome, Scene, letter, play
from tests.stack import site
from tests.stack.postfix import StackError
from tests.stack.site import LOGINS, PASSWORD
from tests.stack.whole import Stack


def main() -> int:
    """Runs the demo and returns its exit status."""
    parser = argparse.ArgumentParser(prog="demo", description="Real messages through a private Postfix.")
    parser.add_argument("--picture", metavar="FILE", type=Path, help="draw the table as an SVG file")
    options = parser.parse_args()
    for sign in (signal.SIGTERM, signal.SIGHUP):
        # A terminal that is closed leaves nothing behind either.
        signal.signal(sign, signal.default_int_handler)
    terminal = sys.stdout.isatty()
    console = Console(width=None if terminal else 132, highlight=False, record=options.picture is not None)
    began = time.monotonic()
    try:
        with Stack(rules=site.RULES + site.TRACKER, web=True) as stack:
            console.print(f"Postfix, Dovecot and postclerk are up after {time.monotonic() - began:.1f} s.\n")
            good = _play_all(stack, console)
            seconds = time.monotonic() - began
            console.print(f"\n{good} of {len(SCENES)} outcomes are the expected ones; {seconds:.0f} s.")
            _show_journal(stack, console)
            told = _show_notice(stack, console)
            told &= _show_letters(stack, console)
            if options.picture:
                options.picture.write_text(_drawn(console))
            if terminal:
                with contextlib.suppress(KeyboardInterrupt):
                    _stay(stack, console)
    except StackError as fault:
        print(f"demo: {fault}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0 if good == len(SCENES) and told else 1


def _play_all(stack: Stack, console: Console) -> int:
    table = Table(title="What the policy makes of mail", title_justify="left", show_lines=True, expand=True)
    table.add_column("what was sent", ratio=26, overflow="fold")
    table.add_column("what the server answered", ratio=52, overflow="fold")
    table.add_column("what was delivered", ratio=26, overflow="fold")
    table.add_column("", width=1)
    good = 0
    with console.status("") as status:
        for scene in SCENES:
            status.update(f"{scene.about} …")
            outcome = play(scene, stack)
            wrong = scene.failures(outcome)
            good += not wrong
            mark = "[red]✗[/red]" if wrong else "[green]✓[/green]"
            delivered = _delivered(scene, outcome)
            if wrong:
                delivered += "\n[red]" + escape("; ".join(wrong)) + "[/red]"
            table.add_row(escape(scene.about), _answered(outcome), delivered, mark)
    console.print(table)
    return good


def _answered(outcome: Outcome) -> str:
    if outcome.answer is None:
        return "[dim]not by SMTP[/dim]"
    colour = "green" if outcome.answer.code < 400 else "yellow" if outcome.answer.code < 500 else "red"
    first, *rest = outcome.answer.lines
    lines = [first, *(line.partition(" ")[2] for line in rest)]
    shown = [f"[{colour}]{outcome.answer.code} {escape(lines[0])}[/{colour}]", *map(escape, lines[1:])]
    return "\n".join(shown)


def _delivered(scene: Scene, outcome: Outcome) -> str:
    if outcome.held > 0:
        return "[yellow]held in Postfix's hold queue[/yellow]"
    if not outcome.delivered:
        return "[dim]to nobody[/dim]"
    first, *others = outcome.delivered
    line = escape(first) + (f" and {len(others)} more" if others else "")
    headers = outcome.delivered[first]
    if scene.name == "sendmail-forged":
        line += " [dim](Postfix's bounce)[/dim]"
    return line + "".join(f"\n{escape(name)}: {escape(value)}" for name, value in headers.items())


def _show_journal(stack: Stack, console: Console) -> None:
    entries = stack.clerk.journal()
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry["action"]] = counts.get(entry["action"], 0) + 1
    shown = ", ".join(f"{count} {action}" for action, count in sorted(counts.items()))
    console.print(f"The journal holds {len(entries)} decisions: {shown}.")


def _show_notice(stack: Stack, console: Console) -> bool:
    """One more refusal, and what the refused person then finds in his mailbox."""
    stack.dovecot.clear()
    reader = HEAD
    stack.send(letter(REGISTRY, SERIK, "Timetable"), sender=REGISTRY, to=[SERIK], login="b.head")
    try:
        notice = stack.dovecot.wait_for(reader, seconds=10)[0]
    except TimeoutError as fault:
        console.print(f"[red]There is no notice: {escape(str(fault))}[/red]")
        return False
    text = next(part for part in notice.walk() if part.get_content_type() == "text/plain").get_content()
    first = text.partition("-" * 72)[0].strip()
    console.print(
        "\n[bold]b.head sends as the registry, and finds this in his mailbox[/bold] (four languages, his own first):"
    )
    console.print(f"\n{escape(first)}\n", soft_wrap=True)
    return True


def _show_letters(stack: Stack, console: Console) -> bool:
    """Letters come in, some are answered; the clock is moved; the flag, the reminder and the digest are looked at."""
    stack.dovecot.clear()
    letters.send_letters(stack)
    letters.answer(stack, 1, letters.SUBJECTS[1])
    later, monday = letters.when_overdue(stack), letters.next_monday(stack)
    stack.clerk.track(later)
    try:
        there = letters.wait_for_reminder(stack)
    except TimeoutError as fault:
        console.print(f"[red]{escape(str(fault))}[/red]")
        return False
    table = Table(title=f"What waits for a.serik's answer, {later:%a %d %b, %H:%M}", title_justify="left")
    for heading in ("letter", "what became of it", f"flag {letters.FLAG} in his mailbox"):
        table.add_column(heading)
    for subject, says in zip(letters.SUBJECTS, letters.FATES, strict=True):
        table.add_row(escape(subject), says, "[red]set[/red]" if there.flags[subject] else "[dim]no[/dim]")
    console.print(table)
    console.print(f"\nThe reminder in his mailbox: [bold]{escape(there.reminders[0][0])}[/bold]")
    stack.clerk.write_digests(monday)
    try:
        digest = letters.wait_for_digest(stack)
    except TimeoutError as fault:
        console.print(f"[red]{escape(str(fault))}[/red]")
        return False
    body = digest.get_body(("plain",))
    console.print(f"\n[bold]The digest of the week, in his mailbox on {monday:%a %d %b}[/bold] (his language):\n")
    console.print(escape(body.get_content().strip() if body else ""), soft_wrap=True)
    right = there.flags == dict(zip(letters.SUBJECTS, letters.FLAGGED, strict=True))
    return right and letters.SUBJECTS[0] in (body.get_content() if body else "")


def _drawn(console: Console) -> str:
    # Without the fonts that a browser would fetch from elsewhere.
    fonts = re.compile(r"@font-face \{\{.*?\}\}\s*", re.DOTALL)
    return console.export_svg(title="./dev demo", code_format=fonts.sub("", CONSOLE_SVG_FORMAT))


def _stay(stack: Stack, console: Console) -> None:
    console.print(
        f"""
It stays up until Ctrl-C. All of it listens on 127.0.0.1 only:

  SMTP with login   port {stack.postfix.submission}   logins {", ".join(LOGINS)}; password {PASSWORD}
  SMTP without      port {stack.postfix.port}   from 127.0.0.1 as inside, from 127.0.0.99 as outside
  IMAP              port {stack.dovecot.imap_port}   any login above with @uni.example; password {PASSWORD}
  Pages             {stack.pages}/e/…   as the replies and notices link to them
  its own folder    {stack.folder}

Try:

  curl --url smtp://127.0.0.1:{stack.postfix.submission} --user a.serik:{PASSWORD} --mail-from b.head@uni.example \\
       --mail-rcpt registry@uni.example --upload-file README.md --verbose
  .venv/bin/postclerk journal --rules {stack.clerk.rules}
""",
        soft_wrap=True,
    )
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    sys.exit(main())
