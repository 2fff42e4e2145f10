"""Our pattern scan against Presidio's default English registry: rows per CPU second, same texts, same process.

The peer is `AnalyzerEngine` with its default pattern recognizers on a blank spaCy pipeline (no language model, no
network: the e-mail recognizer's suffix list comes from the package), `entities=None`, everything else as shipped.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from benchmarks._pii_texts import Labelled, labelled_texts
from benchmarks.result import Result
from engine.privacy.patterns import scan_text

ROWS = 10_000
PEER_ROWS = 750
GOAL = 15.0
Found = list[tuple[str, int, int]]


def run() -> Result:
    """Measure both on the same machine in one process; quality of both on the peer's rows."""
    texts = labelled_texts(ROWS)
    sample = texts[:PEER_ROWS]
    peer = _stock_presidio()
    _ours(texts[0].text), peer(texts[0].text)
    theirs_rate, theirs = _rate(peer, sample)
    ours_rate, ours = _rate(_ours, texts)
    return Result(
        ours=ours_rate,
        peer=theirs_rate,
        goal=GOAL,
        holds=ours_rate >= GOAL * theirs_rate,
        unit="rows per CPU second",
        rows=ROWS,
        details={
            "peer_rows": PEER_ROWS,
            "mean_characters": round(sum(len(text.text) for text in texts) / ROWS, 1),
            "labelled_values": sum(len(text.values) for text in texts),
            "quality_ours": quality(texts, ours),
            "quality_ours_on_peer_rows": quality(sample, ours[:PEER_ROWS]),
            "quality_peer_at_0.4": quality(sample, theirs),
        },
    )


def _ours(text: str) -> Found:
    return [(span.entity, span.start, span.end) for span in scan_text(text)]


def _rate(scan: Callable[[str], Found], texts: Sequence[Labelled]) -> tuple[float, list[Found]]:
    start = time.process_time()
    found = [scan(text.text) for text in texts]
    return len(texts) / (time.process_time() - start), found


def quality(texts: Sequence[Labelled], found: Sequence[Found]) -> dict[str, dict[str, int]]:
    """True positives (label touched by a finding of its entity), misses and false alarms, per labelled entity."""
    counts: dict[str, Counter[str]] = {}
    for text, findings in zip(texts, found, strict=True):
        hit: set[int] = set()
        for entity, start, end in text.values:
            touching = {i for i, (kind, s, e) in enumerate(findings) if kind == entity and s < end and start < e}
            hit |= touching
            counts.setdefault(entity, Counter())["tp" if touching else "fn"] += 1
        for i, (kind, _, _) in enumerate(findings):
            if i not in hit:
                counts.setdefault(kind, Counter())["fp"] += 1
    return {entity: {key: counts[entity][key] for key in ("tp", "fn", "fp")} for entity in sorted(counts)}


def _stock_presidio() -> Callable[[str], Found]:
    import spacy
    import tldextract
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import SpacyNlpEngine
    from presidio_analyzer.recognizer_registry import RecognizerRegistry

    logging.getLogger("presidio-analyzer").setLevel(logging.ERROR)
    tldextract.extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
    nlp: Any = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": "blank"}])
    nlp.nlp = {"en": spacy.blank("en")}
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    registry.remove_recognizer("SpacyRecognizer")
    engine = AnalyzerEngine(registry=registry, nlp_engine=nlp)

    def scan(text: str) -> Found:
        return [(f.entity_type, f.start, f.end) for f in engine.analyze(text, language="en") if f.score >= 0.4]

    return scan
