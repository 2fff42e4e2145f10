"""A finding with the words around it, every finding blacked out: enough to judge, nothing to read."""

from __future__ import annotations

from collections.abc import Iterable

REACH = 36
_BLOCK = "\u2588"
_LONGEST = 8


def masked_context(text: str, start: int, end: int, others: Iterable[tuple[int, int]] = (), reach: int = REACH) -> str:
    """Return about `reach` characters on both sides of `start:end`, with it and all `others` masked.

    A mask is at most eight blocks long, so that it does not tell the length of the value.
    """
    spans = sorted({(start, end), *others})
    left, right = max(0, start - reach), min(len(text), end + reach)
    out, at = [], left
    for begin, stop in spans:
        if stop <= at or begin >= right:
            continue
        out.append(text[at : max(at, begin)])
        out.append(_BLOCK * min(_LONGEST, stop - begin))
        at = stop
    out.append(text[at : max(at, right)])
    line = " ".join("".join(out).split())
    return ("\u2026" if left else "") + line + ("\u2026" if right < len(text) else "")
