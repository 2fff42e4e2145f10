"""Exports recognised by themselves, and what each becomes: question, answer, and what went with them."""

import json

import pytest

from engine.data.columns import guess_columns
from engine.data.mapping import Mapping, apply_mapping, preview
from engine.data.messages import answer_of, loads, prompt_of, system_of
from engine.data.read_table import read_table
from engine.data.shapes import parse_whole
from engine.data.templates import fill, placeholders, template_problem
from engine.data.turns import Turns, guess_speakers
from engine.errors import MappingError
from tests.engine.data.test_read_table import put

ASK = {"role": "user", "content": "What colour is the sky?"}
BLUE = {"role": "assistant", "content": "It is blue."}
GREEN = {"role": "assistant", "content": "It is green."}


def brought(folder, rows, name="a.jsonl"):
    """Read rows, guess, map: (guess, canonical frame, decisions)."""
    text = json.dumps(rows) if name.endswith(".json") else "\n".join(map(json.dumps, rows))
    read = read_table(put(folder, name, text))
    guess = guess_columns(read.frame)
    return guess, *apply_mapping(read.frame, guess.mapping(), read.file)


def meta(frame, row=0):
    return json.loads(frame["meta"].iloc[row])


# ---------------------------------------------------------------- conversations
def test_openai_messages_keep_tools_and_weights_and_say_what_changed(tmp_path):
    call = [{"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}]
    rows = [
        {
            "messages": [
                ASK,
                {"role": "assistant", "content": None, "tool_calls": call, "weight": 0},
                {"role": "tool", "content": "blue"},
                {**BLUE, "weight": 1},
            ],
            "tools": [{"type": "function", "function": {"name": "look"}}],
        },
        {"messages": [{"role": "developer", "content": "Be brief."}, ASK, BLUE]},
    ]
    guess, frame, decisions = brought(tmp_path, rows)
    assert guess.shape == "chat"
    assert guess.roles == {"messages": "messages", "tools": "tools"}
    assert [turn["role"] for turn in loads(frame["messages"].iloc[0])] == ["user", "assistant", "tool", "assistant"]
    assert json.loads(loads(frame["messages"].iloc[0])[1]["content"]) == call
    assert meta(frame)["turn_weights"] == [None, 0, None, 1]
    assert json.loads(meta(frame)["tools"])[0]["function"]["name"] == "look"
    assert [(note.row_id, note.reason, note.action) for note in decisions] == [(0, "tool call as text", "change")]
    assert system_of(frame["messages"].iloc[1]) == "Be brief."


def test_sharegpt_with_a_system_column(tmp_path):
    talk = [{"from": "human", "value": "Hi?"}, {"from": "gpt", "value": "Hello!"}]
    guess, frame, _ = brought(tmp_path, [{"system": "Be kind.", "conversations": talk}] * 3, "a.json")
    assert guess.shape == "sharegpt"
    assert [turn["role"] for turn in loads(frame["messages"].iloc[0])] == ["system", "user", "assistant"]


def test_messages_inside_a_request_object(tmp_path):
    rows = [{"custom_id": f"r{n}", "body": {"model": "m", "messages": [ASK, BLUE]}} for n in range(3)]
    guess, frame, _ = brought(tmp_path, rows)
    assert guess.roles["body.messages"] == "messages"
    assert answer_of(frame["messages"].iloc[0]) == "It is blue."


def test_alpaca_with_empty_input(tmp_path):
    rows = [
        {"instruction": "Name a colour.", "input": "", "output": "Blue is a colour."},
        {"instruction": "Translate.", "input": "bleu", "output": "The word means blue."},
    ]
    guess, frame, _ = brought(tmp_path, rows, "a.json")
    assert guess.shape == "instruction"
    assert [prompt_of(text) for text in frame["messages"]] == ["Name a colour.", "Translate.\n\nbleu"]


def test_prompt_and_completion_as_text_and_as_messages(tmp_path):
    guess, frame, _ = brought(tmp_path, [{"prompt": "Why?", "completion": "Because it is so."}] * 2)
    assert (guess.shape, guess.cells) == ("prompt_completion", "text")
    guess, frame, _ = brought(tmp_path, [{"prompt": [ASK], "completion": [BLUE]}] * 2)
    assert (guess.shape, guess.cells) == ("prompt_completion", "talk")
    assert loads(frame["messages"].iloc[0]) == [ASK, BLUE]


# ---------------------------------------------------------------- preference
PREFERENCES = {
    "text, prompt beside": {"prompt": "What colour is the sky?", "chosen": "It is blue.", "rejected": "It is green."},
    "text, prompt inside": {
        "chosen": "What colour is the sky? It is blue.",
        "rejected": "What colour is the sky? It is green.",
    },
    "messages, prompt beside": {"prompt": [ASK], "chosen": [BLUE], "rejected": [GREEN]},
    "messages, prompt inside": {"chosen": [ASK, BLUE], "rejected": [ASK, GREEN]},
    "prompt as text and again inside": {
        "prompt": "What colour is the sky?", "chosen": [ASK, BLUE], "rejected": [ASK, GREEN],
    },
    "transcript": {
        "chosen": "\n\nHuman: What colour is the sky?\n\nAssistant: It is blue.",
        "rejected": "\n\nHuman: What colour is the sky?\n\nAssistant: It is green.",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", PREFERENCES)
def test_preference_pairs_in_every_form(tmp_path, name):
    guess, frame, decisions = brought(tmp_path, [{**PREFERENCES[name], "score_chosen": 8.5}] * 3)
    assert guess.shape == "preference"
    assert not decisions
    text = frame["messages"].iloc[0]
    if name == "text, prompt inside":  # what both have in common goes to the question, as in TRL
        assert prompt_of(text) == "What colour is the sky? It is"
        assert (answer_of(text), meta(frame)["rejected"]) == ("blue.", "green.")
        return
    assert (prompt_of(text), answer_of(text)) == ("What colour is the sky?", "It is blue.")
    assert meta(frame)["rejected"] == "It is green."


def test_preference_pairs_without_a_common_question_are_left_out_with_the_reason(tmp_path):
    rows = [{"chosen": "Yes.", "rejected": "No."}, {"chosen": "Is it? Yes.", "rejected": "Is it? No."}]
    _, frame, [left] = brought(tmp_path, rows)
    assert len(frame) == 1
    assert (left.row_id, left.action) == (0, "drop")
    assert "do not start with the same question" in left.detail


# ---------------------------------------------------------------- Label Studio
def mark(value, name="sentiment", kind="choices"):
    return {"from_name": name, "to_name": "text", "type": kind, "value": value}


def task(text, *annotators):
    return {
        "id": 1,
        "data": {"text": text, "ticket": "T1"},
        "annotations": [{"completed_by": n, "result": list(marks)} for n, marks in enumerate(annotators)],
    }


def test_label_studio_choices_with_several_annotators(tmp_path):
    good, bad = mark({"choices": ["good"]}), mark({"choices": ["bad"]})
    rows = [
        task("I like this very much", [good], [good], [bad]),
        task("I do not like this at all", [bad]),
        task("Nobody looked at this one yet"),
        {**task("This one was skipped by all"), "annotations": [{"was_cancelled": True, "result": [good]}]},
        task("A span is no answer here", [mark({"start": 1, "end": 2, "labels": ["x"]}, "span", "labels"), good]),
    ]
    guess, frame, _ = brought(tmp_path, rows, "a.json")
    assert guess.shape == "label_studio"
    assert guess.roles["annotation.sentiment"] == "assistant"
    assert guess.roles["text"] == "user"
    assert [answer_of(text) for text in frame["messages"]] == ["good", "bad", "", "", "good"]
    read = read_table(tmp_path / "a.json")
    assert read.frame["agreement"].tolist() == ["2 of 3", "1 of 1", "0 of 0", "0 of 0", "1 of 1"]
    said = " ".join(read.warnings)
    assert "5 tasks" in said
    assert "2 tasks have no finished annotation" in said
    assert "In 1 tasks people disagree" in said
    assert "1 marks (spans" in said


def test_label_studio_text_areas(tmp_path):
    rows = [
        task(f"Question number {n}?", [mark({"text": ["First.", "Second."]}, "answer", "textarea")]) for n in range(3)
    ]
    _, frame, _ = brought(tmp_path, rows, "a.json")
    assert answer_of(frame["messages"].iloc[0]) == "First.; Second."


# ---------------------------------------------------------------- turns over several rows
def turn_rows():
    said = [
        ("c1", "2", "agent", "Which one?"), ("c1", "1", "customer", "It is broken."), ("c2", "1", "customer", "Hello?"),
        ("c1", "3", "customer", "The lamp."), ("c1", "4", "agent", "Sorry."),
        ("c1", "10", "agent", "We send a new one."),
        ("c1", "11", "customer", "Thanks!"), ("c2", "2", "agent", "Hi!"), ("c3", "1", "customer", "Anybody there?"),
    ]  # fmt: skip
    return [{"conversation_id": c, "turn": o, "speaker": s, "text": t, "queue": "lamps"} for c, o, s, t in said]


def test_turns_are_recognised_sorted_joined_and_cut(tmp_path):
    guess, frame, decisions = brought(tmp_path, turn_rows())
    assert guess.shape == "turns"
    assert guess.turns == Turns(
        id_column="conversation_id", role_column="speaker", text_column="text", order_column="turn", speakers={}
    )
    assert frame["row_id"].tolist() == [0, 2]
    assert loads(frame["messages"].iloc[0]) == [
        {"role": "user", "content": "It is broken."},
        {"role": "assistant", "content": "Which one?"},
        {"role": "user", "content": "The lamp."},
        {"role": "assistant", "content": "Sorry.\n\nWe send a new one."},
    ]
    assert frame["label"].tolist() == ["lamps", "lamps"]
    found = [(item.row_id, item.action, item.reason) for item in decisions]
    assert found == [(0, "change", "turns joined"), (0, "change", "cut to the last answer"), (8, "drop", "unreadable")]
    assert "nobody answers" in decisions[2].detail


def test_speakers_with_their_own_names(tmp_path):
    assert guess_speakers(["Kunde", "Anna (Support)"]) == {"Kunde": "user", "Anna (Support)": "assistant"}
    assert guess_speakers(["user", "Anna"]) == {"Anna": "assistant"}
    rows = [{**row, "speaker": {"agent": "Anna", "customer": "Kunde 7"}[row["speaker"]]} for row in turn_rows()]
    guess, frame, _ = brought(tmp_path, rows)
    assert guess.turns.speakers == {"Kunde 7": "user", "Anna": "assistant"}
    assert len(frame) == 2
    unknown = guess.mapping().model_copy(update={"turns": guess.turns.model_copy(update={"speakers": {}})})
    _, left = apply_mapping(read_table(tmp_path / "a.jsonl").frame, unknown, "a")
    assert {item.action for item in left} == {"drop"}
    assert "nobody knows who" in left[0].detail


def test_a_table_with_repeated_ids_but_one_speaker_is_no_conversation(tmp_path):
    rows = [{"thread_id": n % 3, "author": f"p{n}", "text": f"Text number {n}", "label": "x"} for n in range(9)]
    guess, _, _ = brought(tmp_path, rows)
    assert guess.shape != "turns"


# ---------------------------------------------------------------- templates
def test_templates_fill_escape_and_name_what_is_wrong():
    assert placeholders("{a} and {b c} and {{a}} and {a}") == ["a", "b c"]
    assert fill("{a}: {{x}} {b c}", {"a": "1", "b c": "{a}"}) == "1: {x} {a}"
    columns = ["subject", "body"]
    assert template_problem("{subject}\n{{}}{body}", columns) is None
    assert "no column 'sujet'" in template_problem("{sujet}", columns)[0]
    assert "{subject}" in template_problem("{subjet}", columns)[1]
    assert "alone" in template_problem("{subject} }", columns)[0]
    assert "names no column" in template_problem("the same", columns)[0]


def test_templates_for_question_answer_and_instructions(table):
    frame = table(subject=["Lamp", "Desk"], body=["broken", "late"], queue=["a", "b"], why=["w", "v"])
    mapping = Mapping(
        roles=dict.fromkeys(frame.columns, "ignore"),
        user_template="{subject}: {body}",
        answer_template='{{"queue": "{queue}"}}',
        system_template="Say why, for example {why}.",
    )
    rows, left = apply_mapping(frame, mapping, "a.csv")
    assert not left
    assert loads(rows["messages"].iloc[1]) == [
        {"role": "system", "content": "Say why, for example v."},
        {"role": "user", "content": "Desk: late"},
        {"role": "assistant", "content": '{"queue": "b"}'},
    ]
    assert preview(frame, mapping)[0][1]["content"] == "Lamp: broken"
    with pytest.raises(MappingError, match="no column 'color'"):
        apply_mapping(frame, mapping.model_copy(update={"user_template": "{color}"}), "a.csv")
    with pytest.raises(MappingError, match="Two columns are mapped to the weight"):
        apply_mapping(frame, mapping.model_copy(update={"roles": {"queue": "weight", "why": "weight"}}), "a.csv")


def test_a_mapping_of_an_older_project_still_loads():
    old = {"roles": {"a": "user", "b": "assistant"}, "system_prompt": "", "user_template": "{a}", "fixed_label": True}
    assert Mapping.model_validate(old).turns is None


def test_a_talk_cell_that_holds_the_whole_line():
    talk = parse_whole(json.dumps({"messages": [ASK, BLUE], "tools": [{"type": "function"}]}))
    assert talk.extras == {"tools": [{"type": "function"}]}
