"""The files of this project, for tests that read them instead of running them."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


def files(*patterns: str) -> list[Path]:
    """What belongs to the project: known to git, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *patterns],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    names = sorted({name.decode() for name in listed.stdout.split(b"\0") if name})
    # A file that was deleted and not yet committed is still listed.
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def modules(*folders: str) -> list[Path]:
    """The Python modules under these folders."""
    return files(*(f":(glob){folder}/**/*.py" for folder in folders))


def dotted(node: ast.expr) -> str | None:
    """``a.b.c`` for an expression that is nothing but names and dots."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (before := dotted(node.value)) is not None:
        return f"{before}.{node.attr}"
    return None


def uses(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Every name that is used, with its line; imported names under their full name."""
    called = dict[str, str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                called[alias.asname or alias.name] = alias.name
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                called[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and (name := dotted(node)) is not None:
            first, dot, rest = name.partition(".")
            yield node.lineno, called.get(first, first) + dot + rest
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr
