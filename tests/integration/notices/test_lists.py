"""Lists of addresses and owners, from the file to the rows."""

from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models.signals import post_save
from django.utils import timezone

from accounts.agency import agency_zone
from accounts.models import AuditEntry
from notices import lists
from notices.actions.lists import ASK, END, KEEP, receive, run, with_file
from notices.models import ListImport, Mailbox, Owner, Ownership
from tests.factories.accounts import UserFactory
from tests.factories.hotspots import AddressFactory
from tests.factories.measures import make_authorization

pytestmark = pytest.mark.django_db
HEAD = "Parcel,Site Address,Owner,Owner 2,Mailing Address,City,State,Zip"


def house(number, unit="", **kwargs):
    name = f"{number} Main St {unit}".strip()
    return AddressFactory(number_low=number, number_high=number, street="MAIN ST", unit=unit, name=name, **kwargs)


def take(text, kind="owners", missing=ASK, source="county"):
    content = text if isinstance(text, bytes) else text.encode()
    file = SimpleUploadedFile("list.csv", content)
    found = receive(by=UserFactory(roles=["clerk"]), kind=kind, source=source, file=file)
    found.columns = with_file(found, lambda path: lists.guess(kind, lists.headers_of(path)))
    found.save()
    run(found.pk, missing)
    found.refresh_from_db()
    assert not found.problem
    return found


def owner_row(number, name="Pat Example", street="PO Box 7"):
    return f"P{number},{number} Main St,{name},,{street},Parsons,KS,67357"


def owners(*rows):
    return "\n".join([HEAD, *rows]) + "\n"


def counts(found):
    return found.created, found.changed, found.unchanged, found.ended, found.rejected


def today():
    return timezone.localdate(timezone=agency_zone())


def test_owner_list_makes_owners_and_what_they_own():
    first, second = house(1), house(3)
    found = take(owners(owner_row(1), owner_row(3), owner_row(99)))
    assert counts(found) == (2, 0, 0, 0, 1)
    owner = Owner.objects.get()
    assert set(owner.ownerships.values_list("place", "parcel")) == {(first.pk, "P1"), (second.pk, "P3")}
    assert found.rejects.get().reason == "The city has no such address or parcel."
    assert found.rejects.get().line == 4
    assert not found.file
    entry = AuditEntry.objects.get(action=AuditEntry.Action.LISTS_IMPORTED)
    assert entry.details["created"] == 2


def test_same_list_again_changes_nothing():
    house(1), house(3)
    text = owners(owner_row(1), owner_row(3, "Somebody Else"))
    take(text)
    before = list(Ownership.objects.order_by("pk").values()), list(Owner.objects.order_by("pk").values())
    assert counts(take(text)) == (0, 0, 2, 0, 0)
    assert before == (list(Ownership.objects.order_by("pk").values()), list(Owner.objects.order_by("pk").values()))


def since(days):
    """As if what is known had been known for some days."""
    for ownership in Ownership.objects.all():
        ownership.valid = type(ownership.valid)(today() - timedelta(days=days), None)
        ownership.save()


def test_new_owner_ends_the_old_ownership_and_the_trespass_authorization():
    place, other = house(1), house(3)
    take(owners(owner_row(1), owner_row(3)))
    since(30)
    measure, kept = make_authorization(place=place), make_authorization(place=other)
    found = take(owners(owner_row(1, "New Owner LLC"), owner_row(3)))
    assert counts(found) == (1, 0, 1, 1, 0)
    old = Ownership.objects.get(place=place, owner__name="Pat Example")
    assert old.valid.upper == today()
    measure.trespass.refresh_from_db()
    kept.trespass.refresh_from_db()
    assert (measure.trespass.ended_on, measure.trespass.owner_changed) == (today(), True)
    assert kept.trespass.ended_on is None
    assert found.authorizations == [str(measure.pk)]


def test_owner_who_leaves_the_list_without_another_leaves_the_authorization():
    place = house(1)
    house(3)
    take(owners(owner_row(1), owner_row(3)))
    measure = make_authorization(place=place)
    assert take(owners(owner_row(3))).ended == 1
    measure.trespass.refresh_from_db()
    assert measure.trespass.ended_on is None


def test_owner_who_moved_is_the_same_owner():
    house(1)
    take(owners(owner_row(1)))
    since(30)
    owner = Owner.objects.get()
    owner.email, owner.email_asked_on = "pat@example.org", date(2025, 1, 1)
    owner.save()
    assert counts(take(owners(owner_row(1, street="9 Elm St")))) == (0, 1, 0, 0, 0)
    owner.refresh_from_db()
    assert (owner.street, owner.email) == ("9 Elm St", "pat@example.org")


def test_address_changed_by_hand_stays():
    house(1)
    take(owners(owner_row(1)))
    Owner.objects.update(street="5 Oak St", changed_by_hand_on=date(2025, 1, 1))
    take(owners(owner_row(1)))
    assert Owner.objects.get().street == "5 Oak St"


