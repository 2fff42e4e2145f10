"""Build pairs.jsonl from the hand-written texts in source/: `python benchmarks/data/make_pairs.py`.

Source lines: `=FLAGS base text` starts a group (g: greeting frame, m: markup frame, c: casing change). Below it,
`KIND old=>new;;old=>new` is an edit of the base and `KIND! text` a whole other text. `+KIND` edits the last
paraphrase instead of the base, `KIND*` marks a pair as deliberately hard.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
DUPLICATE = {
    "ty": "typo",
    "ca": "casing_punctuation",
    "mk": "markup",
    "gr": "greeting_or_politeness",
    "co": "contraction",
    "pa": "paraphrase",
    "ab": "abbreviation_or_number_format",
}
DIFFERENT = {
    "nu": "number",
    "un": "unit",
    "da": "date",
    "ne": "negation",
    "ro": "role_swap",
    "en": "entity",
    "an": "antonym_or_word_swap",
    "ac": "added_condition",
    "oq": "other_question",
    "id": "code_or_id",
}
LINE = re.compile(r"^(\+?)([a-z]{2})(\*?)(!?) (.+)$")
ESCAPES = {r"\n": "\n", r"\t": "\t", r"\r": "\r", r"\ufeff": "\ufeff", r"\u200b": "\u200b"}
DEV_SHARE = 1 / 3
Pair = dict[str, str | bool]


def digest(text: str) -> int:
    """Return a number that depends on the text alone."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:12], 16)


def unescape(text: str) -> str:
    """Turn written escapes into the characters they stand for."""
    for written, real in ESCAPES.items():
        text = text.replace(written, real)
    return text


def frames() -> dict[str, list[str]]:
    """Return the wrappers per kind."""
    found: dict[str, list[str]] = {}
    kind = ""
    for line in (HERE / "frames.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            kind = line.strip("[]")
            found[kind] = []
        elif kind and line.strip():
            found[kind].append(unescape(line))
    return found


def casing(text: str, turn: int) -> str:
    """Change case or punctuation only; the turn says how."""
    loose = re.sub(r"[.,!?;:]+(?=\s|$)", "", text)
    ways = (
        loose.lower(),
        text.upper(),
        text.rstrip(".?!") + ("???" if text.endswith("?") else "!!!"),
        text.lower(),
        loose,
        loose.title() if "'" not in text else loose.upper(),
        text.rstrip(".?!"),
        text.rstrip(".?!") + "...",
    )
    return next(way for way in ways[turn % len(ways) :] + ways if way != text)


def edited(text: str, edits: str) -> str:
    """Apply `old=>new;;old=>new`."""
    for edit in edits.split(";;"):
        old, new = edit.split("=>")
        if old not in text:
            raise ValueError(f"{old!r} is not in {text!r}")
        text = text.replace(old, new, 1)
    return text


def pair(name: str, base: str, other: str, code: str, origin: str) -> Pair:
    """Return one labelled pair; which text comes first depends on the id."""
    a, b = (base, other) if digest(name) % 2 else (other, base)
    duplicate = code in DUPLICATE
    kind = DUPLICATE[code] if duplicate else DIFFERENT[code]
    return {"id": name, "a": a, "b": b, "duplicate": duplicate, "kind": kind, "origin": origin}


def flagged(group: str, flags: str, base: str, turns: Counter[str]) -> Iterator[Pair]:
    """Yield the pairs that the flags of a base ask for."""
    wrappers = frames()
    for flag in flags:
        name, turn = f"{group}-{flag}", turns[flag]
        turns[flag] += 1
        if flag == "c":
            yield pair(name, base, casing(base, turn), "ca", "slots")
            continue
        code = {"g": "gr", "m": "mk"}[flag]
        choices = wrappers[DUPLICATE[code]]
        yield pair(name, base, choices[turn % len(choices)].replace("{x}", base), code, "slots")


def read(path: Path, turns: Counter[str]) -> Iterator[Pair]:
    """Yield the pairs of one source file."""
    base = last = group = ""
    number = step = 0
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("="):
            flags, base = line[1:].split(" ", 1)
            number, step, last = number + 1, 0, ""
            group = f"{path.stem}-{number:03d}"
            yield from flagged(group, flags, base, turns)
            continue
        match = LINE.match(line)
        if match is None:
            raise ValueError(f"{path.name}: {line}")
        plus, code, hard, whole, text = match.groups()
        try:
            other = unescape(text) if whole else edited(last if plus else base, text)
        except ValueError as error:
            raise ValueError(f"{path.name}: {line}: {error}") from error
        step += 1
        last = other if code == "pa" else last
        origin = ("hand" if whole else "edit") + ("-on-paraphrase" if plus else "") + ("-hard" if hard else "")
        yield pair(f"{group}-{step}", base, other, code, origin)


def divide(pairs: list[Pair]) -> None:
    """Put about a third of every kind into dev; the pairs of one base sentence stay together."""
    groups: dict[str, list[Pair]] = {}
    for row in pairs:
        groups.setdefault(str(row["id"]).rsplit("-", 1)[0], []).append(row)
    total, dev = Counter(str(row["kind"]) for row in pairs), Counter[str]()
    for name in sorted(groups, key=digest):
        kinds = Counter(str(row["kind"]) for row in groups[name])
        short = sum(count * (DEV_SHARE - dev[kind] / total[kind]) for kind, count in kinds.items())
        over = any(dev[kind] + count > total[kind] * DEV_SHARE + 2 for kind, count in kinds.items())
        part = "dev" if short > 0 and not over else "test"
        for row in groups[name]:
            row["part"] = part
        if part == "dev":
            dev.update(kinds)


def build() -> list[Pair]:
    """Return every pair, in the order of the source files."""
    turns: Counter[str] = Counter()
    pairs = [row for path in sorted((HERE / "source").glob("*.txt")) for row in read(path, turns)]
    divide(pairs)
    return pairs


if __name__ == "__main__":
    with (HERE / "pairs.jsonl").open("w", encoding="utf-8") as out:
        for row in build():
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
