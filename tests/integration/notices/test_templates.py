from datetime import date
from io import BytesIO

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import AuditEntry
from notices import letters
from notices.actions import templates as actions
from notices.models import LetterTemplate
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.hotspots import HotSpotFactory
from tests.factories.notices import TemplateFactory, VersionFactory
from tests.factories.tactics import PlanFactory, PlanTacticFactory
from tests.integration.notices.letters import queries_of

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


COPY = {"language": "en", "dated": "2025-03-05", "hot_spot": "", "with_map": "on"}


def text_of(answer: HttpResponse) -> str:
    assert answer.status_code == 200, answer.content.decode()
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages)


def test_copy_is_a_pdf_and_recorded() -> None:
    template = LetterTemplate.objects.get(slug="leave-behind")
    answer = client_of("officer").post(f"/letters/templates/{template.pk}/copy/", {**COPY, "language": "es"})
    assert "5 de marzo de 2025" in text_of(answer)
    assert AuditEntry.objects.get(action="exported").details["language"] == "es"


def test_copy_with_an_empty_field_says_which_at_its_input() -> None:
    version = VersionFactory()
    client, address = client_of("clerk"), f"/letters/templates/{version.template_id}/copy/"
    assert 'name="field_area_es"' in client.get(address).content.decode()
    answer = client.post(address, {**COPY, "language": "both", "field_area_en": "Elm Street"})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {"field_area_es": ["The field {area} (Area) is empty."]}
    assert not AuditEntry.objects.filter(action="exported").exists()


def test_copy_in_both_languages_has_what_was_written_and_the_map_of_the_hot_spot() -> None:
    version = VersionFactory(body_en="We come to {area}.\n\n{map}", body_es="Vamos a {area}.\n\n{map}")
    given = {"language": "both", "field_area_en": "Elm Street", "field_area_es": "la calle Elm"}
    client, address = client_of("clerk"), f"/letters/templates/{version.template_id}/copy/"
    without = client.post(address, {**COPY, **given})
    answer = client.post(address, {**COPY, **given, "hot_spot": HotSpotFactory().pk})
    text = text_of(answer)
    assert "We come to Elm Street." in text
    assert "Vamos a la calle Elm." in text
    assert len(answer.content) > len(without.content) + 2000  # the drawing


def test_copy_takes_dates_from_the_plan_unless_they_are_written() -> None:
    plan = PlanFactory(starts_on=date(2025, 3, 17), review_on=date(2025, 6, 16))
    version = VersionFactory(body_en="From {start_date} to {review_date}.")
    client, address = client_of("clerk"), f"/letters/templates/{version.template_id}/copy/"
    given = {**COPY, "field_area_en": "Elm Street", "hot_spot": plan.hot_spot_id}
    assert "From March 17, 2025 to June 16, 2025." in text_of(client.post(address, given))
    given["field_review_date_en"] = "July"
    assert "From March 17, 2025 to July." in text_of(client.post(address, given))
    assert client.post(address, {**given, "hot_spot": ""}).status_code == 422


def test_officer_reads_but_does_not_change() -> None:
    version = VersionFactory()
    client = client_of("officer")
    page = client.get(f"/letters/templates/{version.template_id}/")
    assert page.status_code == 200
    assert "Change the words" not in page.content.decode()
    assert client.get(f"/letters/templates/{version.template_id}/edit/").status_code == 403


def test_list_takes_the_same_queries_for_one_and_three() -> None:
    LetterTemplate.objects.all().delete()
    client, counts = client_of("clerk"), []
    for number in (1, 2):
        VersionFactory.create_batch(number)
        counts.append(queries_of(client, "/letters/templates/"))
    assert counts[0] == counts[1]


def test_page_takes_the_same_queries_for_one_and_three_versions() -> None:
    version = VersionFactory()
    client, address = client_of("clerk"), f"/letters/templates/{version.template_id}/"
    one = queries_of(client, address)
    for number in (2, 3):
        VersionFactory(template=version.template, number=number)
    assert queries_of(client, address) == one


@pytest.mark.parametrize(
    ("purpose", "active", "status"),
    [("leave_behind", True, 200), ("announcement", True, 403), ("leave_behind", False, 403)],
)
def test_officer_takes_along_only_what_is_left_at_a_door(client_as, purpose, active, status):
    template = VersionFactory(template__purpose=purpose, template__is_active=active).template
    address = reverse("letter_template_copy", args=[template.pk])
    assert client_as("officer").get(address).status_code == status
    assert (address in client_as("officer").get(reverse("letter_template", args=[template.pk])).text) is (status == 200)
    assert client_as("clerk").get(address).status_code == 200