@pytest.mark.parametrize(("missing", "ended", "left"), [(END, 4, 1), (KEEP, 0, 5)])
def test_partial_list_ends_nothing_before_it_is_confirmed(missing, ended, left):
    for number in (1, 3, 5, 7, 9):
        house(number)
    take(owners(*(owner_row(number) for number in (1, 3, 5, 7, 9))))
    since(30)
    found = take(owners(owner_row(1)))
    assert (found.status, found.ended, found.finished_at) == (ListImport.Status.PARTIAL, 4, None)
    assert Ownership.objects.filter(valid__endswith=None).count() == 5
    run(found.pk, missing)
    found.refresh_from_db()
    assert (found.status, found.ended) == (ListImport.Status.DONE, ended)
    assert Ownership.objects.filter(valid__endswith=None).count() == left


def test_list_tells_how_many_rows_it_has_while_it_is_read(monkeypatch):
    """From the first row on, and exactly once all are read: a text of two lines is one row."""
    monkeypatch.setattr(lists, "TOLD_ROWS", 2)
    told = []

    def listen(sender, instance, **kwargs):
        told.append((instance.rows_read, instance.rows_total))

    for number in range(1, 6):
        house(number)
    with_two_lines = owner_row(5, name='"Pat\nExample"')
    post_save.connect(listen, sender=ListImport)
    try:
        found = take(owners(*map(owner_row, range(1, 5)), with_two_lines))
    finally:
        post_save.disconnect(listen, sender=ListImport)
    on_the_way = told[told.index((0, 6)) :][:6]
    assert on_the_way == [(0, 6), (2, 6), (4, 6), (5, 6), (5, 6), (5, 5)]
    assert (found.rows_read, found.rows_total) == (5, 5)


@pytest.mark.parametrize(
    ("text", "rows"), [("A,B\n1,2\n", 1), ("A,B\n1,2", 1), ("A,B\r\n1,2\r\n3,4", 2), ("A,B", 0), ("A,B\n", 0)]
)
def test_lines_of_a_list_are_its_rows(tmp_path, text, rows):
    (tmp_path / "list.csv").write_bytes(text.encode())
    assert lists.lines_of(tmp_path / "list.csv") == rows


def test_bad_rows_are_told_with_line_and_reason():
    house(1)
    rows = [
        owner_row(1, ""),
        "P,,Pat,,PO Box 1,Parsons,KS,67357".replace("P,", ",", 1),
        owner_row(1, "Pat", "Elm St"),
        "P1,1 Main St,Pat,,PO Box 7,Parsons,Kansas,67357",
        "P1,1 Main St,Pat,,PO Box 7,Parsons,KS,ABC",
        "P1,1 Main St,Pat",
    ]
    found = take(owners(*rows, owner_row(1)))
    assert found.rejected == 6
    reasons = dict(found.rejects.values_list("line", "reason"))
    assert reasons[2] == "It names no owner."
    assert reasons[3] == "It names no property: neither address nor parcel."
    assert "no house number" in reasons[4]
    assert "no state" in reasons[5]
    assert "ZIP Code" in reasons[6]
    assert set(reasons) == {2, 3, 4, 5, 6, 7}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_list_is_read_in_any_usual_encoding(encoding, delimiter):
    house(1)
    text = owners(owner_row(1, "José Núñez")).replace(",", delimiter)
    take(text.encode(encoding))
    assert Owner.objects.get().name == "José Núñez"


def test_owner_of_a_unit_that_is_no_address_of_its_own_owns_the_building():
    building = house(1)
    unit = house(3, "A")
    house(3)
    take(
        owners(
            "P1,1 Main St Apt 4,Pat,,PO Box 7,Parsons,KS,67357", "P2,3 Main St Unit A,Pat,,PO Box 7,Parsons,KS,67357"
        )
    )
    assert set(Ownership.objects.values_list("place", flat=True)) == {building.pk, unit.pk}


def test_city_state_and_zip_code_may_be_one_field():
    house(1)
    take(
        'Parcel,Site Address,Owner,Mailing Address,City State Zip\nP1,1 Main St,Pat,PO Box 7,"Fort Scott, KS 66701-1234"\n'
    )
    owner = Owner.objects.get()
    assert (owner.city.upper(), owner.state, owner.zip_code) == ("FORT SCOTT", "KS", "66701-1234")


ADDRESSES = "Address,Unit,Zip,Carrier Route,Sequence,Vacant\n"


def test_address_list_tells_where_the_carrier_goes():
    place, unit = house(1), house(3, "B")
    house(3)
    found = take(
        ADDRESSES + "1 Main Street,,67357-0001,C001,12,N\n3 Main St,B,67357,c002,,Y\n9 Main St,,67357,,,\n", "addresses"
    )
    assert counts(found) == (2, 0, 0, 0, 1)
    fields = ("zip_code", "carrier_route", "sequence", "is_vacant", "source")
    assert Mailbox.objects.filter(place=place).values_list(*fields).get() == ("67357-0001", "C001", 12, False, "county")
    assert Mailbox.objects.filter(place=unit).values_list(*fields).get() == ("67357", "C002", None, True, "county")
    again = take(ADDRESSES + "1 Main Street,,67357-0001,C001,12,N\n3 Main St,B,67357,c002,,N\n", "addresses")
    assert counts(again) == (0, 1, 1, 0, 0)


def test_zip_code_set_by_hand_stays():
    place = house(1)
    Mailbox.objects.create(place=place, zip_code="67301", source="by hand")
    take(ADDRESSES + "1 Main Street,,67357,C001,12,N\n", "addresses")
    mailbox = Mailbox.objects.get()
    assert (mailbox.zip_code, mailbox.carrier_route) == ("67301", "C001")
