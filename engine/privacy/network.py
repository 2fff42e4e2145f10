"""Addresses of the network: e-mail, web, IP, MAC, UUID. Every pattern is linear in the length of the text."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from engine.privacy.cell import Cell, last_end
from engine.privacy.rules import rules, word_pattern
from engine.privacy.span import Span

_LOCAL_REVERSED = re.compile(r"[\w.+'%&~=#!/-]{1,64}")
_LOCAL_EDGE = ".'-%&~=#!/"
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?:xn--[a-z0-9-]{2,59}|[^\W\d_]{2,24})")
_SCHEME = re.compile(r"(?i)\b(?:https?|ftps?|sftp)://[^\s<>\"'`{}|\\^]{3,2000}")
_WWW = re.compile(r"(?i)(?<![\w@./-])www\d?\.[a-z0-9-]{1,63}\.[^\s<>\"'`{}|\\^]{2,2000}")
_BARE = re.compile(
    r"(?<![\w@./:\\-])((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,6})([A-Za-z]{2,12})(?![\w@(\\-]|\.\w)"
    r"(/[^\s<>\"'`{}|\\^()]{0,2000})?"
)
_IPV4 = re.compile(r"(?<![\w.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?:/[0-9]{1,2})?(?![\w/]|\.[0-9])")
_IPV6 = re.compile(
    r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9A-Fa-f]{0,4})"
    r"(?:%[0-9A-Za-z]{1,16})?(?:/[0-9]{1,3})?(?![\w:]|\.[0-9])"
)
_MAC = re.compile(
    r"(?<![0-9A-Za-z:-])(?:[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}"
    r"|[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4}\.[0-9A-Fa-f]{4})(?![0-9A-Za-z:-])"
)
_UUID = re.compile(
    r"(?<![0-9A-Za-z-])[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[1-8][0-9A-Fa-f]{3}-[89abAB][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}"
    r"(?![0-9A-Za-z-])"
)
_VERSION = word_pattern(rules().words.version)
_TRAILING = ".,;:!?*_~'\""


def emails(cell: Cell) -> Iterator[Span]:
    """E-mail addresses: from every @ the local part is read to the left and the domain to the right."""
    text, at = cell.text, cell.text.find("@")
    while at >= 0:
        local = _LOCAL_REVERSED.match(text[max(0, at - 64) : at][::-1])
        domain = _DOMAIN.match(text, at + 1)
        if local and domain:
            name = local.group()[::-1]
            name = name[max(name.rfind(mark) for mark in "=/") + 1 :].lstrip(_LOCAL_EDGE)
            if name and not name.endswith("."):
                yield Span("EMAIL_ADDRESS", at - len(name), domain.end(), 1.0, "email")
        at = text.find("@", at + 1)


def urls(cell: Cell) -> Iterator[Span]:
    """Web addresses with a scheme, with www, or a bare name with a known ending."""
    text = cell.text
    if "://" in text:
        for match in _SCHEME.finditer(text):
            yield Span("URL", match.start(), _trimmed(match), 0.9, "url with scheme")
    if "www" in cell.lower:
        for match in _WWW.finditer(text):
            yield Span("URL", match.start(), _trimmed(match), 0.85, "url with www")
    if b"a.aa" in cell.shape or b"0.aa" in cell.shape:
        for match in _BARE.finditer(text):
            if _is_address(match):
                yield Span("URL", match.start(), _trimmed(match), 0.5, "domain name")


def _trimmed(match: re.Match[str]) -> int:
    """End without closing punctuation; a closing bracket stays only when its opener is inside."""
    found = match.group().rstrip(_TRAILING)
    for opener, closer in ("()", "[]"):
        while found.endswith(closer) and found.count(opener) < found.count(closer):
            found = found[:-1].rstrip(_TRAILING)
    return match.start() + len(found)


def _is_address(match: re.Match[str]) -> bool:
    known, ending = rules().url, match.group(2)
    low = ending.lower()
    if ending not in (low, ending.upper()):
        return False  # "arrived.The": a missing space
    if low in known.ambiguous:
        return bool(match.group(3) and len(match.group(3)) > 1) or match.group(1).count(".") > 1
    return low in known.endings and not match.group(1).replace(".", "").isdigit()


def ipv4_addresses(cell: Cell) -> Iterator[Span]:
    """IPv4; loopback, unspecified and net masks name nobody, a version number is none."""
    for match in _IPV4.finditer(cell.text):
        left = cell.left(match.start())
        after = last_end(_VERSION, left)
        if _names_somebody(match.group()) and not (after >= 0 and len(left) - after <= 3):
            yield Span("IP_ADDRESS", match.start(), match.end(), 0.8, "ipv4")


def ipv6_addresses(cell: Cell) -> Iterator[Span]:
    """IPv6 with at least one digit, so that `std::vector` is none."""
    for match in _IPV6.finditer(cell.text):
        found = match.group()
        if len(found) > 4 and any(c.isdigit() for c in found) and _names_somebody(found.partition("%")[0]):
            yield Span("IP_ADDRESS", match.start(), match.end(), 0.8, "ipv6")


def _names_somebody(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text.partition("/")[0])
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or str(address).startswith("255.255."))


def mac_addresses(cell: Cell) -> Iterator[Span]:
    """MAC addresses; all zeros and all ones name no device."""
    for match in _MAC.finditer(cell.text):
        digits = re.sub(r"[:.-]", "", match.group()).upper()
        dotted = match.group(1) is None
        if len(set(digits)) > 1 and not (dotted and digits.isdigit()):
            yield Span("MAC_ADDRESS", match.start(), match.end(), 0.8, "mac")


def uuids(cell: Cell) -> Iterator[Span]:
    """UUIDs of version 1 to 8: they single out a user, device or session."""
    for match in _UUID.finditer(cell.text):
        yield Span("UUID", match.start(), match.end(), 0.5, "uuid")
