"""Shared runs of tokens for many rows at once: a run becomes a number, equal numbers are counted by sorting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
_CHUNK = 512  # rows at once
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xFF51AFD7ED558CCD)


def shared_runs(
    expected: Sequence[Ints], answers: Sequence[Ints], orders: int
) -> Iterator[tuple[int, Ints, Ints, Ints]]:
    """Yield (order, shared, in expected, in answer) for runs of 1 to `orders` tokens, each count of shape (rows,).

    Tokens are whole numbers; the same number must mean the same token on both sides. Runs are compared by 64-bit
    hashes: among the some thousand runs of a row a false match has a chance below 1e-12.
    """
    for order in range(1, orders + 1):
        parts = [
            _chunk(expected[start : start + _CHUNK], answers[start : start + _CHUNK], order)
            for start in range(0, len(expected), _CHUNK)
        ]
        shared, left, right = (np.concatenate(column) for column in zip(*parts, strict=True))
        yield order, shared, left, right


def _chunk(expected: Sequence[Ints], answers: Sequence[Ints], order: int) -> tuple[Ints, Ints, Ints]:
    rows = len(expected)
    left, left_rows = _runs(expected, order)
    right, right_rows = _runs(answers, order)
    keys = np.concatenate([left, right])
    owner = np.concatenate([left_rows, right_rows])
    found, place = np.unique(keys, return_inverse=True)
    in_left = np.bincount(place[: left.size], minlength=found.size)
    in_right = np.bincount(place[left.size :], minlength=found.size)
    row_of = np.zeros(found.size, dtype=np.int64)
    row_of[place] = owner
    shared = np.bincount(row_of, weights=np.minimum(in_left, in_right), minlength=rows)
    return (
        shared.astype(np.int64),
        np.bincount(left_rows, minlength=rows).astype(np.int64),
        np.bincount(right_rows, minlength=rows).astype(np.int64),
    )


def _runs(texts: Sequence[Ints], order: int) -> tuple[NDArray[np.uint64], Ints]:
    """Return the hash of every run, its row mixed in, and the row of each."""
    lengths = np.array([text.size for text in texts], dtype=np.int64)
    tokens = np.concatenate([*texts, np.zeros(order, dtype=np.int64)]).astype(np.uint64)
    rows = np.repeat(np.arange(len(texts)), lengths)
    ends = np.repeat(np.cumsum(lengths), lengths)
    whole = np.arange(rows.size) + order <= ends
    hashes = np.zeros(rows.size, dtype=np.uint64)
    for step in range(order):
        hashes = (hashes ^ (tokens[step : step + rows.size] + np.uint64(1))) * _FACTOR
        hashes ^= hashes >> np.uint64(29)
    hashes = (hashes ^ (rows.astype(np.uint64) + np.uint64(1)) * _FACTOR) * _MIX
    return hashes[whole], rows[whole]


def characters(text: str) -> Ints:
    """Return the characters of a text without its white space, as numbers."""
    return np.frombuffer("".join(text.split()).encode("utf-32-le"), dtype=np.uint32).astype(np.int64)


def token_numbers(texts: Sequence[Sequence[str]]) -> list[Ints]:
    """Return token lists as numbers, the same number for the same token."""
    known: dict[str, int] = {}
    return [np.array([known.setdefault(token, len(known)) for token in tokens], dtype=np.int64) for tokens in texts]
