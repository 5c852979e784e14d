"""The one table of the states of a plan, and its drawing in the documentation."""

from django.conf import settings
from django.core.management import call_command

from accounts.roles import TABLE
from tactics.models import Plan
from tactics.transitions import TRANSITIONS


def test_every_state_but_the_last_leads_somewhere_and_is_reached():
    assert {each.source for each in TRANSITIONS} == set(Plan.Status) - {Plan.Status.ENDED}
    assert {each.target for each in TRANSITIONS} == set(Plan.Status) - {Plan.Status.PROPOSED}


def test_name_leads_from_a_state_to_one_other():
    assert len({(each.name, each.source) for each in TRANSITIONS}) == len(TRANSITIONS)
    assert all(each.capability in TABLE for each in TRANSITIONS)


def test_diagram_in_the_documentation_is_current(capsys):
    call_command("print_transitions")
    printed = capsys.readouterr().out
    kept = (settings.BASE_DIR / "docs/plan-states.md").read_text(encoding="utf-8")
    assert kept == printed, "Run `manage.py print_transitions > docs/plan-states.md`."
