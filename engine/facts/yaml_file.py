"""Read a YAML file and check it against a model; a problem becomes one sentence with file and line.

YAML is read with PyYAML's safe loader; duplicate keys and aliases are refused, since both hide what a file says.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from engine.errors import InputError, Where
from engine.facts.explain import explain

M = TypeVar("M", bound=BaseModel)
MAX_BYTES = 2 * 2**20


class _Loader(yaml.SafeLoader):
    """Safe loader without aliases and duplicate keys."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Refuse `*alias`."""
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent):
            mark: Any = event.start_mark
            raise yaml.MarkedYAMLError(problem="aliases are not used here", problem_mark=mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Refuse a key that stands twice."""
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable) or key in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key!r} stands twice", problem_mark=key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {  # dates stay text: the model reads them and can name the bad one
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class YamlFile:
    """What a YAML file holds, with the tree that knows the lines."""

    name: str
    data: object
    root: yaml.Node | None

    def line_of(self, path: tuple[str | int, ...]) -> int | None:
        """Return the 1-based line of the deepest part of `path` that is in the file."""
        node, line = self.root, None
        for part in path:
            found = _child(node, part)
            if found is None:
                return line
            node, line = found
        return line


def _child(node: yaml.Node | None, part: str | int) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if str(getattr(key, "value", "")) == str(part):
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part].start_mark.line + 1
    return None


def asset_path(name: str) -> Path:
    """Return the path of a file that ships with Tuneworth, for example `rules/fit.yml`."""
    return Path(str(files("assets"))) / name


def read_yaml(path: Path) -> YamlFile:
    """Read a YAML file. Raises InputError when it is missing, empty, too large, not text or not YAML."""
    where = Where(file=str(path))
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path.name} could not be read.", "Check that the file exists.", where=where) from error
    if len(raw) > MAX_BYTES:
        raise InputError(f"{path.name} is too large for a settings file.", "The limit is 2 MB.", where=where)
    try:
        text = raw.decode("utf-8-sig")
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
            data = None if root is None else loader.construct_document(root)
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        raise _not_yaml(path, error) from error
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise InputError(
            f"{path.name} is not a readable YAML file.", "Save it as plain UTF-8 text.", where=where
        ) from error
    if data is None:
        raise InputError(f"{path.name} is empty.", "Start from the example in the command's --help.", where=where)
    return YamlFile(str(path), data, root)


def _not_yaml(path: Path, error: yaml.YAMLError) -> InputError:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or "it cannot be parsed"
    line = mark.line + 1 if mark is not None else None
    at = f" in line {line}" if line else ""
    return InputError(
        f"{path.name} is not valid YAML{at}: {problem}.",
        "Check indentation, quotes and brackets near that line.",
        where=Where(file=str(path), line=line),
    )


def check(document: YamlFile, model: type[M]) -> M:
    """Check a read file against a model. Raises InputError naming key, value, allowed values and line."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        problem = explain(error, model)
        raise InputError(
            f"{Path(document.name).name}: {problem.sentence}",
            problem.hint,
            where=Where(file=document.name, column=problem.path or None, line=document.line_of(problem.location)),
        ) from error


def load_yaml(path: Path, model: type[M]) -> M:
    """Read and check in one step; see `read_yaml` and `check` for the errors."""
    return check(read_yaml(path), model)
