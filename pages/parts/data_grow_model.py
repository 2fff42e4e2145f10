"""Ask a model for rows: where it runs, what it may see, what that costs, and the gate when it is not this computer."""

from __future__ import annotations

import streamlit as st

from engine.compliance.gate import Leaving, grant, look
from engine.data.grow.ask import AskMethod
from engine.data.grow.rulebook import grow_rules
from engine.data.grow.seeds import seed_rows
from engine.errors import TuneworthError
from engine.privacy.entities import words as kind_words
from engine.project.project import Project
from engine.providers.asking import Asker
from engine.providers.endpoint import Endpoint, make_endpoint
from engine.providers.grow_start import TokenBill, Wish, bill_of, outgoing, save_endpoint, start_growing
from pages.parts.page import guard, problem
from pages.parts.safe_text import escape
from pages.parts.studio import Studio
from pages.parts.words import number, plural, size

PLACES = {
    "Ollama on this computer": "http://127.0.0.1:11434/v1",
    "llama.cpp server on this computer": "http://127.0.0.1:8080/v1",
    "vLLM on this computer": "http://127.0.0.1:8000/v1",
    "Another address": "",
}
METHODS: dict[AskMethod, str] = {
    "paraphrase": "Other wordings of your questions (paraphrase)",
    "back_translation": "Through another language and back (back-translation)",
    "seed": "New questions with answers, in the manner of yours (synthetic)",
}
TEST_WORDS = "Answer with the word ok."


def model_form(studio: Studio) -> None:
    """The form, top to bottom in the order one thinks."""
    endpoint = _endpoint(studio.project)
    if endpoint is None:
        return
    wish = _wish(studio)
    rows = seed_rows(studio.project, wish.rows, wish.seed)
    _bill(bill_of(rows, wish.method, wish.per_row), len(rows))
    leaving = None if endpoint.is_local else _gate(endpoint, outgoing(rows, wish.method))
    agreed = endpoint.is_local or (leaving is not None and _agreed(leaving))
    if st.button("Ask the model", key="grow-ask", icon=":material/edit_note:", disabled=not agreed):
        with guard():
            consent = None
            if leaving is not None:
                purpose = f"new rows ({wish.method})"
                consent = grant(studio.project, leaving, purpose, accept_findings=bool(leaving.findings))
            start_growing(studio.project, endpoint, wish, consent)
            st.rerun()


def _endpoint(project: Project) -> Endpoint | None:
    last = project.records.latest(Endpoint)
    places = list(PLACES)
    known = {url: name for name, url in PLACES.items()}
    start = places.index(known.get(last.base_url, "Another address")) if last else 0
    place = str(st.selectbox("Where does the model run?", places, start, key="grow-place"))
    st.caption(
        "A model on this computer is free, and no row leaves it: install Ollama and run `ollama pull MODEL`, or start "
        "a llama.cpp or vLLM server. Every address that speaks the OpenAI way works."
    )
    if last is not None and known.get(last.base_url, "Another address") == place:
        address, name, variable = last.base_url, last.model, last.key_variable
    else:
        address, name, variable = PLACES[place], "", ""
    columns = st.columns(3)
    url = columns[0].text_input("Address, up to /v1", address, key=f"grow-url-{place}", placeholder="https://")
    model = columns[1].text_input("Model", name, key=f"grow-model-{place}", placeholder="as the server names it")
    key = columns[2].text_input(
        "Variable with the key", variable, key=f"grow-key-{place}",
        help="Name of an environment variable, for example OPENAI_API_KEY. Never the key itself: it is not saved.",
    )  # fmt: skip
    if not url.strip() or not model.strip():
        st.caption("Fill in address and model to go on.")
        return None
    try:
        made = make_endpoint(model if place == "Another address" else place.split(" on ")[0], url, model, key)
    except TuneworthError as error:
        problem(error.message, error.hint, tone="caution")
        return None
    same = last is not None and (last.base_url, last.model, last.key_variable) == (
        made.base_url, made.model, made.key_variable,
    )  # fmt: skip
    endpoint = last if same and last is not None else made
    _test(project, endpoint)
    return endpoint


