"""Stand-ins for values: a numbered label per value, or a token that only the holder of the key can recompute.

Tokens are HMAC-SHA256(key, entity + normalised value), written in letters so that no scanner takes them for a number.
The same value gets the same token in every file of one key; another key gives other tokens.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import InputError

KEY_BYTES = 32
TOKEN_LETTERS = 12
_LETTERS = "abcdefghijkmnpqr"  # 16 letters, none that looks like a digit
_SEPARATORS = re.compile(r"[\s().\-/]+")


def new_key() -> bytes:
    """Return a fresh random key."""
    return secrets.token_bytes(KEY_BYTES)


def key_from_file(path: Path) -> bytes:
    """Read a key, or make one that only its owner can read. Raises InputError for a short file."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(new_key().hex().encode("ascii"))
    key = path.read_bytes().strip()
    if len(key) < 16:
        raise InputError(
            f"{path.name} is too short for a key.", "Leave --key out, or name a new file to have one made."
        )
    return key


def normalise(entity: str, value: str) -> str:
    """One form per value: numbers without separators, everything else in lower case with single spaces."""
    folded = value.casefold()
    if entity in {"EMAIL_ADDRESS", "PERSON", "LOCATION", "URL", "DATE_TIME"}:
        return " ".join(folded.split())
    return _SEPARATORS.sub("", folded)


@dataclass
class Pseudonyms:
    """Gives out labels and tokens; keep one instance per dataset so that numbers stay consistent."""

    key: bytes = field(default_factory=new_key, repr=False)
    _numbers: dict[tuple[str, str], int] = field(default_factory=dict, repr=False)
    _last: dict[str, int] = field(default_factory=dict, repr=False)

    def label(self, entity: str, value: str) -> str:
        """`<EMAIL_ADDRESS_3>`: the third different e-mail address of this dataset."""
        place = (entity, normalise(entity, value))
        if place not in self._numbers:
            self._last[entity] = self._last.get(entity, 0) + 1
            self._numbers[place] = self._last[entity]
        return f"<{entity}_{self._numbers[place]}>"

    def token(self, entity: str, value: str) -> str:
        """`EMAIL_ADDRESS-kdqhwmabcrpe`: 48 bits of a keyed hash."""
        digest = hmac.new(self.key, f"{entity}\0{normalise(entity, value)}".encode(), hashlib.sha256).hexdigest()
        return f"{entity}-{''.join(_LETTERS[int(char, 16)] for char in digest[:TOKEN_LETTERS])}"
