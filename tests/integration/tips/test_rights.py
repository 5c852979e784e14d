"""A3: what the intake's database role may do, asked of the database itself."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg2
import pytest
from django.conf import settings
from django.db import connections

from config import env
from tests.database import as_owner
from tests.factories.tips import WHAT, make_reader, make_tip
from tips.models import Tip
from tips.queries.rights import FUNCTIONS, VIEWS

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def as_intake(transactional_db: None) -> Iterator[Any]:
    named = connections["owner"].settings_dict
    connection = psycopg2.connect(
        host=named["HOST"],
        port=named["PORT"],
        dbname=named["NAME"],
        user=settings.INTAKE_DB_USER,
        password=env.text("DB_INTAKE_PASSWORD"),
    )
    connection.autocommit = True
    with connection.cursor() as cursor:
        yield cursor
    connection.close()


def names(query: str) -> list[str]:
    with as_owner() as cursor:
        cursor.execute(query)
        return [name for (name,) in cursor.fetchall()]


def test_role_reads_its_views_and_no_table(as_intake):
    relations = names(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'p')"
        " AND relowner = current_user::regrole"
    )
    readable = set()
    for name in relations:
        as_intake.execute("SELECT has_any_column_privilege(%s, 'SELECT')", [f'public."{name}"'])
        if as_intake.fetchone()[0]:
            readable.add(name)
    assert readable == set(VIEWS)
    assert "tips_tip" in relations
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        as_intake.execute("SELECT id FROM tips_tip")


def test_role_writes_no_table(as_intake):
    tables = names("SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user")
    assert "tips_tip" in tables
    for name in tables:
        for right in ("INSERT", "UPDATE", "REFERENCES"):
            as_intake.execute("SELECT has_any_column_privilege(%s, %s)", [f'public."{name}"', right])
            assert not as_intake.fetchone()[0], f"{right} on {name}"
        for right in ("DELETE", "TRUNCATE", "TRIGGER"):
            as_intake.execute("SELECT has_table_privilege(%s, %s)", [f'public."{name}"', right])
            assert not as_intake.fetchone()[0], f"{right} on {name}"
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        as_intake.execute("INSERT INTO tips_tip (id) VALUES (%s)", [str(uuid.uuid4())])


@pytest.mark.parametrize("kinds", [["note"], ["tip", "reply"], ["photo"]])
def test_role_stores_nothing_but_tips(as_intake, kinds):
    reader = make_reader()
    count = len(kinds)
    with pytest.raises(psycopg2.errors.CheckViolation):
        as_intake.execute(
            "SELECT tips_store(%s, 'web', 'en', %s, false, NULL, %s, NULL, NULL, NULL, %s::uuid[], %s, %s::uuid[], %s, %s)",
            [
                str(uuid.uuid4()),
                datetime(2026, 1, 1, tzinfo=UTC),
                b"key",
                [str(reader.row.pk)],
                [b"copy"],
                [str(uuid.uuid4()) for _ in range(count)],
                kinds,
                [b"x"] * count,
            ],
        )
    assert Tip.objects.count() == 0


def test_tip_takes_no_end_of_additions(as_intake):
    make_reader()
    tip, now = make_tip().tip, datetime(2026, 1, 1, tzinfo=UTC)
    add = "SELECT tips_add(%s, %s, 'addition', %s, %s)"
    first = [str(tip.pk), str(uuid.uuid4()), b"x", now]
    as_intake.execute(add, first)
    as_intake.execute(
        "SELECT count(*) FROM (SELECT tips_add(%s, gen_random_uuid(), 'addition', %s, %s)"
        " FROM generate_series(1, 198)) AS added",
        [str(tip.pk), b"x", now],
    )
    as_intake.execute(add, [str(tip.pk), str(uuid.uuid4()), b"x", now])
    assert as_intake.fetchone() == ("full",)
    as_intake.execute(add, first)  # the same part again, whose answer got lost
    assert as_intake.fetchone() == ("added",)
    assert tip.messages.count() == 200


def test_role_calls_its_functions_and_no_other_of_the_owners(as_intake):
    signatures = names(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE prosecdef AND proowner = current_user::regrole"
    )
    may = set()
    for signature in signatures:
        as_intake.execute("SELECT has_function_privilege(%s, 'EXECUTE')", [signature])
        if as_intake.fetchone()[0]:
            may.add(signature.partition("(")[0])
    assert may == set(FUNCTIONS)
    assert len(signatures) > len(FUNCTIONS)


def test_role_reads_back_what_a_receipt_opens_and_nothing_else(as_intake):
    make_reader()
    sent, other = make_tip(what=WHAT), make_tip()
    as_intake.execute("SELECT tip FROM tips_opened(%s)", [bytes(Tip.objects.get(pk=sent.tip.pk).receipt)])
    assert [str(tip) for (tip,) in as_intake.fetchall()] == [str(sent.tip.pk)]
    as_intake.execute("SELECT tip FROM tips_opened(%s)", [b"%"])
    assert as_intake.fetchall() == []
    as_intake.execute("SELECT tip FROM tips_opened(NULL)")
    assert as_intake.fetchall() == []
    now = datetime(2026, 1, 1, tzinfo=UTC)
    as_intake.execute("SELECT tips_add(%s, %s, 'note', %s, %s)", [str(other.tip.pk), str(uuid.uuid4()), b"x", now])
    assert as_intake.fetchall() == [("gone",)]


def test_nothing_that_the_role_says_is_logged(as_intake):
    wanted = {
        "log_statement": "none",
        "log_min_duration_statement": "-1",
        "log_min_error_statement": "panic",
        "log_min_messages": "panic",
        "log_parameter_max_length": "0",
        "track_activities": "off",
    }
    as_intake.execute("SELECT current_setting('log_parameter_max_length_on_error')")
    assert as_intake.fetchone()[0] == "0"
    for name, value in wanted.items():
        as_intake.execute("SELECT current_setting(%s)", [name])
        assert as_intake.fetchone()[0].removesuffix("B") == value, name
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            as_intake.execute(f"SET {name} TO 1")


def test_staff_role_is_the_only_other_one_that_may_call_the_owners_functions():
    with as_owner() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_proc WHERE prosecdef AND proowner = current_user::regrole"
            " AND has_function_privilege('public', oid, 'EXECUTE')"
        )
        assert cursor.fetchone()[0] == 0


def test_role_makes_nothing_not_even_for_a_session(as_intake):
    """A function of its own in a condition on a view is shown rows that the view leaves out."""
    for statement in (
        "CREATE TEMPORARY TABLE mine (a int)",
        "CREATE FUNCTION pg_temp.look(bytea) RETURNS boolean LANGUAGE sql COST 0.0001 AS 'SELECT true'",
        "CREATE FUNCTION public.look(bytea) RETURNS boolean LANGUAGE sql COST 0.0001 AS 'SELECT true'",
        "CREATE SCHEMA mine",
    ):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            as_intake.execute(statement)
