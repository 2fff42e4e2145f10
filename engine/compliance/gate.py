"""The gate: the one place that makes a consent, after a scan of exactly the texts that would leave this computer."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import ConsentRequired
from engine.privacy.consent import Consent, fingerprint_of
from engine.privacy.entities import words
from engine.privacy.models import installed_model
from engine.privacy.report import NotScanned, build_report
from engine.privacy.scan import scan_columns
from engine.project.project import Project


@dataclass(frozen=True)
class Leaving:
    """What would be sent: shown before anyone agrees. `findings` counts by kind; `sentence` says it in words."""

    host: str
    rows: int
    bytes: int
    sha256: str
    findings: dict[str, int]
    not_scanned: list[NotScanned]
    sentence: str


def look(host: str, texts: Sequence[str]) -> Leaving:
    """Scan the texts, one per row, with the pattern scan. Pure: nothing is sent, nothing is saved."""
    scan = scan_columns({"text": list(texts)})
    report = build_report(scan, [], model_available=installed_model())
    size = sum(len(text.encode("utf-8")) for text in texts)
    return Leaving(
        host, len(texts), size, fingerprint_of(texts), scan.counts(), list(report.not_scanned), report.sentence
    )


def grant(project: Project, leaving: Leaving, purpose: str, *, accept_findings: bool = False) -> Consent:
    """Record that the user agrees. Raises ConsentRequired when something was found and not expressly accepted."""
    if leaving.findings and not accept_findings:
        found = ", ".join(f"{words(kind)} ({count:,})" for kind, count in leaving.findings.items())
        raise ConsentRequired(
            f"Found in these rows: {found}.", "Replace them in Compliance, or agree expressly to send them as they are."
        )
    consent = Consent(
        host=leaving.host,
        purpose=purpose,
        sha256=leaving.sha256,
        rows=leaving.rows,
        bytes=leaving.bytes,
        findings=leaving.findings,
        not_scanned=[item.what for item in leaving.not_scanned],
        by=getpass.getuser(),
    )
    project.records.save(consent)
    details = {"host": consent.host, "rows": consent.rows, "bytes": consent.bytes, "findings": consent.findings}
    project.audit.append("consent.grant", {"consent": consent.id, "sha256": consent.sha256}, details)
    return consent
