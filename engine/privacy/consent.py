"""Consent: what exactly may be sent where, and who said so. Only `engine.compliance.gate` makes one (a test checks it).

Every function that sends user bytes to another computer takes one, so a forgotten gate does not compile past mypy.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from engine.errors import ConsentRequired
from engine.project.files import sha256_bytes
from engine.project.records import Record


class Consent(Record):
    """Leave to send these bytes to this host, for this purpose."""

    kind: ClassVar[str] = "consent"

    host: str = Field(description="Host that may receive the data")
    purpose: str = Field(description="What for")
    sha256: str = Field(description="Fingerprint of exactly the texts that may be sent")
    rows: int = Field(description="How many rows")
    bytes: int = Field(description="How many bytes")
    findings: dict[str, int] = Field(description="Personal data and secrets found in them, by kind; accepted")
    not_scanned: list[str] = Field(description="What the scan did not look for")
    by: str = Field(description="Who agreed")


def fingerprint_of(texts: Sequence[str]) -> str:
    """SHA-256 of the texts in order (canonical JSON list)."""
    return sha256_bytes(json.dumps(list(texts), ensure_ascii=True, separators=(",", ":")).encode("ascii"))


def check_consent(consent: Consent | None, host: str, texts: Sequence[str]) -> None:
    """Raise ConsentRequired unless the consent names this host and exactly these texts."""
    if consent is None:
        raise ConsentRequired(f"Nobody agreed yet to send data to {host}.", "Look at what would be sent, and agree.")
    if consent.host != host:
        raise ConsentRequired(f"The consent names {consent.host}, not {host}.", "Agree to this host first.")
    if consent.sha256 != fingerprint_of(texts):
        raise ConsentRequired("The rows changed since somebody agreed to send them.", "Look at them and agree again.")
