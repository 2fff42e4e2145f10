"""Numbers as words and figures for the screen. Results hold no markup, so they may stand in Markdown as they are."""

from __future__ import annotations

import time


def number(value: float, digits: int = 0) -> str:
    """`3,812` or, with digits, `0.83`."""
    return f"{value:,.{digits}f}"


def percent(fraction: float, digits: int = 0) -> str:
    """0.83 -> `83%`."""
    return f"{fraction * 100:.{digits}f}%"


def money(dollars: float) -> str:
    """`$1,250`, `$0.42`, `$0.0031`, `-$112`: enough digits to mean something. In raw Markdown wrap it in `escape`."""
    amount = abs(dollars)
    digits = 0 if amount >= 100 or amount == 0 else 2 if amount >= 0.1 else 4
    return ("-" if dollars < 0 else "") + f"${amount:,.{digits}f}"


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 row`, `3,812 rows`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """`8 seconds`, `3 minutes`, `1 hour 5 minutes`: rounded as a person would."""
    if seconds < 59.5:
        return plural(max(1, round(seconds)), "second")
    minutes = round(seconds / 60)
    if minutes < 60:
        return plural(minutes, "minute")
    hours, rest = divmod(minutes, 60)
    return plural(hours, "hour") + (f" {plural(rest, 'minute')}" if rest and hours < 10 else "")


def size(count: float) -> str:
    """`812 bytes`, `3.4 MB`."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:,.0f} {unit}" if unit == "bytes" or count >= 100 else f"{count:,.1f} {unit}"
        count /= 1000
    return ""


def when(moment: float, now: float | None = None) -> str:
    """`just now`, `5 minutes ago`, `yesterday`, `12 Nov 2026`."""
    passed = (time.time() if now is None else now) - moment
    if passed < 90:
        return "just now"
    if passed < 86_400:
        return f"{duration(passed)} ago"
    if passed < 2 * 86_400:
        return "yesterday"
    return time.strftime("%d %b %Y", time.localtime(moment)).lstrip("0")
