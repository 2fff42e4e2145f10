"""Compare new rows with all others in a worker or a command: by meaning where the package for it is installed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pandas as pd

from engine.data.encoders import Report, load_encoder, silent
from engine.data.grow.candidate import Candidate, Refused
from engine.data.grow.novel import novel
from engine.errors import MissingPackage

WORDING = "Only wording was compared with the other rows, not meaning."


def compared(
    candidates: Sequence[Candidate],
    frame: pd.DataFrame,
    sealed: Collection[int],
    encoder: str = "minilm",
    report: Report = silent,
) -> tuple[list[Candidate], list[Refused], str]:
    """New candidates, refused ones, and what was not compared in words. The encoder `none` compares wording only."""
    if encoder != "none":
        try:
            return *novel(candidates, frame, sealed, load=load_encoder, encoder=encoder, report=report), ""
        except MissingPackage as error:
            return *novel(candidates, frame, sealed), f"{WORDING} {error.message}"
    return *novel(candidates, frame, sealed), WORDING
