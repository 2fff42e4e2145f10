"""Presidio's engine put together by hand; imported only by `presidio.load_presidio`, because it takes seconds.

Tokens carry their lower-case form as lemma, so that context words work without a language model (with a plain blank
pipeline lemmas are empty and the booster is dead: compliance.md 0.4). Context words match whole words only.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from engine.privacy.rules import rules

os.environ.setdefault("REGEX_TIMEOUT_SECONDS", str(rules().deep.regex_seconds))  # read by presidio while it is imported

import spacy
import tldextract
from presidio_analyzer import AnalyzerEngine, predefined_recognizers
from presidio_analyzer.context_aware_enhancers import LemmaContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine
from presidio_analyzer.recognizer_registry import RecognizerRegistry


class PlainWords(SpacyNlpEngine):  # type: ignore[misc]
    """Words without a model: a blank English tokenizer, lemma = lower case, no entities."""

    def __init__(self) -> None:
        super().__init__(models=[{"lang_code": "en", "model_name": "blank"}])
        self.nlp: dict[str, Any] = {"en": spacy.blank("en")}

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Tokenize one text."""
        words = self.nlp[language].make_doc(text)
        return NlpArtifacts(
            entities=[],
            tokens=words,
            tokens_indices=[word.idx for word in words],
            lemmas=[word.lower_ for word in words],
            nlp_engine=self,
            language=language,
        )

    def get_supported_entities(self) -> list[str]:
        """None: no model, no names."""
        return []


class OfflineEmail(predefined_recognizers.EmailRecognizer):  # type: ignore[misc]
    """E-mail with the suffix list that ships inside tldextract: the stock one asks two hosts on first use."""

    _suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    def validate_result(self, pattern_text: str) -> bool:
        """Whether the domain ends in a public suffix."""
        return bool(self._suffixes(pattern_text).fqdn)


def build_engine(names: Sequence[str], model: str, threshold: float) -> AnalyzerEngine:
    """Return an engine with exactly the named recognizers, plus names of people and places when there is a model."""
    recognizers = [getattr(predefined_recognizers, name)(supported_language="en") for name in names]
    recognizers.append(OfflineEmail(supported_language="en"))
    words: Any = PlainWords()
    if model:
        words = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": model}])
        words.load()
        kept = [entity for entity in words.get_supported_entities() if entity != "DATE_TIME"]
        recognizers.append(predefined_recognizers.SpacyRecognizer(supported_language="en", supported_entities=kept))
    registry = RecognizerRegistry(recognizers=recognizers, supported_languages=["en"])
    return AnalyzerEngine(
        registry=registry,
        nlp_engine=words,
        supported_languages=["en"],
        default_score_threshold=threshold,
        context_aware_enhancer=LemmaContextAwareEnhancer(context_matching_mode="whole_word"),
    )
