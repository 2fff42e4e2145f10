"""The day the pages judge by; one place, so that tests can set it."""

from __future__ import annotations

import os
from datetime import date


def today() -> date:
    """Today, or the day in `TUNEWORTH_TODAY` (tests)."""
    fixed = os.environ.get("TUNEWORTH_TODAY")
    return date.fromisoformat(fixed) if fixed else date.today()
