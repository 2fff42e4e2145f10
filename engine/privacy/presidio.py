"""Layer 2: Presidio with a registry that we name recognizer by recognizer, never its default one.

Loading takes seconds (spaCy): only in workers and on the command line, never in a page. No network: the suffix list
of the e-mail recognizer comes out of the package, no model is ever downloaded, names are found only by a model that is
already installed on this machine.
"""

from __future__ import annotations

import logging
from typing import Any

from engine.errors import MissingPackage
from engine.privacy.models import installed_model, presidio_version
from engine.privacy.rules import rules
from engine.privacy.span import Span

LOGGER = "presidio-analyzer"


class PresidioScanner:
    """A DeepScanner. `timeouts` grows by one for each text on which a recognizer was stopped."""

    def __init__(self, engine: Any, names_model: str) -> None:
        self.name = f"presidio {presidio_version()}"
        self.names_model = names_model
        self.timeouts = 0
        self.entities: tuple[str, ...] = tuple(sorted(engine.get_supported_entities("en")))
        self._engine = engine
        self._watch = _TimeoutWatch()
        logger = logging.getLogger(LOGGER)
        logger.setLevel(logging.WARNING)
        logger.propagate = False
        logger.handlers = [self._watch]

    def scan(self, text: str) -> list[Span]:
        """Return findings at or above the threshold."""
        self._watch.stopped = 0
        found = self._engine.analyze(text, language="en")
        self.timeouts += bool(self._watch.stopped)
        return [Span(f.entity_type, f.start, f.end, round(f.score, 2), self._detector(f)) for f in found]

    @staticmethod
    def _detector(found: Any) -> str:
        return f"presidio {(found.recognition_metadata or {}).get('recognizer_name', 'recognizer')}"


class _TimeoutWatch(logging.Handler):
    """Presidio only logs a warning when a pattern is stopped; we count it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.stopped = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Count time-outs."""
        if "timed out" in record.getMessage():
            self.stopped += 1


def load_presidio(countries: tuple[str, ...] | None = None, names_model: str | None = None) -> PresidioScanner:
    """Build the scanner. `countries` limits the country packs; `names_model` is an installed model or a folder.

    Raises MissingPackage when Presidio is not installed.
    """
    if not presidio_version():
        raise MissingPackage(
            "The deep scan needs Presidio, which is not installed.",
            "Install it with: pip install 'tuneworth[privacy]'. The pattern scan works without it.",
        )
    from engine.privacy.presidio_engine import build_engine

    packs = rules().deep.countries
    chosen = [name for country, names in packs.items() if countries is None or country in countries for name in names]
    model = installed_model() if names_model is None else names_model
    engine = build_engine([*rules().deep.recognizers, *chosen], model, rules().scan.threshold)
    return PresidioScanner(engine, model)
