"""Check digits: Luhn, IBAN, NHS, DEA, Bitcoin. Pure functions on text without separators."""

from __future__ import annotations

import hashlib

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_BASE58 = {char: value for value, char in enumerate("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")}
_BECH32 = {char: value for value, char in enumerate("qpzry9x8gf2tvdw0s3jn54khce6mua7l")}
_GENERATORS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32_OK = {1, 0x2BC830A3}


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    values = [ord(char) - 48 for char in reversed(digits)]
    return (sum(values[::2]) + sum(_DOUBLED[value] for value in values[1::2])) % 10 == 0


def iban(text: str) -> bool:
    """ISO 13616: rearranged, letters as numbers, remainder 1 by 97. `text` is upper case."""
    moved = text[4:] + text[:4]
    return int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def nhs(digits: str) -> bool:
    """Ten digits, weights 10 to 1, remainder 0 by 11 (NHS data dictionary)."""
    return sum(int(digit) * weight for digit, weight in zip(digits, range(10, 0, -1), strict=True)) % 11 == 0


def dea(number: str) -> bool:
    """Two letters and seven digits: last digit of (1+3+5) + 2 x (2+4+6) is the seventh."""
    d = [int(char) for char in number[2:]]
    return (d[0] + d[2] + d[4] + 2 * (d[1] + d[3] + d[5])) % 10 == d[6]


def base58check(text: str) -> bool:
    """Bitcoin P2PKH and P2SH addresses: four bytes of a double SHA-256."""
    number = 0
    for char in text:
        value = _BASE58.get(char)
        if value is None:
            return False
        number = number * 58 + value
    if number.bit_length() > 200:
        return False
    raw = number.to_bytes(25, "big")
    return hashlib.sha256(hashlib.sha256(raw[:21]).digest()).digest()[:4] == raw[21:]


def bech32(text: str) -> bool:
    """Bitcoin `bc1...` addresses (BIP 173 and 350)."""
    low = text.lower()
    if text not in (low, text.upper()) or not 14 <= len(low) <= 90:
        return False
    head, _, data = low.rpartition("1")
    values = [_BECH32.get(char, -1) for char in data]
    if -1 in values:
        return False
    check = 1
    for value in [ord(c) >> 5 for c in head] + [0] + [ord(c) & 31 for c in head] + values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATORS):
            check ^= generator if top >> bit & 1 else 0
    return check in _BECH32_OK
