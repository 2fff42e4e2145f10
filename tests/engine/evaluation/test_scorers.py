"""Known answers of evaluation.md section 2, other libraries as oracles, and the traps."""

import random

import numpy as np
import pytest
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics import BLEU, CHRF
from sklearn.metrics import f1_score

from engine.errors import InputError
from engine.evaluation.scorers.base import Pair
from engine.evaluation.scorers.json_answers import FENCE_REMOVED
from engine.evaluation.scorers.registry import SCORERS, scorer
from engine.evaluation.scorers.text import normalise, words
from engine.evaluation.scoring import score_answers


def values(name, *pairs):
    return [score.value for score in scorer(name).score([Pair(*pair) for pair in pairs])]


def test_exact_match_card():
    refs, preds = ["the cat", "theater", "YELLING", "agent007"], ["cat?", "theater", "yelling", "agent"]
    pairs = list(zip(refs, preds, strict=True))
    assert np.mean(values("exact", *pairs)) == 0.25
    for ignore, expected in ((("the ", "yell"), 0.5), (("the ", "yell", "YELL"), 0.75)):
        same = [normalise(r, ignore=ignore) == normalise(p, ignore=ignore) for r, p in pairs]
        assert np.mean(same) == expected


def test_space_case_and_number_format_are_not_wrong_answers():
    assert values("exact", ("A b", " A b\n"), ("A b", "a b"), ("caf\u00e9", "cafe\u0301")) == [1, 0, 1]
    same = [
        ("1,000.50", "1000.5"),
        ("Yes.", "yes"),
        ("lost_card", "Lost card"),
        ("\uff21\uff22", "ab"),
        ("a  b", "a b"),
    ]
    assert values("normalised", *same) == [1] * len(same)
    different = [("3.5 kg", "35 kg"), ("-5", "5"), ("at -5 degrees", "at 5 degrees"), ("10:30", "1030"), ("1,5", "15")]
    assert values("normalised", *different) == [0] * len(different)


def test_ascii_and_other_text_lose_the_same_marks():
    rng = random.Random(4)
    for _ in range(3000):
        text = "".join(rng.choices("ab12 .,:-_!?'()/$+|\\\"[]", k=rng.randint(0, 12)))
        assert normalise(text + " a") == normalise(text + " ä").replace("ä", "a"), text


def test_rouge_known_answer():
    target, answer = "The quick brown fox jumps over the lazy dog", "The quick brown dog jumps on the log."
    assert values("rouge1", (target, answer))[0] == pytest.approx(0.705882, abs=1e-6)
    assert values("rouge2", (target, answer))[0] == pytest.approx(0.266667, abs=1e-6)
    assert values("rougeL", (target, answer))[0] == pytest.approx(0.588235, abs=1e-6)


def test_rouge_agrees_with_rouge_score_on_random_english():
    rng = random.Random(5)
    vocabulary = ["the", "card", "was", "lost,", "and", "I", "can't", "pay:", "3", "times_over", "at", "10.5", "bank!"]
    oracle = RougeScorer(["rouge1", "rouge2", "rougeL"])
    for _ in range(200):
        target, answer = (" ".join(rng.choices(vocabulary, k=rng.randint(1, 25))) for _ in range(2))
        theirs = oracle.score(target, answer)
        for name in ("rouge1", "rouge2", "rougeL"):
            assert values(name, (target, answer))[0] == pytest.approx(theirs[name].fmeasure, abs=1e-12)


@pytest.mark.parametrize("text", ["東京に行きました", "مرحبا بالعالم", "नमस्ते दुनिया", "สวัสดีชาวโลก", "привет мир"])
def test_overlap_is_not_zero_outside_latin(text):
    assert values("rougeL", (text, text)) == [1.0]
    assert values("f1", (text, text)) == [1.0]
    assert values("exact", (text, text)) == [1.0]
    assert score_answers("bleu", [Pair(text, text)] * 3).interval.value == pytest.approx(1.0)


def test_words_keep_combining_marks():
    assert words("नमस्ते दुनिया") == ["नमस्ते", "दुनिया"]
    assert words("東京") == ["東", "京"]


HYPS = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."]
REFS = ["The dog bit the man.", "It was not unexpected.", "The man bit him first."]


def test_bleu_is_sacrebleu_and_one_word_answers_count():
    ours = score_answers("bleu", [Pair(r, h) for r, h in zip(REFS, HYPS, strict=True)])
    theirs = BLEU(effective_order=True).corpus_score(HYPS, [REFS]).score
    assert 100 * ours.interval.value == pytest.approx(theirs, abs=1e-9)
    assert ours.interval.low <= ours.interval.value <= ours.interval.high
    assert score_answers("bleu", [Pair("refund", "refund")] * 5).interval.value == pytest.approx(1.0)


