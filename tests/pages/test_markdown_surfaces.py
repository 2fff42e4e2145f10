"""Text that is not ours may not reach a Markdown surface unescaped: an image in it would call a stranger's server.

Checks the source of every page and part. Allowed in labels and texts: literals, module constants, `escape(...)`,
the figures of `pages.parts.words` (except `money`, whose $ would start a formula), numbers with a numeric format
(`f"{n:,}"`), and names that hold nothing else. A line may vouch for its argument with `# safe: <why>`, e.g. when a
function of ours has escaped it piece by piece. Which surfaces are unsafe was measured: facts/compliance.md 5.2.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted([ROOT / "app.py", *(ROOT / "pages").rglob("*.py")])

# The first positional argument of these and the keywords below are read as Markdown.
NAMES = (
    "markdown write caption title header subheader info success warning error toast status badge metric button "
    "download_button link_button form_submit_button page_link checkbox toggle radio pills segmented_control "
    "selectbox multiselect slider select_slider number_input text_input text_area date_input time_input "
    "file_uploader data_editor expander popover tabs progress spinner chat_input menu_button feedback image "
    "table exception html help"
)
SURFACES = frozenset(NAMES.split())
KEYWORDS = {"label", "body", "help", "title", "text", "value", "delta", "options", "captions", "caption"}
SECOND = {"metric", "radio", "toast", "progress"}  # the second positional argument is read as Markdown too
FIRST_IS_NO_TEXT = {"progress", "page_link", "image", "help"}
PLAIN_OPTIONS = {"selectbox", "multiselect", "select_slider"}  # options there are drawn as text
NOT_SCREEN = {"logging", "logger", "log", "_log", "_LOG", "json", "parser", "subparsers", "alt", "audit", "records"}
SAFE_CALLS = {
    "escape", "number", "percent", "plural", "duration", "size", "when", "len", "round", "int", "float", "sum", "abs",
}  # fmt: skip
NEVER = {"exception"}  # prints the message and links that hold it


def problems(source: str) -> list[tuple[int, str]]:
    """Return (line, surface) for every call that could show foreign text as Markdown."""
    tree = ast.parse(source)
    vouched = {line for line, text in enumerate(source.splitlines(), start=1) if re.search(r"# safe: \S+", text)}
    constants = {**_imported(tree), **_constants(tree)}
    found: list[tuple[int, str]] = []
    for scope in _scopes(tree):
        names = _names(scope)
        for node in _own_nodes(scope):
            if isinstance(node, ast.Call) and (surface := _surface(node)):
                if surface in NEVER and _base(node) == "st":
                    found.append((node.lineno, surface))
                for value in _shown(node, surface):
                    if not _safe(value, names, constants, set()):
                        found.append((node.lineno, f"{surface}({ast.unparse(value)[:60]})"))
    return [(line, what) for line, what in found if line not in vouched]


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    """Values of the names a module sets at its top level."""
    held: dict[str, ast.expr] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign):
            held |= {target.id: node.value for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
            held[node.target.id] = node.value
    return held


def _imported(tree: ast.Module) -> dict[str, ast.expr]:
    """Constants that come from other modules of ours, so that their literals can be judged."""
    held: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in {"pages", "engine"}:
            path = ROOT / (node.module.replace(".", "/") + ".py")
            if path.exists():
                theirs = _constants(ast.parse(path.read_text(encoding="utf-8")))
                held |= {alias.asname or alias.name: theirs[alias.name] for alias in node.names if alias.name in theirs}
    return held


def _scopes(tree: ast.Module) -> list[ast.AST]:
    return [tree, *(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))]


def _own_nodes(scope: ast.AST):
    todo = list(ast.iter_child_nodes(scope))
    while todo:
        node = todo.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        yield node
        todo.extend(ast.iter_child_nodes(node))


def _names(scope: ast.AST) -> dict[str, list[ast.expr | None]]:
    """Every value a local name may hold; None for what cannot be known (parameters, loops over data)."""
    held: dict[str, list[ast.expr | None]] = {}
    if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
        arguments = scope.args
        for arg in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
            kind = ast.unparse(arg.annotation) if arg.annotation else ""
            safe = kind in {"int", "float", "bool", "int | None", "float | None"} or kind.startswith("Literal[")
            held.setdefault(arg.arg, []).append(ast.Constant(0) if safe else None)
    for node in _own_nodes(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    held.setdefault(target.id, []).append(node.value)
                elif isinstance(target, ast.Tuple):
                    values = node.value.elts if isinstance(node.value, ast.Tuple) else [None] * len(target.elts)
                    for element, value in zip(target.elts, values, strict=False):
                        if isinstance(element, ast.Name):
                            held.setdefault(element.id, []).append(value)
        elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and isinstance(node.target, ast.Name):
            held.setdefault(node.target.id, []).append(node.value)
        elif isinstance(node, ast.For | ast.comprehension):
            for element in ast.walk(node.target):
                if isinstance(element, ast.Name):
                    held.setdefault(element.id, []).append(_element(node.iter) if element is node.target else None)
    return held


def _element(values: ast.expr) -> ast.expr | None:
    return values if isinstance(values, ast.Tuple | ast.List | ast.Set | ast.Name) else None


def _base(call: ast.Call) -> str:
    node = call.func
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _surface(call: ast.Call) -> str | None:
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in SURFACES:
        return None
    return None if _base(call) in NOT_SCREEN else call.func.attr


def _shown(call: ast.Call, surface: str) -> list[ast.expr]:
    shown = list(call.args[: 2 if surface in SECOND else 1])
    if surface in FIRST_IS_NO_TEXT:
        shown = call.args[1:2]
    for keyword in call.keywords:
        if keyword.arg in KEYWORDS and not (keyword.arg == "options" and surface in PLAIN_OPTIONS):
            if keyword.arg == "value" and surface != "metric":
                continue
            shown.append(keyword.value)
    return shown


def _safe(node: ast.expr | None, names: dict, constants: dict, seen: set[str]) -> bool:
    if node is None:
        return False

    def safe(part: ast.expr | None) -> bool:
        return _safe(part, names, constants, seen)

    match node:
        case ast.Constant():
            return True
        case ast.JoinedStr(values=values):
            return all(safe(value) for value in values)
        case ast.FormattedValue(value=value, format_spec=spec):
            return _numeric(spec) or safe(value)
        case ast.BinOp(left=left, right=right):
            return safe(left) and safe(right)
        case ast.IfExp(body=body, orelse=orelse):
            return safe(body) and safe(orelse)
        case ast.BoolOp(values=values):
            return all(safe(value) for value in values)
        case ast.Compare() | ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Tuple(elts=elements) | ast.List(elts=elements) | ast.Set(elts=elements):
            return all(safe(element) for element in elements)
        case ast.Dict(values=values):
            return all(safe(value) for value in values)
        case ast.Starred(value=value):
            return safe(value)
        case ast.Subscript(value=value):
            return safe(value)
        case ast.ListComp(elt=element) | ast.GeneratorExp(elt=element):
            return safe(element)
        case ast.Call(func=ast.Name(id=name)):
            return name in SAFE_CALLS
        case ast.Call(func=ast.Attribute(attr="escape")):
            return True
        case ast.Call(func=ast.Attribute(attr="join", value=ast.Constant()), args=[inner]):
            return safe(inner)
        case ast.Call(func=ast.Attribute(attr=("get" | "values" | "keys"), value=ast.Name() as table), args=rest):
            return safe(table) and all(safe(value) for value in rest[1:])
        case ast.Name(id=name):
            if name in seen:
                return True
            if name in names:
                return all(_safe(value, names, constants, seen | {name}) for value in names[name])
            return name in constants and _safe(constants[name], {}, constants, seen | {name})
        case (
            ast.Attribute(value=ast.Attribute(value=ast.Name(id="step"), attr="page"))
            | ast.Attribute(value=ast.Name(id=("info" | "page")), attr=("short" | "help" | "icon" | "group"))
        ):
            return True  # PageInfo of pages/parts/steps.py: literals of ours
        case _:
            return False


def _numeric(spec: ast.expr | None) -> bool:
    """A numeric format (`,`, `.0%`, `.2f`, `d`) raises for text, so what it lets through is a number."""
    if not isinstance(spec, ast.JoinedStr) or not all(isinstance(part, ast.Constant) for part in spec.values):
        return False
    text = "".join(str(part.value) for part in spec.values if isinstance(part, ast.Constant))
    return text.endswith(("f", "%", "d", ",", "g", "e")) and not text.endswith("s")


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_no_foreign_text_on_markdown_surfaces(path):
    found = problems(path.read_text(encoding="utf-8"))
    words = "\n".join(f"  line {line}: {what}" for line, what in found)
    assert not found, (
        f"wrap in pages.parts.safe_text.escape, or use show_text / page_header / verdict / cards:\n{words}"
    )


@pytest.mark.parametrize(
    "line",
    [
        "st.markdown(title)",
        "st.markdown(f'**{title}**')",
        "st.caption(project.title)",
        "column.metric(label=name, value=1)",
        "st.metric('x', answer)",
        "st.button(name)",
        "st.exception(error)",
        "st.error(str(error))",
        "st.radio('x', options=names)",
        "st.markdown(f'{title:>10}')",
        "st.tabs([name for name in names])",
        "st.markdown('{}'.format(title))",
        "st.markdown(money(5))",
    ],
)
def test_the_check_finds_unescaped_text(line):
    assert problems(f"def f(title, name, names, answer, project, error, column):\n    {line}")


@pytest.mark.parametrize(
    "line",
    [
        "st.markdown('fixed')",
        "st.markdown(f'**{escape(title)}**')",
        "st.markdown(f'{count:,} rows, {share:.0%}')",
        "st.markdown(WORDS[key])",
        "st.selectbox('Column', options=names)",
        "st.caption(' '.join(escape(n) for n in names))",
        "st.text(title)",
        "logger.error(title)",
        "st.markdown(title)  # safe: escaped word by word in marked()",
    ],
)
def test_the_check_lets_safe_text_pass(line):
    assert not problems(f"WORDS = {{'a': 'b'}}\ndef f(title, names, count, share, key, logger):\n    {line}")


HEAVY = {"torch", "transformers", "trl", "peft", "datasets", "bitsandbytes", "sentence_transformers", "accelerate"}


@pytest.mark.parametrize("path", FILES, ids=[str(path.relative_to(ROOT)) for path in FILES])
def test_no_page_imports_a_training_library(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {
        node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module
    }
    assert not imported & HEAVY
