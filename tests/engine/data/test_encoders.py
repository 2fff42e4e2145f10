"""The real sentence model: few tests, one load per session."""

import subprocess
import sys

import numpy as np
import pytest

from engine.data.encoders import load_encoder
from engine.data.near_duplicates import find_near
from engine.data.near_lanes import lane_rules
from engine.data.read_table import read_table
from engine.data.screen import cross_pairs, similar_pairs
from engine.errors import InputError
from tests.conftest import SHARED_DATA

TEXTS = ["How do I reset my password?", "Where is my card?", "", "Ein Satz auf Deutsch", "word " * 400, "a"]


# first four numbers of sentence-transformers 6.2.0's unit vectors for these texts, made on 2026-11-21
REFERENCE = {
    "How do I reset my password?": [0.006903, -0.063023, -0.072044, -0.032496],
    "Where is my card?": [-0.008341, 0.022403, -0.038022, 0.029813],
    "Ein Satz auf Deutsch": [-0.061952, 0.056578, -0.01483, -0.032567],
    "word " * 400: [-0.008124, -0.095586, -0.038673, 0.049662],
    "a": [-0.036433, 0.034703, -0.04596, 0.034325],
}


@pytest.mark.slow
def test_minilm_equals_sentence_transformers(minilm):
    texts = list(REFERENCE)
    exact = minilm.exact(texts)
    assert np.abs(exact[:, :4] - np.array(list(REFERENCE.values()))).max() < 1e-5
    assert (minilm.encode(texts) * exact).sum(axis=1).min() > 0.999


@pytest.mark.slow
def test_cache_and_empty_text(minilm):
    first = minilm.encode(TEXTS)
    assert np.abs(minilm.encode(TEXTS) - first).max() < 2e-3
    assert not first[2].any()
    assert np.allclose(np.linalg.norm(first[[0, 1, 3]], axis=1), 1, atol=1e-3)


@pytest.mark.slow
def test_banking77_sample(minilm):
    path = SHARED_DATA / "banking77" / "train.csv"
    if not path.exists():
        pytest.skip("../shared/data is not here")
    frame = read_table(path).frame.head(400)
    prompts, answers = frame["text"].tolist(), frame["category"].tolist()
    result = find_near(prompts, answers)
    assert result.labels
    lanes = result.lanes()
    assert 0 < len(lanes.removed) < 20  # answers are categories: other words for the same thing stay
    assert all(answers[row] == answers[kept] for row, kept in lanes.kept_by.items())
    free = result.lanes(lane_rules("minilm", labels=False))
    assert 60 < len(free.removed) < 200
    assert not set(free.kept_by.values()) & set(free.removed)


def test_unknown_encoder():
    with pytest.raises(InputError, match="no encoder"):
        load_encoder("nonsense")


def test_pure_modules_do_not_import_torch():
    code = (
        "import sys, engine.data.prepare, engine.data.dedupe, engine.data.split_file, engine.data.start, "
        "engine.data.validate, engine.data.quality, engine.commands.data; "
        "assert not {'torch', 'transformers', 'sentence_transformers', 'streamlit'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_screen_finds_every_pair():
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(3000, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors[7] = 0
    found = similar_pairs(vectors, 0.8)
    scores = np.triu(vectors @ vectors.T, 1)
    left, right = np.nonzero(scores >= 0.8)
    pairs = set(zip(found.left.tolist(), found.right.tolist(), strict=True))
    assert pairs == set(zip(left.tolist(), right.tolist(), strict=True))
    assert len(cross_pairs(vectors[:10], vectors, 0.999)) == 9


def test_the_half_precision_screen_finds_what_the_full_one_finds():
    torch = pytest.importorskip("torch")
    from engine.data import worker_screen

    generator = np.random.default_rng(0)
    vectors = generator.normal(size=(2500, 64)).astype(np.float32)
    vectors[1200:1300] = vectors[:100] + 0.2 * generator.normal(size=(100, 64)).astype(np.float32)
    vectors[5] = 0
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    assert torch.__version__
    worker_screen._half_is_quicker.cache_clear()
    original = worker_screen._half_is_quicker
    worker_screen._half_is_quicker = lambda: True
    try:
        tile = worker_screen.half_tile(vectors)
    finally:
        worker_screen._half_is_quicker = original
    for threshold in (0.9, 0.6):
        full, half = similar_pairs(vectors, threshold), similar_pairs(vectors, threshold, tile=tile)
        pairs = {(int(a), int(b)) for a, b in zip(full.left, full.right, strict=True)}
        every = np.triu(vectors @ vectors.T, 1)
        assert pairs == {(int(a), int(b)) for a, b in zip(*np.nonzero(every >= threshold), strict=True)}
        assert pairs == {(int(a), int(b)) for a, b in zip(half.left, half.right, strict=True)}
