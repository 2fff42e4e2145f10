"""Choose different rows when there are more than wanted: each next one is the farthest from those chosen before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.data.encoders import Encoder, Report, silent
from engine.data.grow.candidate import Candidate
from engine.data.messages import prompt_of


def spread(candidates: Sequence[Candidate], most: int, encoder: Encoder, report: Report = silent) -> list[Candidate]:
    """At most `most` candidates with questions as different as can be, in their order (k-centre greedy, Gonzalez 1985).

    Starts from the one closest to the middle, so that an odd one out is not the first. O(n * most) time.
    """
    if len(candidates) <= most:
        return list(candidates)
    vectors = encoder.encode([prompt_of(candidate.messages) for candidate in candidates], report)
    chosen = [int((vectors @ vectors.mean(axis=0)).argmax())]
    nearest = vectors @ vectors[chosen[0]]
    nearest[chosen[0]] = np.inf
    while len(chosen) < most:
        chosen.append(int(nearest.argmin()))
        nearest = np.maximum(nearest, vectors @ vectors[chosen[-1]])
        nearest[chosen[-1]] = np.inf
    return [candidates[place] for place in sorted(chosen)]
