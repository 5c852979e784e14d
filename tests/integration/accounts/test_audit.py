import csv
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.actions import record
from accounts.cells import safe_cell
from accounts.models import AuditEntry
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db

Action = AuditEntry.Action


def subjects(response):
    return [entry.subject for entry in response.context["page"]]


def rows_of(response):
    return list(csv.reader(b"".join(response.streaming_content).decode().splitlines()))


def test_reading_is_recorded_once_a_visit(client_as):
    start = datetime(2026, 3, 2, 18, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        client = client_as(UserFactory(roles=["auditor"]))
        for address in ("/audit/", "/audit/?action=exported", "/audit/?page=1"):
            client.get(address)
        assert AuditEntry.objects.filter(actor=client.user, action=Action.AUDIT_READ).count() == 1
        for _ in range(2):
            clock.shift(timedelta(minutes=16))
            client.get("/audit/")
        assert AuditEntry.objects.filter(actor=client.user, action=Action.AUDIT_READ).count() == 2


def test_filters_by_person_action_and_day_of_the_agency(client_as):
    client = client_as("auditor")
    ana = UserFactory(username="ana")
    with time_machine.travel(datetime(2026, 3, 3, 5, 30, tzinfo=UTC), tick=False):  # March 2, 23:30 in Kansas
        record(by=ana, action=Action.EXPORTED, subject="by ana")
    with time_machine.travel(datetime(2026, 3, 3, 6, 30, tzinfo=UTC), tick=False):
        record(by=None, action=Action.PERSON_CHANGED, subject="ana")
        record(by=None, action=Action.EXPORTED, subject="other")
    assert subjects(client.get(f"/audit/?person={ana.pk}")) == ["ana", "by ana"]
    assert subjects(client.get("/audit/?action=exported")) == ["other", "by ana"]
    assert subjects(client.get("/audit/?first=2026-03-02&last=2026-03-02")) == ["by ana"]
    assert subjects(client.get("/audit/?first=2026-03-03&last=2026-03-03")) == ["other", "ana"]


def test_filter_stays_in_the_form_the_pages_and_the_export(client_as):
    record(by=None, action=Action.EXPORTED)
    for _ in range(150):
        record(by=None, action=Action.RUN_PUBLISHED, subject="run")
    page = client_as("auditor").get("/audit/?action=run_published&first=2020-01-01")
    content = page.content.decode()
    assert '<option value="run_published" selected>' in content
    assert 'value="2020-01-01"' in content
    assert "?action=run_published&amp;first=2020-01-01&amp;page=2" in content
    assert 'href="/audit/export.csv?action=run_published&amp;first=2020-01-01"' in content
    assert page.context["page"].paginator.count == 150


def test_wrong_dates_are_told(client_as):
    page = client_as("auditor").get("/audit/?first=2026-03-03&last=2026-03-01")
    assert "This is before the first day." in page.content.decode()


def test_export_is_recorded_and_safe_to_open(client_as):
    client = client_as("auditor")
    for subject in ("=HYPERLINK(1)", "+1", "-1", "@x", "plain"):
        record(by=None, action=Action.PERSON_CHANGED, subject=subject)
    rows = rows_of(client.get("/audit/export.csv?action=person_changed"))
    assert [row[3] for row in rows] == ["subject", "plain", "'@x", "'-1", "'+1", "'=HYPERLINK(1)"]
    entry = AuditEntry.objects.get(action=Action.EXPORTED)
    assert (entry.actor, entry.details) == (client.user, {"filter": {"action": "person_changed"}})


@pytest.mark.parametrize(("value", "safe"), [("=1", "'=1"), ("\t=1", "'\t=1"), ("a=1", "a=1"), (-5, -5), ("", "")])
def test_cell_cannot_be_a_formula(value, safe):
    assert safe_cell(value) == safe


def test_details_are_in_words_and_without_the_key_of_a_name(client_as):
    record(
        by=None,
        action=Action.PERSON_CHANGED,
        changed={"roles": [["officer"], []], "active": [True, False]},
        name_key="k",
    )
    content = client_as("auditor").get("/audit/").content.decode()
    assert "changed: roles from officer to none, active from yes to no" in content
    assert "name_key" not in content


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("address", ["/audit/", "/audit/export.csv"])
def test_trail_takes_the_same_queries_for_any_number(client_as, django_assert_num_queries, rows, address):
    for user in UserFactory.create_batch(rows):
        record(by=user, action=Action.EXPORTED)
    client = client_as("auditor")
    client.get("/audit/")
    client.get(address)
    # session, user, and: weeks that wait here and in the navigation, people to choose from, number and entries;
    # or the record of the export and the entries
    with django_assert_num_queries(7 if address == "/audit/" else 4):
        response = client.get(address)
        if response.streaming:
            list(response.streaming_content)