def _test(project: Project, endpoint: Endpoint) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        clicked = st.button("Test the connection", key="grow-test", icon=":material/cable:")
        st.caption("Sends five words of ours, none of your rows.")
    if not clicked:
        return
    try:
        with st.spinner("Asking the model"):
            texts = [TEST_WORDS]
            consent = (
                None if endpoint.is_local else grant(project, look(endpoint.host, texts), "test of the connection")
            )
            asker = Asker(endpoint, consent, timeout=20, retries=0)
            answer = asker.ask([{"role": "user", "content": TEST_WORDS}], max_tokens=20)
            asker.close()
    except TuneworthError as error:
        problem(error.message, error.hint, tone="caution")
        return
    save_endpoint(project, endpoint)
    st.success(f"The model answers: {escape(answer.text, 80)}", icon=":material/check_circle:")


def _wish(studio: Studio) -> Wish:
    method: AskMethod = st.selectbox(
        "What should it write?", list(METHODS), format_func=METHODS.__getitem__, key="grow-method"
    )
    limits = grow_rules()
    left, right = st.columns(2)
    rows = int(left.number_input("Start from at most so many rows", 1, 5000, 50, key="grow-rows"))
    if method == "back_translation":
        through = right.selectbox(
            "Through which language?", ["German", "French", "Spanish", "Japanese"], key="grow-through"
        )
        language = right.text_input("Language of your rows", "English", key="grow-language")
        return Wish(method=method, rows=rows, per_row=1, through=str(through), language=language.strip() or "English")
    per_row = right.number_input("New rows from each", 1, limits.most_per_row, limits.per_row, key="grow-per-row")
    return Wish(method=method, rows=rows, per_row=int(per_row))


def _bill(bill: TokenBill, rows: int) -> None:
    sent = f"{number(bill.sent[0])} to {number(bill.sent[1])}"
    back = f"{number(bill.answered[0])} to at most {number(bill.answered[1])}"
    st.markdown(
        f"**{plural(bill.requests, 'request')}** from {plural(rows, 'row')}: about {sent} tokens there, {back} back."
    )  # safe: figures and words of ours
    st.caption(
        "Estimated from characters for English; other languages can need up to three times as many. A paid service "
        "charges by these tokens. Rows held out for validation and test are never sent."
    )


def _gate(endpoint: Endpoint, texts: list[str]) -> Leaving:
    leaving = look(endpoint.host, texts)
    with st.container(border=True, gap="xsmall", key="grow-gate"):
        st.markdown(
            f":material/upload: **{plural(leaving.rows, 'row')} ({size(leaving.bytes)}) would leave this computer "
            f"for {escape(leaving.host)}.**"
        )
        if leaving.findings:
            found = ", ".join(f"{kind_words(kind)} ({number(count)})" for kind, count in leaving.findings.items())
            st.markdown(f":orange[:material/error_outline:] Found in them: {escape(found)}.")
        else:
            st.markdown("No patterns of personal data were found in them. That is no promise that there are none.")
        with st.expander("What was not looked for"):
            for item in leaving.not_scanned:
                st.markdown(f"**{escape(item.what)}**: {escape(item.why)}.")
    return leaving


def _agreed(leaving: Leaving) -> bool:
    """Two ticks when something was found; other rows or another host ask again."""
    key = f"{leaving.host}-{leaving.sha256[:12]}"
    yes = bool(st.checkbox(f"I agree that these rows are sent to {escape(leaving.host)}", key=f"grow-agree-{key}"))
    if not leaving.findings:
        return yes
    return bool(st.checkbox("Send them although personal data was found", key=f"grow-anyway-{key}")) and yes
