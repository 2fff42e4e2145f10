"""How texts become vectors, seen from outside: a small interface and a late import of the heavy parts.

Call `load_encoder` in a worker or a command, never in a page: it imports torch.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Sequence
from typing import Literal, Protocol, TypeAlias, cast

from engine.data.screen import Tile, Vectors
from engine.errors import InputError, MissingPackage

EncoderName: TypeAlias = Literal["minilm", "static"]
Report: TypeAlias = Callable[[float, float, str], None]  # done, total, what


def silent(done: float, total: float, text: str) -> None:
    """A progress report nobody reads."""


class Encoder(Protocol):
    """Turns texts into unit vectors (N x d, fp32). An empty text is a zero vector: it equals nothing."""

    name: str

    def encode(self, texts: Sequence[str], report: Report = silent) -> Vectors:
        """Encode every text, in order."""
        ...

    def exact(self, texts: Sequence[str]) -> Vectors:
        """Encode in full precision, for pairs next to a threshold."""
        ...

    def tile(self, vectors: Vectors) -> Tile | None:
        """A quicker product for the screen, or None for numpy's."""
        ...


def load_encoder(name: str) -> Encoder:
    """Load `minilm` or `static`. Raises MissingPackage without sentence-transformers, InputError for other names."""
    # Threads that spin while they wait burn CPU when other programs run: measured 66 texts per core-s, 550 without.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if name not in ("minilm", "static"):
        raise InputError(f"There is no encoder {name!r}.", "Use minilm or static.")
    try:
        module = importlib.import_module(f"engine.data.worker_{name}")
    except ImportError as error:
        raise MissingPackage(
            f"Similar texts need the package {error.name or 'sentence-transformers'}, which is not installed.",
            'Install it with: pip install "tuneworth[semantic]". Exact duplicates work without it.',
        ) from error
    return cast(Encoder, module.load())
