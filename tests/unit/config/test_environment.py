"""What the settings read, what .env.example lists and what the containers are given are the same names."""

import ast
import re

import pytest
import yaml
from django.core.exceptions import ImproperlyConfigured

from config import env
from scripts.state import CHECKOUT

COMPOSE_ONLY = {"SITE_HOST", "TIP_HOST", "DB_SUPERUSER_PASSWORD", "REDIS_PASSWORD"}
OWNER = {"DB_OWNER", "DB_OWNER_PASSWORD"}
STAFF_SECRETS = {"SECRET_KEY", "DB_PASSWORD", "DB_OWNER_PASSWORD", "REDIS_URL", "EMAIL_HOST_PASSWORD"}


def names_read_by_settings(file: str = "settings") -> set[str]:
    tree = ast.parse((CHECKOUT / f"config/{file}.py").read_text())
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "env"
        and isinstance(node.args[0], ast.Constant)
    }


def test_env_example_lists_every_variable_of_settings():
    listed = set(re.findall(r"^#?([A-Z][A-Z_]+)=", (CHECKOUT / ".env.example").read_text(), re.MULTILINE))
    assert listed - COMPOSE_ONLY == names_read_by_settings() | names_read_by_settings("intake_settings")


def test_intake_process_knows_nothing_of_the_staffs_secrets():
    services = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())["services"]
    read = names_read_by_settings("intake_settings")
    assert set(services["intake"]["environment"]) == read
    assert not read & STAFF_SECRETS
    assert "INTAKE_SECRET_KEY" not in services["web"]["environment"]
    assert "DB_INTAKE_PASSWORD" not in services["web"]["environment"]


def test_compose_gives_the_application_every_variable_but_the_owners():
    services = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())["services"]
    for name in ("web", "worker", "beat"):
        assert set(services[name]["environment"]) == names_read_by_settings() - OWNER, name
    assert set(services["migrate"]["environment"]) >= OWNER


def test_compose_names_in_env_example():
    asked = set(re.findall(r"\$\{([A-Z_]+)", (CHECKOUT / "docker-compose.yml").read_text()))
    listed = set(re.findall(r"^#?([A-Z][A-Z_]+)=", (CHECKOUT / ".env.example").read_text(), re.MULTILINE))
    assert asked <= listed


@pytest.mark.parametrize(
    ("reader", "value", "says"),
    [
        (lambda: env.flag("X", False), "perhaps", "X must be true or false, not 'perhaps'"),
        (lambda: env.whole_number("X", 1), "1.5", "X must be a whole number, not '1.5'"),
        (lambda: env.whole_number("X", 1, least=1), "0", "X must be at least 1, not 0"),
        (lambda: env.text("X"), "", "X is not set"),
    ],
)
def test_reader_given_nonsense_names_the_variable(monkeypatch, reader, value, says):
    monkeypatch.setitem(env._values, "X", value)
    with pytest.raises(ImproperlyConfigured, match=re.escape(says)):
        reader()


def test_reader_of_empty_value_gives_default(monkeypatch):
    monkeypatch.setitem(env._values, "X", "")
    assert (env.flag("X", True), env.whole_number("X", 7), env.words("X", "a, b")) == (True, 7, ["a", "b"])