def test_pinned_sacrebleu_known_answers():
    first = ["The dog bit the man.", "It was not unexpected.", "The man bit him first."]
    second = ["The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."]
    assert BLEU().corpus_score(HYPS, [first, second]).score == pytest.approx(48.530827, abs=1e-6)
    prediction = ["The relationship between cats and dogs is not exactly friendly.",
                  "a good bookshop is just a genteel black hole that knows how to read."]  # fmt: skip
    reference = ["The relationship between dogs and cats is not exactly friendly.",
                 "A good bookshop is just a genteel Black Hole that knows how to read."]  # fmt: skip
    assert CHRF().corpus_score(prediction, [reference]).score == pytest.approx(84.64214891738334)
    assert CHRF(word_order=2).corpus_score(prediction, [reference]).score == pytest.approx(82.87263732906315)
    per_row = values("chrf", *zip(reference, prediction, strict=True))
    assert per_row[0] == pytest.approx(CHRF().sentence_score(prediction[0], [reference[0]]).score / 100)


def test_bleu_and_chrf_are_sacrebleus_on_random_text():
    rng = random.Random(9)
    vocabulary = [
        "the",
        "card",
        "was",
        "lost,",
        "I",
        "can't",
        "pay:",
        "3",
        "10.5",
        "bank!",
        "\u6771\u4eac",
        "it's.",
        "naïve",
    ]
    pairs = []
    for _ in range(300):
        expected = rng.choices(vocabulary, k=rng.randint(1, 12))
        answer = [word if rng.random() < 0.7 else rng.choice(vocabulary) for word in expected][: rng.randint(1, 12)]
        pairs.append(Pair(" ".join(expected), " ".join(answer)))
    bleu, chrf = BLEU(effective_order=True), CHRF()
    ours_bleu, ours_chrf = scorer("bleu").score(pairs), scorer("chrf").score(pairs)
    for pair, one, other in zip(pairs, ours_bleu, ours_chrf, strict=True):
        assert 100 * one.value == pytest.approx(bleu.sentence_score(pair.answer, [pair.expected]).score, abs=1e-9)
        assert 100 * other.value == pytest.approx(chrf.sentence_score(pair.answer, [pair.expected]).score, abs=1e-9)
    corpus = bleu.corpus_score([p.answer for p in pairs], [[p.expected for p in pairs]]).score
    assert 100 * score_answers("bleu", pairs).interval.value == pytest.approx(corpus, abs=1e-9)


def test_macro_f1_is_scikit_learns_over_reference_labels():
    rng = random.Random(2)
    labels = ["card lost", "refund", "login", "fee"]
    expected = rng.choices(labels, weights=[8, 4, 2, 1], k=200)
    answers = [e if rng.random() < 0.7 else rng.choice([*labels, "no idea"]) for e in expected]
    ours = score_answers("macro_f1", [Pair(e, a) for e, a in zip(expected, answers, strict=True)])
    assert ours.interval.value == pytest.approx(f1_score(expected, answers, labels=labels, average="macro"))
    assert ours.unreadable == answers.count("no idea")


def test_unknown_label_is_unreadable_not_wrong():
    scored = score_answers("accuracy", [Pair("refund", "Refund."), Pair("fee", "refund"), Pair("fee", "the weather")])
    assert scored.interval.value == pytest.approx(1 / 3)
    assert scored.readable == (True, True, False)


def test_free_text_is_not_labels():
    with pytest.raises(InputError, match="too many to be labels"):
        score_answers("macro_f1", [Pair(f"text {i}", "x") for i in range(600)])


def test_json_levels():
    expected = '{"name": "Ann", "tags": ["a", "b"], "age": 3}'
    fenced = "```json\n" + expected + "\n```"
    answers = [expected, fenced, '{"age": 3.0, "tags": ["b", "a"], "name": "Bob"}', "Sure! {", '{"age": NaN}']
    pairs = [Pair(expected, answer) for answer in answers]
    assert [s.value for s in scorer("json_valid").score(pairs)] == [1, 1, 1, 0, 0]
    assert [s.value for s in scorer("json_same").score(pairs)] == [1, 1, 0, 0, 0]
    assert [s.value for s in scorer("json").score(pairs)] == [1, 1, 0.75, 0, 0]
    scored = score_answers("json", pairs)
    assert scored.unreadable == 2
    assert scored.notes == {FENCE_REMOVED: 1}
    with pytest.raises(InputError, match="row 0 is not JSON"):
        score_answers("json", [Pair("refund", "refund")])


@pytest.mark.parametrize("name", SCORERS)
def test_every_scorer_takes_odd_input_and_gives_one_for_the_same(name):
    odd = ["", " ", "\x00", "a" * 5000, "😀", '{"a": [', "¿?"]
    if name in ("json", "json_same"):
        pairs = [Pair('{"a": 1}', text) for text in odd]
        same = [Pair('{"a": 1}', '{"a": 1}')]
    else:
        pairs = [Pair("some words", text) for text in odd]
        same = [Pair('{"a": 1}', '{"a": 1}')]
    scores = scorer(name).score(pairs)
    assert len(scores) == len(odd)
    assert all(0 <= s.value <= 1 for s in scores)
    assert not scores[0].readable
    assert [s.value for s in scorer(name).score(same)] == [pytest.approx(1.0)]


def test_unknown_metric_names_the_known_ones():
    with pytest.raises(InputError) as caught:
        scorer("bertscore")
    assert "rougeL" in caught.value.hint
