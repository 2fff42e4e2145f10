"""50,000 short texts, the same static encoder, cosine .90: CPU seconds against SemHash 0.5.0 in the same process.

Ours = normalised key, encode, blocked screen, star. No guards, because SemHash has none. Goal: at most 1/3.5 of its CPU
and the same number of kept rows within 0.1 %.
"""

import time
from collections.abc import Sequence
from typing import Any

from benchmarks._sentences import with_copies
from benchmarks.result import Result
from engine.data.encoders import Encoder, load_encoder
from engine.data.exact_duplicates import text_key
from engine.data.screen import Vectors, similar_pairs

ROWS, THRESHOLD = 50_000, 0.9


class Counted:
    """An encoder that counts its CPU seconds."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder = encoder
        self.seconds = 0.0

    def encode(self, texts: Sequence[str], **_: Any) -> Vectors:
        """Encode and count."""
        start = time.process_time()
        vectors = self.encoder.encode(list(texts))
        self.seconds += time.process_time() - start
        return vectors


def ours(texts: list[str], encoder: Counted) -> int:
    """Kept rows: first of each key, then stars in row order."""
    first: dict[str, int] = {}
    for row, text in enumerate(texts):
        first.setdefault(text_key(text), row)
    rows = list(first.values())
    vectors = encoder.encode([texts[row] for row in rows])
    pairs = similar_pairs(vectors, THRESHOLD, tile=encoder.encoder.tile(vectors))
    removed: set[int] = set()
    for left, right in sorted(zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)):
        if left not in removed:
            removed.add(right)
    return len(rows) - len(removed)


def theirs(texts: list[str], encoder: Counted) -> int:
    """Kept rows by SemHash."""
    from semhash import SemHash

    index = SemHash.from_records(records=texts, model=encoder)
    return len(index.self_deduplicate(threshold=THRESHOLD).selected)


def cpu(run: Any, texts: list[str], encoder: Counted) -> tuple[int, float]:
    """Kept rows and CPU seconds."""
    start = time.process_time()
    kept = run(texts, encoder)
    return kept, time.process_time() - start


def run() -> Result:
    """Measure both with one thread; the machine's other work does not count, only CPU seconds."""
    import torch

    torch.set_num_threads(1)
    texts = with_copies(ROWS)
    static = load_encoder("static")
    for warm in (ours, theirs):
        warm(texts[:2000], Counted(static))
    mine, other = Counted(static), Counted(static)
    kept, seconds = cpu(ours, texts, mine)
    peer_kept, peer = cpu(theirs, texts, other)
    goal = 1 / 3.5
    same = abs(kept - peer_kept) <= 0.001 * ROWS
    details = {
        "times_less": round(peer / seconds, 2),
        "kept": kept,
        "peer_kept": peer_kept,
        "encode": round(mine.seconds, 2),
        "peer_encode": round(other.seconds, 2),
    }
    return Result(
        round(seconds, 2), round(peer, 2), goal, seconds / peer <= goal and same, "CPU seconds", ROWS, details
    )
