"""No tip can shape a letter: neither app knows the other, in code, templates or SQL (L2)."""

import re

import pytest

from config.settings import BASE_DIR

OWN = {"tips": ["tips", "templates/tips"], "notices": ["notices", "templates/notices"]}
NAMES = {
    "tips": re.compile(
        r"^\s*(?:from|import) tips\b|\btips_(?:tip|message|keycopy|reward|readerkey)\b|templates?/tips/", re.MULTILINE
    ),
    "notices": re.compile(r"^\s*(?:from|import) notices\b|\bnotices_[a-z]+\b|\"notices/", re.MULTILINE),
}


@pytest.mark.parametrize(("app", "other"), [("notices", "tips"), ("tips", "notices")])
def test_app_names_nothing_of_the_other(app, other):
    found = [
        f"{path.relative_to(BASE_DIR)}: {match.group().strip()}"
        for folder in OWN[app]
        for ending in ("py", "sql", "html")
        for path in (BASE_DIR / folder).rglob(f"*.{ending}")
        for match in NAMES[other].finditer(path.read_text(encoding="utf-8"))
    ]
    assert found == []
