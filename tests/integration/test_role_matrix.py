"""Every address with every role, from the resolver itself: a new page is covered by declaring its capability."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, reverse

from accounts.role_table import UNDECLARED, capability_of, url_patterns
from accounts.roles import TABLE, Role
from tests.factories import accounts, hotspots, measures, notices, rewards, tactics, tips

pytestmark = pytest.mark.django_db

# allauth's pages are about the visitor's own sign-in: what they ask for, allauth and the gate decide.
OWN_SIGN_IN = {
    "account_login",
    "account_logout",
    "account_inactive",
    "account_reauthenticate",
    "account_change_password",
    "mfa_index",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_login_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
}
WITHOUT_SIGN_IN = {"account_login", "account_logout", "account_inactive", "mfa_authenticate", "mfa_login_webauthn"}

# What stands in an address, by the name of the page and of the part, or of the part alone.
SAMPLES = {
    ("person", "pk"): lambda: accounts.UserFactory().pk,
    ("person_active", "pk"): lambda: accounts.UserFactory().pk,
    ("person_release", "pk"): lambda: accounts.UserFactory().pk,
    ("person_reset", "pk"): lambda: accounts.UserFactory().pk,
    ("partner", "pk"): lambda: accounts.PartnerAgencyFactory().pk,
    ("partner_remove", "pk"): lambda: accounts.PartnerAgencyFactory().pk,
    **{
        (name, "week"): lambda: accounts.AuditReviewFactory(week=accounts.make_week()).week.isoformat()
        for name in ("audit_week", "audit_week_note", "audit_week_reviewed")
    },
    ("briefing", "day"): lambda: "2025-03-05",
    ("briefing_make", "day"): lambda: "2025-03-05",
    "shift_id": lambda: tactics.ShiftFactory().pk,
    "briefing_id": lambda: tactics.BriefingFactory().pk,
    "place_id": lambda: hotspots.BlockFactory().pk,
    "run": lambda: hotspots.PublishedRunFactory().pk,
    "location_id": lambda: hotspots.IncidentFactory(location=hotspots.LocationFactory()).location_id,
    "hot_spot_id": lambda: hotspots.HotSpotFactory().pk,
    "list_id": lambda: notices.ListImportFactory(status="done", finished_at=notices.NOON).pk,
    "address_id": lambda: hotspots.AddressFactory().pk,
    "opt_out_id": lambda: notices.OptOutFactory().pk,
    "batch_id": lambda: hotspots.ImportBatchFactory().pk,
    "visit_import_id": lambda: tactics.VisitImportFactory().pk,
    "plan_id": lambda: tactics.PlanFactory().pk,
    ("plan_move", "name"): lambda: "activate",
    "roster_id": lambda: tactics.RosterFactory().pk,
    "assignment_id": lambda: tactics.AssignmentFactory().pk,
    **{(name, "kind"): lambda: "unit" for name in ("shift_thing_new", "shift_thing", "shift_thing_delete")},
    "thing_id": lambda: tactics.UnitFactory().pk,
    **{
        (name, "measure_id"): lambda make=make: make().pk
        for make, names in {
            measures.make_survey: ("light_new", "survey"),
            measures.make_camera: ("camera", "camera_confirm", "camera_contact", "camera_withdraw"),
            measures.make_program: ("impound_new", "permits_issue", "permits_print", "program"),
            measures.make_case: ("lease_step", "lease_step_undo"),
            measures.make_authorization: ("authorization_end", "signature"),
        }.items()
        for name in names
    },
    ("light_photo", "item_id"): lambda: measures.make_light(photo=measures.clean_picture()).pk,
    ("measure_plan", "kind"): lambda: "lighting",
    "measure_id": lambda: tactics.MeasureFactory().pk,
    "item_id": lambda: measures.make_light().pk,
    "permit_id": lambda: measures.make_permit().pk,
    "impound_id": lambda: measures.make_impound().pk,
    "operation_id": lambda: tactics.OperationFactory().pk,
    "entry_id": lambda: tactics.SyncEntryFactory().pk,
    "activity_id": lambda: tactics.ActivityFactory().pk,
    ("activity_export", "format"): lambda: "csv",
    "template_id": lambda: notices.VersionFactory().template_id,
    ("letter_template_copy", "template_id"): lambda: (
        notices.VersionFactory(template__purpose="leave_behind").template_id
    ),
    ("letter_template_back", "number"): lambda: 1,
    "letters_id": lambda: notices.BatchFactory(status="ready").pk,
    ("letters_progress", "letters_id"): lambda: notices.BatchFactory(status="approved").pk,
    ("letters_recipients", "letters_id"): lambda: notices.BatchFactory().pk,
    "letter_id": lambda: notices.LetterFactory().pk,
    ("letters_preview", "which"): lambda: "first",
    ("letters_move", "name"): lambda: "cancel",
    ("letters_file", "what"): lambda: "list.csv",
    ("walk_photo", "checkpoint_id"): lambda: notices.CheckpointFactory(photo=measures.clean_picture()).pk,
    "meeting_id": lambda: notices.MeetingFactory().pk,
    "attendee_id": lambda: notices.AttendeeFactory().pk,
    "issue_id": lambda: notices.IssueFactory().pk,
    "agreement_id": lambda: notices.AgreementFactory().pk,
    "checkpoint_id": lambda: notices.CheckpointFactory().pk,
    "item": lambda: "lamps-work",
    "owner_id": lambda: notices.OwnerFactory().pk,
    "request_id": lambda: notices.HelpRequestFactory().pk,
    "release_id": lambda: notices.ReleaseFactory(status="public", map_png=b"png", alt_en="A map", alt_es="Un mapa").pk,
    "publication_id": lambda: notices.PublicationFactory().pk,
    "project_id": lambda: notices.PublicProjectFactory(area=notices.rough(), area_addresses=8).pk,
    ("release_step", "step"): lambda: "keep",
    ("shown_project_step", "step"): lambda: "keep",
    ("release_file", "language"): lambda: "en",
    ("release_file", "kind"): lambda: "txt",
    "reward_code": lambda: rewards.make_reward().reward.code,
    ("reward_slip", "reward_code"): lambda: rewards.make_reward("paid").reward.code,
    "ledger_entry_id": lambda: rewards.make_budget().pk,
    "tip_id": lambda: tips.make_reader() and tips.make_tip().tip.pk,
    "message_id": lambda: tips.make_reader() and tips.make_tip().tip.messages.get().pk,
    "partner_id": lambda: accounts.PartnerAgencyFactory().pk,
    ("tip_rewards_of", "tip_id"): lambda: rewards.make_reward().reward.tip_id,
    "key_id": lambda: tips.make_reader(status="waiting").row.pk,
    "z": lambda: 12,
    "x": lambda: 0,
    "y": lambda: 0,
}
# Pages that name something in their query, or show people only their own, find nothing here; what they answer is
# tested beside them.
ASK_IN_THE_QUERY = {
    "activity",
    "map_list",
    "map_card",
    "map_charts",
    "map_within",
    "score_export",
    "location_fit",
    "location_streets",
}
# Pages with a part that has no sample are walked too: who may not see them is refused before anything is looked up.
NOBODYS = {int: 0, str: "none"}

PATTERNS = [(route, pattern) for route, pattern in url_patterns()]
GUARDED = [(route, pattern) for route, pattern in PATTERNS if isinstance(capability_of(pattern), str)]


def address_of(pattern: URLPattern) -> tuple[str, bool]:
    """An address, and whether everything that it names exists."""
    kwargs, real = {}, True
    for part, converter in pattern.pattern.converters.items():
        make = SAMPLES.get((pattern.name, part)) or SAMPLES.get(part)
        real = real and bool(make)
        kwargs[part] = make() if make else NOBODYS[int if "Int" in type(converter).__name__ else str]
    return reverse(pattern.name, kwargs=kwargs), real


def named(patterns: list) -> list:
    return [pytest.param(pattern, id=pattern.name) for _, pattern in patterns]


def sent_to(response: object) -> str:
    """Where a person is sent first; a program is told where to, beside 401."""
    if response.status_code == 401:
        return response.json()["sign_in"]
    return response.headers.get("Location", "")


def is_sent_to_sign_in(response: object) -> bool:
    return response.status_code in {302, 401} and sent_to(response).startswith(reverse(settings.LOGIN_URL))


def assert_refused(client: Client, address: str, is_refusal: Callable[[object], bool]) -> None:
    """By every method, or by those that the page has: 405 says only that there is no such thing."""
    answers = [getattr(client, method)(address) for method in ("get", "post", "put", "patch", "delete")]
    assert all(is_refusal(answer) or answer.status_code == 405 for answer in answers), answers
    assert any(is_refusal(answer) for answer in answers), answers


@pytest.mark.parametrize("pattern", named(PATTERNS))
def test_page_declares_who_may_see_it(pattern):
    if capability_of(pattern) is UNDECLARED:
        assert pattern.name in OWN_SIGN_IN, f"{pattern.name} is neither guarded by `requires` nor marked `open_to_all`"
    else:
        assert capability_of(pattern) is None or capability_of(pattern) in TABLE


@pytest.mark.parametrize("pattern", named(GUARDED))
def test_page_answers_each_role_by_the_table(pattern, client_as):
    allowed = TABLE[capability_of(pattern)]
    address, real = address_of(pattern)
    for role in Role:
        client = client_as(role)
        got = client.get(address)
        if role in allowed:
            assert got.status_code < 500
            assert got.status_code not in {401, 403}, f"{role} may, and got {got.status_code}"
            assert not is_sent_to_sign_in(got)
            assert got.status_code != 404 or not real or pattern.name in ASK_IN_THE_QUERY, f"{address} was not found"
        else:
            assert_refused(client, address, lambda answer: answer.status_code == 403)
    assert_refused(Client(), address, is_sent_to_sign_in)


@pytest.mark.parametrize("pattern", named(GUARDED))
def test_page_is_shut_to_people_without_role_or_second_factor(pattern, client_as):
    address, _ = address_of(pattern)
    assert_refused(client_as(accounts.UserFactory(roles=[])), address, lambda answer: answer.status_code == 403)
    may = sorted(TABLE[capability_of(pattern)])[0]
    half = client_as(accounts.UserFactory(roles=[may], second_factor=False))
    assert_refused(half, address, lambda answer: sent_to(answer) == reverse("mfa_index"))


@pytest.mark.parametrize("name", sorted(OWN_SIGN_IN - WITHOUT_SIGN_IN))
def test_own_sign_in_page_needs_a_sign_in(name):
    pattern = next(pattern for _, pattern in PATTERNS if pattern.name == name)
    address, _ = address_of(pattern)
    response = Client().get(address)
    assert is_sent_to_sign_in(response) or response.status_code == 404


def test_allauth_pages_for_sign_up_and_mail_are_not_there():
    for path in ("signup/", "email/", "password/reset/", "password/set/", "confirm-email/", "2fa/webauthn/signup/"):
        assert Client().get(f"/accounts/{path}").status_code == 404


def test_role_table_in_the_documentation_is_current(capsys):
    call_command("print_roles")
    printed = capsys.readouterr().out
    assert (settings.BASE_DIR / "docs/roles.md").read_text(encoding="utf-8") == printed, (
        "Run `manage.py print_roles > docs/roles.md`."
    )
