"""10,000 short texts at MiniLM quality, cosine .90: CPU seconds against SemHash 0.5.0 with MiniLM, in one process.

Ours = the app's cascade: normalised key, the static model proposes, MiniLM reads the rows of proposed pairs (in bf16
where that is quicker here) and decides, in fp32 next to the threshold; then stars. No guards, because SemHash has none.
SemHash embeds every text with the same model in fp32. No vector is known beforehand; the static model, made once at the
first use, and the loading of models are not counted on either side. Goal: at most 1/5 of its CPU.
"""

import os
import tempfile
from collections.abc import Sequence

from benchmarks._sentences import with_copies
from benchmarks.near_duplicates_static import THRESHOLD, Counted, cpu, theirs
from benchmarks.result import Result
from engine.data.encoders import Encoder, Report, load_encoder, silent
from engine.data.exact_duplicates import text_key
from engine.data.near_pairs import close_pairs
from engine.data.screen import Tile, Vectors

ROWS, GOAL = 10_000, 1 / 5


class Precise:
    """MiniLM in fp32 without a cache: what a plain program would use."""

    name = "minilm"

    def __init__(self, model: Encoder) -> None:
        self.model = model

    def encode(self, texts: Sequence[str], report: Report = silent) -> Vectors:
        """Encode every text in full precision."""
        return self.model.exact(texts)

    def exact(self, texts: Sequence[str]) -> Vectors:
        """The same."""
        return self.model.exact(texts)

    def tile(self, vectors: Vectors) -> Tile | None:
        """Not used."""
        return None


def ours(texts: list[str], _: Counted) -> int:
    """Kept rows: first of each key, then stars in row order over pairs from the threshold on."""
    first: dict[str, int] = {}
    for row, text in enumerate(texts):
        first.setdefault(text_key(text), row)
    rows = list(first.values())
    pairs = close_pairs([texts[row] for row in rows], load_encoder).pairs
    removed: set[int] = set()
    close = pairs.score >= THRESHOLD
    for left, right in sorted(zip(pairs.left[close].tolist(), pairs.right[close].tolist(), strict=True)):
        if left not in removed:
            removed.add(right)
    return len(rows) - len(removed)


def run() -> Result:
    """Measure both with one thread; only CPU seconds count."""
    import torch

    with tempfile.TemporaryDirectory() as folder:
        os.environ["TUNEWORTH_CACHE"] = folder
        torch.set_num_threads(1)
        load_encoder("static")
        model = load_encoder("minilm")
        precise = Counted(Precise(model))
        texts = with_copies(ROWS)
        model.encode(texts[:64])  # loads the library and times bf16, once per process
        theirs(texts[-300:], Counted(Precise(model)))
        kept, seconds = cpu(ours, texts, precise)
        peer_kept, peer = cpu(theirs, texts, precise)
    details = {
        "times_less": round(peer / seconds, 2),
        "kept": kept,
        "peer_kept": peer_kept,
        "peer_encode": round(precise.seconds, 2),
        "load": round(os.getloadavg()[0], 1),
    }
    return Result(
        round(seconds, 2), round(peer, 2), GOAL, seconds / peer <= GOAL, "CPU seconds", ROWS, details
    )  # fmt: skip
