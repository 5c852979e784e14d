import re

import pytest

from scripts.state import CHECKOUT


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_exact_and_among_the_tested_versions(file):
    tested = {normal(name): version for name, version in pins("constraints.txt").items()}
    for name, version in pins(file).items():
        assert tested.get(normal(name)) == version, f"{name}: run scripts/pin"


def pins(file: str) -> dict[str, str]:
    lines = [line for line in (CHECKOUT / file).read_text().splitlines() if line and line[0] not in "#-"]
    parts = [re.fullmatch(r"([\w.-]+)(?:\[\w+\])?==(\S+)", line) for line in lines]
    assert all(parts), f"{file}: not every line is an exact version"
    return {part[1]: part[2] for part in parts if part}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
