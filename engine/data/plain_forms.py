"""One way to write times, percent, money, units and ordinals; greetings and sign-offs are left out.

The guards compare texts in this form, so that `4 am` is `04:00` and a polite opening is no name. English.
"""

from __future__ import annotations

import re

from engine.data.rules import rules

_TIME = re.compile(
    r"(?<![\d:.,])(\d{1,2})(?:[:.](\d{2}))?\s?([ap])\.?m\b\.?|(?<![\d:.,])(\d{1,2}):(\d{2})(?![\d:])", re.I
)
_PERCENT = re.compile(r"(?<=\d)\s?(?:percent|per cent)\b", re.I)
_MONEY = re.compile(
    r"(?<![\w.,])(\d[\d.,]*\d|\d)(\s?(?:k|m|million|thousand))?\s?(eur|euros?|usd|dollars?|gbp)\b", re.I
)
_SYMBOL = {"e": "€", "u": "$", "d": "$", "g": "£"}
_THOUSAND = re.compile(r"(?<![\w.,])(\d{1,3})\s?k\b(?!\w)", re.I)
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.I)
_ISO_DATE = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_LOOSE_ONE = re.compile(
    r"\b(the|that|this|which|each|another|right|wrong|new|newest|latest|other|same|old|quick|any|every|next|last)"
    r" ones?\b|\bfirst of all\b", re.I,
)  # fmt: skip
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_SHORT_MONTH = re.compile(r"\b(jan|feb|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?(?=\s?\d|\s|$)", re.I)
_SIGNATURE = re.compile(r"\n\s*(?:--|—|–)\s*\n.{0,200}\Z", re.S)
_OPENING = re.compile(
    r"\A\s*(?:(?:(?:hi|hiya|hello|hey|dear|greetings|good (?:morning|afternoon|evening|day))\b"
    r"(?: (?!\w+ (?:is|are|do|does|i)\b)[\w']+){0,4}|(?:i )?hope (?:you|this|all)\b[^.!?,\n]*|"
    r"(?:first of all, )?(?:thanks|thank you) for [^.!?\n]*|sorry (?:for|to) [^.!?\n]*|excuse me|pl(?:ea)?[sz]e? help)"
    r"(?:[,.!:;\n)]| :)+\s*)+", re.I,
)  # fmt: skip
_CLOSING = re.compile(
    r"[\s.!?,;]+(?i:(?:many|kind|best|warm) (?:thanks|regards|wishes)|best,|regards|cheers|thanks|thank you|thx|ty|ta|"
    r"yours (?:faithfully|sincerely|truly)|sincerely|have a (?:nice|good|great) \w+|looking forward to [\w ]+|"
    r"that would be a great help|sorry to bother you[\w ]*|sent from my \w+)(?!\w)"
    r"(?i:[ ,]+(?:very much|so much|a lot|in advance|for \w+ \w+|again))?[\s,.!]*(?i:thank you[\s.!]*)?"
    r"(?:[A-Z][\w.]*(?: [A-Z][\w.]*){0,2})?[\s.!]*\Z"
)
FEWEST_WORDS = 3  # a text that is nothing but politeness stays as it is


def plain_form(text: str) -> str:
    """Rewrite a text for comparing. Numbers are never dropped: at most written another way."""
    text = without_courtesy(text)
    text = _ISO_DATE.sub(_date, text)
    text = _TIME.sub(_time, text)
    text = _SHORT_MONTH.sub(lambda m: next(name for name in _MONTHS if name.startswith(m[1].lower()[:3])).title(), text)
    text = _PERCENT.sub("%", text)
    text = _MONEY.sub(lambda m: f"{_SYMBOL[m[3][0].lower()]}{m[1]}{m[2] or ''}", text)
    text = _THOUSAND.sub(r"\g<1>000", text)
    text = _ORDINAL.sub("", text)
    text = _LOOSE_ONE.sub(lambda m: m[1] or " ", text)
    return _units().sub(lambda m: f"{m[1]} {rules().words.units[m[2].lower()]}", text)


def without_courtesy(text: str) -> str:
    """Leave out greeting, sign-off and signature, unless nothing else would be left."""
    bare = _SIGNATURE.sub("", text)
    bare = _OPENING.sub("", bare)
    bare = _CLOSING.sub(lambda m: "?" if "?" in m[0][:3] else "", bare)
    return bare if len(bare.split()) >= FEWEST_WORDS and not _has_number(_lost(text, bare)) else text


def _has_number(text: str) -> bool:
    words = re.findall(r"[a-z]+", re.sub(r"(?i)first of all|quick one", " ", text).lower())
    return bool(re.search(r"\d", text)) or any(word in rules().words.numbers for word in words)


def _lost(text: str, bare: str) -> str:
    start = text.find(bare.rstrip("?")) if bare else -1
    return text if start < 0 else text[:start] + text[start + len(bare.rstrip("?")) :]


def _time(match: re.Match[str]) -> str:
    hour, minute = int(match[1] or match[4]), match[2] or match[5] or "00"
    if match[3] and not 1 <= hour <= 12:
        return match[0]
    if match[3]:
        hour = hour % 12 + (12 if match[3].lower() == "p" else 0)
    return f"t{hour:02d}{minute}"


def _date(match: re.Match[str]) -> str:
    month = int(match[2])
    return f"{int(match[3])} {_MONTHS[month - 1].title()} {match[1]}" if 1 <= month <= 12 else match[0]


_UNITS: list[re.Pattern[str]] = []


def _units() -> re.Pattern[str]:
    if not _UNITS:
        names = sorted(rules().words.units, key=len, reverse=True)
        before = "|".join(["\\d", r"\bin(?= \w\w)", *sorted(rules().words.numbers, key=len, reverse=True)])
        _UNITS.append(re.compile(rf"((?:{before}))\s?({'|'.join(map(re.escape, names))})\b", re.I))
    return _UNITS[0]
