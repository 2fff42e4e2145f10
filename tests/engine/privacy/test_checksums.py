from __future__ import annotations

import pytest

from engine.privacy import checksums


@pytest.mark.parametrize("digits", ["4111111111111111", "378282246310005", "6304000000000000", "4000000000000000006"])
def test_luhn(digits: str) -> None:
    assert checksums.luhn(digits)
    assert not checksums.luhn(digits[:-1] + str((int(digits[-1]) + 1) % 10))


@pytest.mark.parametrize(
    "iban", ["DE89370400440532013000", "GB82WEST12345698765432", "NO9386011117947", "MT84MALT011000012345MTLCAST001S"]
)
def test_iban(iban: str) -> None:
    assert checksums.iban(iban)
    assert not checksums.iban(iban[:-1] + ("1" if iban[-1] != "1" else "2"))


def test_others() -> None:
    assert checksums.nhs("9434765919")
    assert not checksums.nhs("9434765918")
    assert checksums.dea("AB1234563")
    assert not checksums.dea("AB1234564")
    assert checksums.base58check("1BoatSLRHtKNngkdXEeobR76b53LETtpyT")
    assert not checksums.base58check("1BoatSLRHtKNngkdXEeobR76b53LETtpyU")
    assert checksums.base58check("1111111111111111111114oLvT2")
    assert checksums.bech32("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq")
    assert checksums.bech32("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0")
    assert not checksums.bech32("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdp")
