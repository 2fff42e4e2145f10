"""Tokens from characters, as a range, until a real tokenizer has counted them."""

from __future__ import annotations

from dataclasses import dataclass

CHARACTERS_PER_TOKEN = 4.0  # facts/providers.md section 6 (2026-11-21): characters / 4, plus or minus 20 %
SPREAD = 0.2


@dataclass(frozen=True)
class TokenRange:
    """Low, mid and high token count; all equal when a tokenizer counted."""

    low: float
    mid: float
    high: float

    def times(self, factor: float) -> TokenRange:
        """Return the range multiplied, for example by training passes."""
        return TokenRange(self.low * factor, self.mid * factor, self.high * factor)

    def as_tuple(self) -> tuple[float, float, float]:
        """Return (low, mid, high)."""
        return self.low, self.mid, self.high


def tokens_from_characters(characters: float) -> TokenRange:
    """Return the token range of a text of `characters` characters (English; other languages lie higher)."""
    mid = characters / CHARACTERS_PER_TOKEN
    return TokenRange(mid * (1 - SPREAD), mid, mid * (1 + SPREAD))
