"""Write the sample help-desk export. Run: python -m assets.make.sample_tickets --seed N --out FILE."""

from __future__ import annotations

import argparse
import csv
import io
import json
import random
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from assets.make import mess
from assets.make.mess import Row
from assets.make.tickets import draw

COLUMNS = ("ticket_id", "created", "channel", "customer_email", "subject", "message", "routing", "agent_note")
SUBJECTS = (
    "",
    "",
    "Question",
    "Help",
    "My order",
    "Support request",
    "Hello",
    "Re: Your message",
    "Contact form",
    "Grüße",
)
NOTES = (
    "",
    "",
    "",
    "",
    "called back",
    "see older ticket",
    "ok",
    "customer was friendly",
    "über Formular",
    "done – no reply",
)
CHANNELS = ("mail", "mail", "mail", "web form", "chat", "phone")
ENCODING, DELIMITER = "cp1252", ";"
BROKEN = (
    "T-90001;03.02.2026 10:12;mail;broken.line@example.org",
    "T-90002;04.02.2026 08:55;chat;x@example.org;Help;my lamp; it hums; please help;Queue: Plover | Priority: P2;;;",
    "--- page break ---",
)
GOOD, FEW_CONTACTS = 900, 0.06


def distinct(count: int, rng: random.Random) -> list[Row]:
    """Draw tickets of which no two say the same."""
    rows: dict[str, Row] = {}
    while len(rows) < count:
        one = mess.row(draw(rng))
        if rng.random() < FEW_CONTACTS:
            one = mess.with_contact(one, rng)
        rows.setdefault(one.message.casefold(), one)
    return list(rows.values())


def all_rows(rng: random.Random, good: int = GOOD) -> list[Row]:
    """Return the good rows and the mess, in export order."""
    rows = distinct(good, rng)
    picked = rng.sample(rows, good // 10 + good // 50)
    twentieth = good // 20
    rows += [mess.exact_copy(one, rng) for one in picked[:twentieth]]
    rows += [mess.near_copy(one, rng) for one in picked[twentieth : 2 * twentieth]]
    rows += [mess.contradiction(one, rng) for one in picked[good // 10 :][: good // 70]]
    for _ in range(6):
        rows += mess.not_pair(rng) + mess.number_pair(rng)
    rows += [mess.unanswered(one, rng) for one in distinct(14, rng)]
    rng.shuffle(rows)
    return rows


def cells(number: int, one: Row, when: datetime, rng: random.Random) -> list[str]:
    """Return one line of the export."""
    email = mess.address(rng.choice(("anna", "ben", "clara", "david", "rosa", "sven", "mia", "hugo")), rng)
    return [
        f"T-{number}",
        when.strftime("%d.%m.%Y %H:%M"),
        rng.choice(CHANNELS),
        email if rng.random() < 0.8 else "",
        rng.choice(SUBJECTS),
        one.message,
        one.routing,
        rng.choice(NOTES),
    ]


def render(seed: int, good: int = GOOD) -> tuple[bytes, dict[str, int]]:
    """Return the file's bytes and how many rows of each kind are in it; same seed, same bytes."""
    rng = random.Random(seed)
    rows = all_rows(rng, good)
    when = datetime(2026, 1, 5, 8, 0)
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=DELIMITER, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    broken_at = {rng.randrange(20, len(rows)): line for line in BROKEN}
    for index, one in enumerate(rows):
        when += timedelta(minutes=rng.randint(3, 400))
        writer.writerow(cells(10001 + index, one, when, rng))
        if index in broken_at:
            buffer.write(broken_at[index] + "\r\n")
    counts = Counter(one.kind for one in rows)
    counts["malformed line"] = len(broken_at)
    counts["rows"] = len(rows)
    return buffer.getvalue().encode(ENCODING), dict(counts)


def main() -> None:
    """Write the file and print what is in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--good", type=int, default=GOOD)
    given = parser.parse_args()
    content, counts = render(given.seed, given.good)
    given.out.write_bytes(content)
    print(json.dumps({"file": given.out.name, "bytes": len(content), "kinds": counts}))


if __name__ == "__main__":
    main()
