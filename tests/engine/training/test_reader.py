"""Our reading of a row against transformers and the training worker, token for token. Loads transformers once."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data.messages import make
from engine.training.models import find_base
from engine.training.reader import Reader
from engine.training.rows import TrainingRow
from engine.training.template import training_template
from tests.engine.training.test_worker_inside import TALKS, UNMARKED

pytestmark = pytest.mark.slow
MORE = [
    *TALKS,
    make("", "answer to nothing"),
    make("tabs\tand\r\nlines\n\n", "  leading and trailing  "),
    make("emoji \U0001f600 e\u0301 \u200b", "<|im_end|> inside <|end|> an answer"),
    [*make("one", "two"), {"role": "user", "content": "the last turn asks"}],
    make("x " * 700, "Queue: Long", system="A system text."),
]


def tokenizer_of(folder: Path) -> Any:
    from engine.training.worker_model import load_tokenizer

    return load_tokenizer(folder)[0]


def assert_same(reader: Reader, tokenizer: Any, talk: list[dict[str, str]]) -> None:
    """One row through both: ids and labels of the training worker, and transformers' own mask where it has one."""
    from engine.training.worker_data import IGNORED, prepare

    seen = reader.read(talk)
    made = prepare(tokenizer, [TrainingRow(1, talk)], max_length=100_000, system_prompt="")
    assert seen.ids == made.input_ids[0]
    assert seen.learned == [label != IGNORED for label in made.labels[0]]
    if reader.marked:
        theirs = tokenizer.apply_chat_template(talk, return_dict=True, return_assistant_tokens_mask=True)
        assert seen.ids == theirs["input_ids"]
        assert seen.learned == [bool(spoken) for spoken in theirs["assistant_masks"]]
        assert seen.text == tokenizer.apply_chat_template(talk, tokenize=False)


@pytest.fixture(scope="module")
def demo() -> tuple[Reader, Any]:
    base = find_base("demo")
    assert base.path is not None
    return Reader(base), tokenizer_of(base.path)


def test_the_demo_base_reads_token_for_token_like_transformers(demo: tuple[Reader, Any]) -> None:
    assert demo[0].marked
    for talk in MORE:
        assert_same(*demo, talk)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(question=st.text(max_size=60), answer=st.text(min_size=1, max_size=60).filter(str.strip))
def test_any_text_reads_the_same(demo: tuple[Reader, Any], question: str, answer: str) -> None:
    assert_same(*demo, make(question, answer))


@pytest.mark.parametrize("template", ["unmarked", "plain"])
def test_bases_without_markers_learn_what_follows_the_prompt(base: Path, tmp_path: Path, template: str) -> None:
    folder = Path(shutil.copytree(base, tmp_path / "copy"))
    if template == "unmarked":
        (folder / "chat_template.jinja").write_text(UNMARKED)
    else:
        (folder / "chat_template.jinja").unlink()
    reader, tokenizer = Reader(find_base(f"folder:{folder}")), tokenizer_of(folder)
    for talk in MORE:
        assert_same(reader, tokenizer, talk)


def test_trl_masks_the_same_tokens(demo: tuple[Reader, Any], tmp_path: Path) -> None:
    """TRL's own preparation of conversations (assistant_only_loss) against ours."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    reader, tokenizer = demo
    arguments = SFTConfig(
        output_dir=str(tmp_path), assistant_only_loss=True, max_length=None, report_to="none", use_cpu=True, bf16=False
    )
    talks = MORE[:3]
    trainer = SFTTrainer(
        model=str(reader.folder),
        args=arguments,
        train_dataset=Dataset.from_list([{"messages": talk} for talk in talks]),
        processing_class=tokenizer,
    )
    for seen, theirs in zip(reader.read_all(talks), trainer.train_dataset, strict=True):
        assert seen.ids == theirs["input_ids"]
        if "assistant_masks" in theirs:
            assert seen.learned == [bool(spoken) for spoken in theirs["assistant_masks"]]
        else:
            assert seen.learned == [label != -100 for label in theirs["labels"]]


def test_known_families_are_read_with_trls_marked_copy(base: Path) -> None:
    """The file names of TRL's templates lead to the template its function would choose."""
    import trl.chat_template_utils as theirs

    tokenizer = tokenizer_of(base)
    folder = Path(theirs.__file__).parent / "chat_templates"
    checked = 0
    for file in sorted(folder.glob("*.jinja")):
        tokenizer.chat_template = file.read_text(encoding="utf-8")
        if file.stem.endswith("_training"):
            continue
        try:
            expected = theirs.get_training_chat_template(tokenizer)
        except ValueError:
            expected = tokenizer.chat_template  # TRL does not know it: the loss starts at the last answer
        except Exception:  # noqa: BLE001 - a template that refuses the probe of another family says nothing here
            continue
        checked += 1
        assert training_template(tokenizer.chat_template) == (expected or tokenizer.chat_template), file.name
    assert checked >= 20
