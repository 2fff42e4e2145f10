"""The `tuneworth` command. Every command returns an Outcome; this file prints it and turns errors into exit codes."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import traceback
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from engine import __version__
from engine.commands.outcome import Outcome
from engine.errors import InputError, StorageError, TuneworthError
from engine.project.files import storage_error

GROUPS = (
    "app",
    "doctor",
    "demo",
    "fit",
    "data",
    "privacy",
    "providers",
    "cost",
    "train",
    "jobs",
    "evaluate",
    "compare",
    "diagnose",
    "abtest",
    "audit",
    "project",
)


class _Parser(argparse.ArgumentParser):
    """Bad usage is bad input: one sentence and a hint, exit 2, JSON when asked for."""

    def error(self, message: str) -> NoReturn:
        raise InputError(message[:1].upper() + message[1:] + ".", f"See `{self.prog} --help`.")


def build_parser(only: str | None = None) -> argparse.ArgumentParser:
    """Return the parser with all command groups, or with the one that has a command (start-up is imports)."""
    parser = _Parser(prog="tuneworth", description="Is fine-tuning worth it? Do it properly, then prove it.")
    parser.add_argument("--workspace", type=Path, default=None, help="folder for all projects")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--version", action="version", version=f"tuneworth {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for group in (only,) if only else GROUPS:
        importlib.import_module(f"engine.commands.{group}").register(subparsers)
    return parser


def _command(words: list[str]) -> str | None:
    """The first word that is neither an option nor the value of --workspace."""
    values = {number + 1 for number, word in enumerate(words) if word == "--workspace"}
    return next((w for number, w in enumerate(words) if number not in values and not w.startswith("-")), None)


def _group(words: list[str]) -> str | None:
    """The group to load for these words; None loads all (help, or a word nobody knows)."""
    command = _command(words)
    known = {**{group: group for group in GROUPS}, "prices": "providers"}
    return known.get(command or "")


def main(argv: list[str] | None = None) -> int:
    """Run one command; return its exit code: 0 done, 1 the answer is no, 2 bad usage or bad input."""
    words = list(sys.argv[1:] if argv is None else argv)
    as_json = "--json" in words
    words = [word for word in words if word != "--json"]  # allowed anywhere on the line
    try:
        words = words if _command(words) or {"-h", "--help", "--version"} & set(words) else [*words, "app"]
        args = build_parser(_group(words)).parse_args(words)
        if args.workspace:
            os.environ["TUNEWORTH_WORKSPACE"] = str(args.workspace.expanduser().resolve())
        args.json = as_json
        if not hasattr(args, "run"):
            raise InputError(f"`{args.command}` needs one more word.", f"See `tuneworth {args.command} --help`.")
        outcome: Outcome = args.run(args)
        _print(_as_json(outcome.document) if as_json else outcome.text)
    except TuneworthError as error:
        return _print_error(error, as_json)
    except OSError as error:
        return _print_error(_os_error(error), as_json)
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return 130
    except Exception:  # noqa: BLE001 - the last line of defence: no traceback reaches the user
        return _print_error(_fault(), as_json)
    return outcome.exit_code


def _print(text: str) -> None:
    """Print; a reader that left early (`| head`) is no error. Raises StorageError when the output is full."""
    try:
        if text:
            print(_printable(text), flush=True)
    except OSError as error:
        with suppress(OSError):  # what is still in the buffer must not fail a second time when Python ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            raise StorageError(f"The output could not be written ({error.strerror}).", "Print it elsewhere.") from error


def _printable(text: str) -> str:
    """The text with escapes for letters that the terminal's encoding does not have."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _as_json(document: Any) -> str:
    """One line of JSON; where the output is no UTF-8, every other letter as a JSON escape."""
    utf8 = (sys.stdout.encoding or "utf-8").lower().replace("-", "") == "utf8"
    return json.dumps(document, ensure_ascii=not utf8, default=_plain)


def _plain(value: Any) -> Any:
    """JSON form of numpy numbers and paths that slipped into a document."""
    if hasattr(value, "item"):
        return value.item()
    return str(value)


def _os_error(error: OSError) -> TuneworthError:
    name = Path(str(error.filename)).name if error.filename else "a file"
    if isinstance(error, FileNotFoundError):
        return InputError(f"{name} does not exist.", "Check the path.")
    if isinstance(error, IsADirectoryError):
        return InputError(f"{name} is a folder, not a file.", "Name a file.")
    return storage_error(error, Path(name))


def _fault() -> TuneworthError:
    from engine.project.workspace import default_root

    message, details = "Something went wrong inside Tuneworth.", traceback.format_exc()
    try:
        log = default_root() / "logs" / "cli.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(details + "\n")
    except OSError as error:
        last = details.strip().splitlines()[-1]
        return TuneworthError(message, f"Details could not be logged ({error.strerror}). The last line is: {last}")
    return TuneworthError(message, "Details are in logs/cli.log of your workspace.")


def _print_error(error: TuneworthError, as_json: bool) -> int:
    hint = f"\n{error.hint}" if error.hint else ""
    with suppress(OSError, StorageError):  # there is nowhere left to say it; the exit code still does
        sys.stderr.write(f"{error.message}{hint}\n")
        if as_json:
            _print(_as_json(error.to_json()))
    return 2


if __name__ == "__main__":
    sys.exit(main())
