"""The shape of the code that CONTRIBUTING.md promises."""

import ast
import statistics
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILES = [
    path
    for folder in ("collector", "ovr_tui", "reporting", "scripts")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


def test_files_fit_on_a_few_screens():
    """No file has more than 500 lines, and half of them at most 150."""
    lines = {path: len(path.read_text().splitlines()) for path in FILES}
    assert not {path: count for path, count in lines.items() if count > 500}
    assert statistics.median(count for count in lines.values() if count > 1) <= 150


def test_functions_are_short():
    """No function has more than 60 lines."""
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in FILES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= 60
    ]
    assert long == []
