#!/usr/bin/env python3
"""House law that no linter knows. Prints `file:line: what is wrong` and exits with 1 if there is any.

- Raw SQL stands in queries, sql, tiles and migrations only.
- Pages hold no inline script, style or event handler and ask no other origin for anything.
- package-lock.json names no registry, so that any mirror will do.
"""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent

SQL_CALLS = {"cursor", "raw", "extra", "RawSQL", "raw_sql", "execute", "executemany", "copy_expert"}
SQL_ROOMS = re.compile(
    # frames runs what queries hand it; append_only runs after a migration and is a part of it
    r"^[^/]+/(queries/|queries\.py$|sql/|tiles\.py$|frames\.py$|append_only\.py$|migrations/)"
)
OUTSIDE_THE_LAW = re.compile(r"^(tests|scripts|bench|node_modules|static-collected|\.[^/]+)/")

INLINE = [
    (re.compile(r"<script(?![^>]*\bsrc=)(?![^>]*type=.(application/json|importmap))[^>]*>", re.I), "inline script"),
    (re.compile(r"<style\b", re.I), "inline style"),
    (re.compile(r"\sstyle\s*=\s*[\"']", re.I), "style attribute"),
    (re.compile(r"\s(on[a-z]+|hx-on[:a-z-]*)\s*=\s*[\"']", re.I), "event handler attribute"),
    (re.compile(r"\bhref\s*=\s*[\"']\s*javascript:", re.I), "javascript: address"),
    (
        re.compile(
            r"<(script|img|iframe|source|audio|video|embed|track)\b[^>]*\bsrc(set)?\s*=\s*[\"'](https?:)?//", re.I
        ),
        "other origin",
    ),
    (re.compile(r"<(link|use|image)\b[^>]*\bhref\s*=\s*[\"'](https?:)?//", re.I), "other origin"),
    (re.compile(r"<form\b[^>]*\baction\s*=\s*[\"'](https?:)?//", re.I), "other origin"),
]
OTHER_ORIGIN_IN_CSS = re.compile(r"(url\(\s*|@import\s+)[\"']?(https?:)?//", re.I)
OTHER_ORIGIN_IN_JS = re.compile(r"(\bfrom|\bimport|\bfetch\(|\bimport\(|\bnew (Worker|URL)\()\s*[\"'`](https?:)?//")


def main() -> int:
    problems = [*raw_sql(CHECKOUT), *pages(CHECKOUT), *assets(CHECKOUT), *lock_file(CHECKOUT)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def files(root: Path, *endings: str) -> Iterator[tuple[Path, str]]:
    for ending in endings:
        for path in sorted(root.glob(f"*/**/*{ending}")):
            name = path.relative_to(root).as_posix()
            if not OUTSIDE_THE_LAW.match(name):
                yield path, name


def raw_sql(root: Path) -> Iterator[str]:
    for path, name in files(root, ".py"):
        if SQL_ROOMS.match(name):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"), name)):
            if isinstance(node, ast.Call) and (called := name_of(node.func)) in SQL_CALLS:
                yield f"{name}:{node.lineno}: raw SQL ({called}) belongs in queries, sql, tiles or migrations"


def name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def pages(root: Path) -> Iterator[str]:
    for path, name in files(root, ".html"):
        yield from found(name, re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8")), INLINE)


def assets(root: Path) -> Iterator[str]:
    for path, name in files(root, ".css", ".js"):
        law = OTHER_ORIGIN_IN_CSS if name.endswith(".css") else OTHER_ORIGIN_IN_JS
        yield from found(name, path.read_text(encoding="utf-8"), [(law, "other origin")])


def found(name: str, text: str, laws: list[tuple[re.Pattern[str], str]]) -> Iterator[str]:
    for law, problem in laws:
        for match in law.finditer(text):
            line = text.count("\n", 0, match.start() + 1) + 1
            yield f"{name}:{line}: {problem}: {match.group().strip()[:60]}"


def lock_file(root: Path) -> Iterator[str]:
    path = root / "package-lock.json"
    if path.exists():
        yield from found(
            path.name, path.read_text(encoding="utf-8"), [(re.compile(r'"resolved": *"https?:'), "registry host")]
        )


if __name__ == "__main__":
    sys.exit(main())
