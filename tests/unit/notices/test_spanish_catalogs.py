"""The compiled catalogs are those of the written ones, and nothing in them is left open."""

import re

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings

CATALOGS = sorted(settings.BASE_DIR.glob("*/locale/es/LC_MESSAGES/django.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)\w")


def entries(catalog):
    return {_flat(message.id): _flat(message.string) for message in catalog if message.id}


def _flat(text):
    """Plural forms are a list in one kind of file and a tuple in the other."""
    return text if isinstance(text, str) else tuple(text)


@pytest.fixture(params=CATALOGS, ids=lambda path: path.relative_to(settings.BASE_DIR).parts[0])
def written(request):
    return request.param


def test_catalogs_are_found():
    assert {path.relative_to(settings.BASE_DIR).parts[0] for path in CATALOGS} >= {"notices", "tactics"}


def test_compiled_catalog_is_current(written):
    with written.open("rb") as po, written.with_suffix(".mo").open("rb") as mo:
        assert entries(read_po(po, locale="es")) == entries(read_mo(mo)), (
            f"msgfmt -o django.mo django.po in {written.parent}"
        )


def test_catalog_is_whole(written):
    with written.open("rb") as po:
        for message in read_po(po, locale="es"):
            forms = message.string if isinstance(message.string, tuple) else (message.string,)
            assert all(forms), message.id
            assert not message.id or not message.fuzzy, message.id


def test_translations_keep_their_placeholders(written):
    with written.open("rb") as po:
        for message in read_po(po, locale="es"):
            if isinstance(message.id, str) and message.id:
                assert sorted(PLACEHOLDER.findall(message.id)) == sorted(PLACEHOLDER.findall(message.string))
