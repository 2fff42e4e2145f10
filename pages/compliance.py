"""Compliance: what personal data was looked for and found, and the log of everything that was done."""

from pages.parts.compliance_audit import audit_log
from pages.parts.compliance_scan import scan_part
from pages.parts.page import guard, page_header
from pages.parts.state import require_project


def main() -> None:
    """Draw the scan, then the log."""
    project = require_project()
    page_header(
        "Compliance", "What personal data was looked for, what was not, and a log of everything that was done here."
    )
    with guard():
        scan_part(project)
    with guard():
        audit_log(project)


main()
