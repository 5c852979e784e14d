from pathlib import Path

import pytest

from scripts import check_house


@pytest.fixture
def house(tmp_path: Path):
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return tmp_path

    return write


@pytest.mark.parametrize(
    "code",
    [
        "with connection.cursor() as c:\n    pass",
        "Place.objects.raw('select 1')",
        "RawSQL('select 1', [])",
        "Place.objects.extra(where=['1=1'])",
    ],
)
def test_raw_sql_outside_its_rooms_is_found(house, code):
    assert list(check_house.raw_sql(house("hotspots/views/map.py", code)))


@pytest.mark.parametrize(
    "room", ["hotspots/queries/places.py", "hotspots/tiles.py", "accounts/migrations/0001_x.py", "tests/unit/test_x.py"]
)
def test_raw_sql_in_its_rooms_passes(house, room):
    assert not list(check_house.raw_sql(house(room, "connection.cursor()")))


def test_raw_sql_names_file_and_line(house):
    (problem,) = check_house.raw_sql(house("hotspots/views/map.py", "x = 1\n\nx.cursor()\n"))
    assert problem.startswith("hotspots/views/map.py:3: raw SQL (cursor)")


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert(1)</script>",
        '<script type="module">import x</script>',
        "<style>a {}</style>",
        '<p style="color: red">',
        '<button onclick="go()">',
        '<button hx-on:click="go()">',
        '<a href="javascript:go()">',
        '<script src="https://example.org/x.js"></script>',
        '<img alt="" src="//example.org/x.png">',
        '<link rel="stylesheet" href="https://example.org/x.css">',
    ],
)
def test_page_with_inline_code_or_other_origin_is_found(house, markup):
    (problem,) = check_house.pages(house("templates/x.html", f"<p>\n{markup}\n"))
    assert problem.startswith("templates/x.html:2: ")


@pytest.mark.parametrize(
    "markup",
    [
        '<script src="{% static \'js/map.js\' %}" type="module"></script>',
        '<script id="data" type="application/json">{}</script>',
        '<a href="https://example.org/">elsewhere</a>',
        '<svg><path d="M0 0" fill="none" stroke="currentColor"/></svg>',
        "{# <style> in a comment #}",
        '<input data-style="x" name="one">',
    ],
)
def test_page_in_order_passes(house, markup):
    assert not list(check_house.pages(house("templates/x.html", markup)))


def test_asset_of_other_origin_is_found(house):
    house("static/css/x.css", "@import url('https://example.org/x.css');")
    root = house("static/js/x.js", 'import x from "https://example.org/x.js";')
    assert [problem.split(":")[0] for problem in check_house.assets(root)] == ["static/css/x.css", "static/js/x.js"]


def test_lock_file_with_registry_is_found(house):
    assert list(check_house.lock_file(house("package-lock.json", '{"resolved": "https://example.org/x.tgz"}')))
