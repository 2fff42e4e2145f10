"""Every shape of log, and files that are none."""

import base64
import json

import numpy as np
import pytest

from engine.errors import InputError, NotFound, TuneworthError
from engine.training.diagnose_read import read_log

ENTRIES = [
    {"step": 10, "loss": 2.0, "grad_norm": 1.0, "learning_rate": 1e-4, "epoch": 0.1},
    {"step": 20, "loss": 1.5, "grad_norm": float("nan"), "learning_rate": 1e-4, "epoch": 0.2},
    {"step": 20, "eval_loss": 1.6, "epoch": 0.2},
    {"step": 20, "train_loss": 1.75, "train_runtime": 3.0, "epoch": 0.2},
]


def check(log):
    assert log.loss.steps.tolist() == [10, 20]
    assert log.loss.values.tolist() == [2.0, 1.5]
    assert log.evals.values.tolist() == [1.6]
    return log


@pytest.mark.parametrize("shape", ["state", "list", "lines", "ours", "llama", "csv", "semicolon"])
def test_shapes(tmp_path, shape):
    path = tmp_path / "log"
    ours = [
        {"type": "started"},
        *({"type": "metric", **e, "grad_norm": str(e.get("grad_norm"))} for e in ENTRIES[:2]),
        {"type": "metric", **ENTRIES[2]},
        {"type": "progress", "done": 1, "loss": 9},
    ]
    llama = [
        {("current_steps" if k == "step" else "lr" if k == "learning_rate" else k): v for k, v in e.items()}
        for e in ENTRIES[:3]
    ]
    table = "step,train/loss,val_loss,lr\n10,2.0,,1e-4\n20,1.5,1.6,1e-4\n"
    texts = {
        "state": json.dumps({"log_history": ENTRIES, "epoch": 1}),
        "list": json.dumps(ENTRIES),
        "lines": "\n".join(map(json.dumps, ENTRIES)) + "\n",
        "ours": "\n".join(map(json.dumps, ours)) + '\n{"type": "met',
        "llama": "\n".join(map(json.dumps, llama)),
        "csv": table,
        "semicolon": table.replace(",", ";"),
    }
    path.write_text(texts[shape], encoding="utf-8")
    log = check(read_log(path))
    assert log.rate.values.max() == 1e-4
    if shape in ("state", "list", "lines", "ours"):
        assert np.isnan(log.gradient.values[1])


def test_provider_csv_plain_and_base64(tmp_path):
    text = "step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy\n1,2.0,.5,1.9,.5\n2,1.5,.6,,\n"
    for name, content in (("a.csv", text), ("b.csv", base64.b64encode(text.encode()).decode())):
        (tmp_path / name).write_text(content)
        log = read_log(tmp_path / name)
        assert log.raw_steps
        assert (len(log.loss), len(log.evals)) == (2, 1)


def test_nulls_are_nothing_unless_they_are_the_only_loss(tmp_path):
    path = tmp_path / "log.json"
    path.write_text(json.dumps([{"step": 1, "loss": 1.0, "eval_loss": None}, {"step": 2, "loss": None}]))
    log = read_log(path)
    assert len(log.evals) == 0
    assert np.isnan(log.loss.values[1])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\x00\xff\xfe", "not a readable text"),
        (b"hello world", "no column with a loss"),
        (b"a,b\n1,2\n", "no column with a loss"),
        (b'{"a": 1}', "no loss"),
        (b"[1, 2]", "no list of log entries"),
        (b'{"log_history": 3}', "no list of log entries"),
        (b'{"step": 1, "loss": 2}\n{oops\n{"step": 2, "loss": 1}', "Line 2"),
    ],
)
def test_bad_files(tmp_path, content, words):
    path = tmp_path / "log"
    path.write_bytes(content)
    with pytest.raises(InputError, match=words) as caught:
        read_log(path)
    assert caught.value.hint
    assert caught.value.where.file == str(path)


def test_missing_file(tmp_path):
    with pytest.raises(NotFound):
        read_log(tmp_path / "none.json")
    with pytest.raises(TuneworthError):
        read_log(tmp_path)


def test_empty_history_is_a_log(tmp_path):
    path = tmp_path / "trainer_state.json"
    path.write_text('{"log_history": []}')
    assert len(read_log(path).loss) == 0
