"""L4 for the tip form: every string of its pages is in the Spanish catalog, and the catalog holds no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.pofile import read_po

from config.settings import BASE_DIR

CATALOG = BASE_DIR / "tips/locale/es/LC_MESSAGES/django.po"
TRANSLATE = re.compile(r'{%\s*translate\s+"((?:[^"\\]|\\.)*)"')
BLOCK = re.compile(r"{%\s*blocktranslate[^%]*%}(.*?){%\s*endblocktranslate\s*%}", re.DOTALL)
PLURAL = re.compile(r"{%\s*plural\s*%}")
VARIABLE = re.compile(r"{{\s*(\w+)[^}]*}}")
FUNCTIONS = {"_", "gettext", "gettext_lazy", "ngettext"}


def of_templates() -> Iterator[str]:
    for path in (BASE_DIR / "templates/tips/intake").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        yield from TRANSLATE.findall(text)
        for block in BLOCK.findall(text):
            yield VARIABLE.sub(r"%(\1)s", PLURAL.split(block)[0])


def of_code(*paths: Path) -> Iterator[str]:
    for path in paths or (BASE_DIR / "tips/intake").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
                yield ast.literal_eval(node.args[0])


def of_catalog(catalog: Path = CATALOG) -> set[str]:
    with catalog.open("rb") as file:
        return {
            message.id if isinstance(message.id, str) else message.id[0]
            for message in read_po(file, locale="es")
            if message.id
        }


def test_every_string_of_the_form_is_in_the_catalog():
    assert sorted({*of_templates(), *of_code()} - of_catalog()) == []


def test_catalog_holds_no_string_that_nobody_says():
    assert sorted(of_catalog() - {*of_templates(), *of_code()}) == []


def test_every_word_about_a_refused_photo_is_in_spanish():
    catalog = BASE_DIR / "tactics/locale/es/LC_MESSAGES/django.po"
    assert sorted({*of_code(BASE_DIR / "tactics/photos.py")} - of_catalog(catalog)) == []
