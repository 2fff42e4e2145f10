"""Real English sentences for the duplicate benchmarks: docstrings of the installed packages (facts "Data", texts)."""

import ast
import random
import re
import sysconfig
from pathlib import Path

PACKAGES = (
    "torch", "transformers", "scipy", "pandas", "numpy", "trl", "peft", "sklearn", "streamlit", "statsmodels",
    "datasets", "accelerate", "altair", "pyarrow", "boto3", "botocore", "sympy", "networkx", "spacy", "nltk",
)  # fmt: skip
EDITS = ("please ", "note that ", "also ", "in short, ")


def sentences(count: int, seed: int = 7) -> list[str]:
    """Return `count` different sentences of 9 to 22 words, shuffled."""
    root = Path(sysconfig.get_paths()["purelib"])
    found: dict[str, None] = {}
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            found.update(dict.fromkeys(_docstrings(path)))
        if len(found) > 1.5 * count:
            break
    texts = list(found)
    random.Random(seed).shuffle(texts)
    if len(texts) < count:
        raise SystemExit(f"only {len(texts)} sentences found in the installed packages")
    return texts[:count]


def _docstrings(path: Path) -> list[str]:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError, ValueError):
        return []
    found = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.Module)):
            text = " ".join((ast.get_docstring(node) or "").split())
            for sentence in re.split(r"(?<=[.!?]) ", text):
                words = sentence.split()
                if 9 <= len(words) <= 22 and sum(word.isalpha() for word in words) > 0.7 * len(words):
                    found.append(sentence)
    return found


def with_copies(count: int, seed: int = 7) -> list[str]:
    """90 % different, 5 % exact or case copies, 5 % small edits, shuffled."""
    rng = random.Random(seed)
    base = sentences(int(0.9 * count), seed)
    texts = list(base)
    for number in range(count - len(base)):
        text = rng.choice(base)
        if number % 2:
            texts.append(rng.choice((text, text.upper(), text.rstrip("."))))
        else:
            words = text.split()
            texts.append(rng.choice((rng.choice(EDITS) + text, " ".join(words[:-1]), " ".join(words[1:]))))
    rng.shuffle(texts)
    return texts
