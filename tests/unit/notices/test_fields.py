import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices import fields
from notices.fields import EmptyField, UnknownField


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def seen(html: str) -> Seen:
    parser = Seen()
    parser.feed(html)
    parser.close()
    return parser


@given(st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1).filter(str.strip))
def test_value_prints_as_typed(value: str) -> None:
    found = seen(fields.render("{contact_name}", {"contact_name": value}))
    assert found.tags == ["p"]
    assert found.text.strip() == " ".join(value.split())


@pytest.mark.parametrize(
    "value", ["**x**", "[a](http://b.example)", "<script>x</script>", "# x", "{agency}", "![i](http://b.example)"]
)
def test_value_with_marks_is_inert(value: str) -> None:
    assert seen(fields.render("See {area}.", {"area": value})).text.strip() == f"See {value}."


def test_letter_has_no_html_links_or_pictures() -> None:
    found = seen(fields.render("<b>x</b> [a](http://b.example) ![i](http://b.example) http://b.example", {}))
    assert found.tags == ["p"]


def test_heading_stands_below_the_subject() -> None:
    assert seen(fields.render("# One\n\n## Two\n\n### Three", {})).tags == ["h2", "h2", "h3"]


def test_list_alone_is_bullets_and_within_a_line_is_words() -> None:
    values = {"tactics": "One.\n<Two>."}
    assert seen(fields.render("{tactics}", values)).tags == ["ul", "li", "li"]
    assert seen(fields.render("We may: {tactics}.", values)).text.strip() == "We may: One; <Two>."


def test_map_has_its_place() -> None:
    assert fields.render("{map}", {}) == fields.MAP


def test_line_of_an_empty_field_is_left_out() -> None:
    text = "- Call {agency_phone}\n- {?website}Read {website}"
    assert fields.plain(text, {"agency_phone": "1", "website": " "}) == "- Call 1"
    assert fields.plain(text, {"agency_phone": "1", "website": "a.example"}) == "- Call 1\n- Read a.example"


def test_used_fields_say_which_are_needed() -> None:
    text = "{area} {?website}{website}\n\n{agency}\n- {?tip_form}{tip_form}\n{tip_form} \\{city}"
    assert fields.used(text) == {"area": True, "website": False, "agency": True, "tip_form": True}


def test_unknown_field_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownField, match=re.escape("{agenci}. Did you mean {agency}?")):
        fields.render("{agenci}", {})


def test_empty_field_is_named() -> None:
    with pytest.raises(EmptyField, match=re.escape("{area} (Area) is empty")):
        fields.plain("{area}", {"area": " "})


def test_problems_are_all_told_once() -> None:
    found = fields.problems("{foo} {foo} {area} {?bar}x", {})
    assert sorted(error.name for error in found) == ["area", "bar", "foo"]


def test_unclosed_brace_is_text() -> None:
    assert fields.plain("a { b {} c", {}) == "a { b {} c"


def test_brace_before_many_spaces_is_read_at_once():
    start = time.perf_counter()
    fields.render("{" + " " * 20_000 + "x", {})
    fields.plain("{? " + " " * 20_000 + "x", {})
    assert time.perf_counter() - start < 5
