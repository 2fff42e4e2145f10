"""What a scan leaves in a project: the report, and where its findings are. Never a value that was found."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from engine.privacy.report import ScanReport
from engine.project.records import Record


class PrivacyScan(Record):
    """A finished scan of one dataset version."""

    kind: ClassVar[str] = "privacy_scan"

    dataset_id: str = Field(description="Dataset version that was scanned")
    sha256: str = Field(description="Fingerprint of the file that was scanned")
    deep: bool = Field(description="Whether Presidio ran as a second layer")
    report: ScanReport = Field(description="What was looked for, found, and not looked for")
    findings_path: str = Field(description="Parquet file with the places of findings, without values")
    job_id: str = Field(default="", description="Job that made it")
