from datetime import date

import pytest
from django.test import Client

from accounts.models import AuditEntry
from notices import letters
from notices.actions import templates as actions
from notices.models import LetterTemplate
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.hotspots import HotSpotFactory
from tests.factories.notices import TemplateFactory, VersionFactory
from tests.factories.tactics import PlanFactory, PlanTacticFactory

pytestmark = pytest.mark.django_db
WORDS = {"subject_en": "One", "body_en": "Hello.", "subject_es": "Uno", "body_es": "Hola."}


def client_of(role: str) -> Client:
    client = Client()
    sign_in(client, UserFactory(roles=[role]))
    return client


def test_write_makes_a_version_and_is_recorded() -> None:
    version, by = VersionFactory(), UserFactory(roles=["clerk"])
    made = actions.write(by=by, template=version.template, based_on=1, words=WORDS)
    assert (made.number, made.body_en, made.written_by) == (2, "Hello.", by)
    assert AuditEntry.objects.filter(action="template_changed", actor=by).count() == 1


def test_write_of_the_same_words_makes_none() -> None:
    version = VersionFactory(**WORDS)
    assert actions.write(by=version.written_by, template=version.template, based_on=1, words=WORDS) == version
    assert not AuditEntry.objects.filter(action="template_changed").exists()


def test_write_over_a_newer_version_is_refused() -> None:
    version = VersionFactory()
    VersionFactory(template=version.template, number=2)
    with pytest.raises(actions.ChangedMeanwhile, match="version 2"):
        actions.write(by=version.written_by, template=version.template, based_on=1, words=WORDS)


def test_go_back_makes_a_version_with_the_old_words() -> None:
    old = VersionFactory(**WORDS)
    VersionFactory(template=old.template, number=2)
    made = actions.go_back(by=old.written_by, template=old.template, number=1)
    assert (made.number, made.body_es) == (3, "Hola.")


def test_set_in_use_and_back() -> None:
    template, by = TemplateFactory(), UserFactory()
    actions.set_in_use(by=by, template=template, in_use=False)
    template.refresh_from_db()
    assert not template.is_active
    actions.set_in_use(by=by, template=template, in_use=True)
    assert AuditEntry.objects.filter(action="template_changed").count() == 2


def test_create_of_names_alike_has_slugs_of_their_own() -> None:
    by = UserFactory()
    made = [actions.create(by=by, name=name, purpose="other", words=WORDS).slug for name in ("A note", "A note!")]
    assert made == ["a-note", "a-note-2"]


def test_values_come_from_plan_agency_and_clerk() -> None:
    plan = PlanFactory(starts_on=date(2025, 3, 17), review_on=date(2025, 6, 16))
    PlanTacticFactory(plan=plan, tactic="foot_patrol")
    written = {"en": {"area": "Main Street", "contact_phone": "555-0100"}, "es": {"area": "la calle Main"}}
    found = letters.values_for(
        hot_spot=plan.hot_spot, place=None, dated=date(2025, 3, 5), fields=written, language="es"
    )
    assert found["date"] == "5 de marzo de 2025"
    assert found["start_date"] == "17 de marzo de 2025"
    assert found["area"] == "la calle Main"
    assert found["contact_phone"] == "555-0100"
    assert found["property"] == "su propiedad"
    assert found["tactics"]


def test_clerk_is_asked_for_what_no_plan_says() -> None:
    version = VersionFactory(body_en="{area} {tactics}", body_es="{area} {tactics}")
    assert [field.name for field in letters.clerk_fields(version)] == ["area", "tactics"]
    assert [field.name for field in letters.clerk_fields(version, PlanFactory().hot_spot)] == ["area"]


def test_preview_names_a_misspelled_field_and_escapes() -> None:
    data = {**WORDS, "body_en": "Dear {nieghbor}, see {agencey}.", "body_es": "<script>x</script> {agency}"}
    text = client_of("clerk").post("/letters/templates/preview/", data).content.decode()
    assert "There is no field {agencey}. Did you mean {agency}?" in text
    assert "<script>" not in text


def test_preview_with_a_hot_spot_without_plan_tells_what_is_missing() -> None:
    data = {**WORDS, "body_en": "{tactics}", "body_es": "{tactics}", "shown": HotSpotFactory().pk}
    text = client_of("clerk").post("/letters/templates/preview/", data).content.decode()
    assert "The field {tactics} (Tactics) is empty." in text


def test_edit_with_a_misspelled_field_keeps_nothing_but_what_was_typed() -> None:
    version = VersionFactory()
    data = {**WORDS, "body_en": "{agencey}", "based_on": 1}
    answer = client_of("clerk").post(f"/letters/templates/{version.template_id}/edit/", data)
    assert answer.status_code == 422
    assert "{agencey}" in answer.content.decode()
    assert version.template.versions.count() == 1


def test_copy_is_a_pdf_and_recorded() -> None:
    template = LetterTemplate.objects.get(slug="leave-behind")
    answer = client_of("officer").get(f"/letters/templates/{template.pk}/copy.pdf", {"language": "es"})
    assert answer.content.startswith(b"%PDF")
    assert AuditEntry.objects.get(action="exported").details["language"] == "es"


def test_copy_with_an_empty_field_says_which() -> None:
    version = VersionFactory()
    answer = client_of("officer").get(
        f"/letters/templates/{version.template_id}/copy.pdf", {"language": "en"}, follow=True
    )
    assert "The field {area} (Area) is empty." in answer.content.decode()


def test_officer_reads_but_does_not_change() -> None:
    version = VersionFactory()
    client = client_of("officer")
    page = client.get(f"/letters/templates/{version.template_id}/")
    assert page.status_code == 200
    assert "Change the words" not in page.content.decode()
    assert client.get(f"/letters/templates/{version.template_id}/edit/").status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_list_asks_the_database_as_often_for_one_as_for_three(number: int, django_assert_max_num_queries) -> None:
    LetterTemplate.objects.all().delete()
    for _ in range(number):
        VersionFactory()
    client = client_of("clerk")
    with django_assert_max_num_queries(9):
        assert client.get("/letters/templates/").status_code == 200
