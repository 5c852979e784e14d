"""Statements that are kept as files of their own."""

from functools import cache
from pathlib import Path


@cache
def statement(folder: Path, name: str) -> str:
    return (folder / f"{name}.sql").read_text(encoding="utf-8")
