"""What must hold for any answers."""

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.fit.answers import Answers
from engine.fit.rulebook import Question, load_rulebook
from engine.fit.verdict import judge
from engine.fit.what_if import would_change

BOOK = load_rulebook()
ORDER = ["few_shot_first", "collect_data", "fine_tune"]


def values(question: Question) -> st.SearchStrategy:
    if question.kind == "number":
        return st.integers(0, 20_000).map(float)
    if question.kind == "one":
        return st.sampled_from([option.id for option in question.options])
    if question.kind == "several":
        ids = [option.id for option in question.options]
        return st.sets(st.sampled_from(ids), min_size=1).map(lambda chosen: [each for each in ids if each in chosen])
    return st.just("a model")


answers = st.fixed_dictionaries({}, optional={question.id: values(question) for question in BOOK.questions})


@given(answers)
def test_every_verdict_has_a_next_step_and_a_reason(given_answers: Answers) -> None:
    verdict = judge(given_answers, BOOK)
    assert verdict.next_step
    assert verdict.next_page in {"evaluate", "data_studio", "providers_roi"}
    assert verdict.fired
    assert 0 <= verdict.confidence <= 1


@given(answers)
def test_never_train_before_measuring(given_answers: Answers) -> None:
    if given_answers.get("prompting") != "plateau":
        assert judge(given_answers, BOOK).name not in {"fine_tune", "hybrid"}


@given(answers, st.integers(0, 20_000), st.integers(0, 20_000))
def test_more_examples_never_turn_training_into_waiting(given_answers: Answers, one: int, other: int) -> None:
    few, many = sorted([one, other])
    before = judge({**given_answers, "examples": float(few)}, BOOK).name
    after = judge({**given_answers, "examples": float(many)}, BOOK).name
    if before in {"fine_tune", "hybrid"}:
        assert after == before
    if before in ORDER and after in ORDER:
        assert ORDER.index(after) >= ORDER.index(before)


@settings(max_examples=60, deadline=None)
@given(answers)
def test_what_would_change_is_true(given_answers: Answers) -> None:
    current = judge(given_answers, BOOK).name
    for change in would_change(given_answers, BOOK):
        flipped = judge({**given_answers, change.question: change.to}, BOOK)
        assert flipped.name == change.verdict != current
        assert change.text.startswith("If ")


@given(answers, st.sampled_from([question.id for question in BOOK.questions]))
def test_leaving_an_answer_out_never_raises_confidence_for_the_same_verdict(given_answers: Answers, gone: str) -> None:
    fewer = {key: value for key, value in given_answers.items() if key != gone}
    before, after = judge(given_answers, BOOK), judge(fewer, BOOK)
    lost = [rule.id for rule in before.fired if rule not in after.fired]
    same_grounds = not any(rule.endswith("_gap") or rule.startswith("contradiction") for rule in lost)
    if before.name == after.name == "prompt_first" and same_grounds:
        assert after.confidence <= before.confidence
