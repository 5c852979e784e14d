"""The proxy before the tip form, as its configuration has it."""

import re

from scripts.state import CHECKOUT


def blocks() -> dict[str, str]:
    """By what stands before the brace; "" for the options of all sites."""
    text = re.sub(r"(?m)^\s*#.*\n", "", (CHECKOUT / "docker/Caddyfile").read_text())
    return {name.strip(): inside for name, inside in re.findall(r"(?ms)^(\S*) ?\{\n(.*?)^\}", text)}


def test_no_log_of_the_proxy_holds_anything_of_a_request():
    """Its log of failures names address and browser, and no site's `log` nor its absence has a say in that."""
    sites = blocks()
    assert "\tlog {\n\t\texclude http\n\t}\n" in sites.pop("")
    assert set(sites) == {"{$SITE_HOST}", "{$TIP_HOST}"}
    assert not re.search(r"(?m)^\s*(log|debug)\b", sites["{$TIP_HOST}"])


def test_nothing_about_who_asks_goes_on_to_the_form():
    dropped = set(re.findall(r"header_up -(\S+)", blocks()["{$TIP_HOST}"]))
    assert dropped >= {"X-Forwarded-For", "X-Real-Ip", "Forwarded", "User-Agent", "Referer", "Cookie"}
