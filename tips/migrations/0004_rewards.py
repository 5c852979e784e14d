# Rewards and the ledger of their money

import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("hotspots", "0002_offenses"),
        ("tips", "0003_streets"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Reward",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ("code", models.CharField(max_length=11, unique=True)),
                ("tip_short", models.CharField(max_length=8)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("claimed", "Claimed"),
                            ("arrest", "Arrest"),
                            ("conviction", "Conviction"),
                            ("approved", "Approved"),
                            ("offered", "Offered"),
                            ("paid", "Paid"),
                            ("closed", "Closed"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                            ("uncollected", "Not collected"),
                        ],
                        default="claimed",
                        max_length=11,
                    ),
                ),
                (
                    "trigger",
                    models.CharField(choices=[("arrest", "Arrest"), ("conviction", "Conviction")], max_length=10),
                ),
                ("arrests", models.SmallIntegerField(default=0, verbose_name="arrests")),
                ("arrested_on", models.DateField(null=True, verbose_name="date of arrest")),
                (
                    "seized",
                    models.DecimalField(
                        decimal_places=2, default=Decimal("0"), max_digits=11, verbose_name="value seized, in dollars"
                    ),
                ),
                (
                    "seized_kinds",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("drugs", "Drugs"),
                                ("firearms", "Firearms"),
                                ("cash", "Cash"),
                                ("vehicle", "Vehicle"),
                                ("other", "Other"),
                            ],
                            max_length=8,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="seized",
                    ),
                ),
                ("convictions", models.SmallIntegerField(default=0, verbose_name="convictions")),
                ("convicted_on", models.DateField(null=True, verbose_name="date of conviction")),
                ("submitted_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "recorders",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), default=list, size=None
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=10, null=True, verbose_name="amount")),
                ("voted_on", models.DateField(null=True, verbose_name="date of the board’s vote")),
                ("approved_at", models.DateTimeField(null=True)),
                ("offered_at", models.DateTimeField(null=True)),
                ("second_code", models.BinaryField(max_length=32, null=True)),
                ("wrong_codes", models.SmallIntegerField(default=0)),
                ("paid_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "ended_why",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("other_source", "The tip did not lead to it"),
                            ("not_covered", "Not covered by the program"),
                            ("no_funds", "No money left"),
                            ("charges_dropped", "Charges were dropped"),
                            ("not_wanted", "The tipster does not want it"),
                            ("mistake", "Entered by mistake"),
                        ],
                        default="",
                        max_length=15,
                    ),
                ),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "hot_spot",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rewards",
                        to="hotspots.hotspot",
                    ),
                ),
                (
                    "offered_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "paid_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submitted_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "tip",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="rewards", to="tips.tip"
                    ),
                ),
            ],
            options={
                "ordering": ["-submitted_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("on", models.DateField()),
                (
                    "from_account",
                    models.CharField(
                        choices=[
                            ("budget", "Budget"),
                            ("available", "Available"),
                            ("committed", "Committed"),
                            ("paid", "Paid"),
                        ],
                        max_length=9,
                    ),
                ),
                (
                    "to_account",
                    models.CharField(
                        choices=[
                            ("budget", "Budget"),
                            ("available", "Available"),
                            ("committed", "Committed"),
                            ("paid", "Paid"),
                        ],
                        max_length=9,
                    ),
                ),
                ("amount", models.DecimalField(decimal_places=2, max_digits=12, verbose_name="amount")),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("yearly", "Yearly budget"),
                            ("grant", "Grant"),
                            ("donation", "Donation"),
                            ("forfeiture", "Forfeited money"),
                            ("undone", "Taken back"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="what it is",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "undoes",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="undone_by",
                        to="tips.ledgerentry",
                    ),
                ),
                (
                    "reward",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="tips.reward"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "ledger entries",
                "ordering": ["-pk"],
            },
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__regex", "^R-[0-9]{4}-[0-9]{4}$")), name="reward_code_is_a_number"
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("tip__isnull", False),
                    models.Q(("state__in", ["claimed", "arrest", "conviction", "approved", "offered"]), _negated=True),
                    _connector="OR",
                ),
                name="open_reward_keeps_its_tip",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["claimed", "arrest", "conviction", "approved", "offered"])),
                fields=("tip",),
                name="one_open_reward_of_a_tip",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("arrested_on", None), ("arrests", 0)),
                        models.Q(("arrested_on__isnull", False), ("arrests__gt", 0)),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("convicted_on", None), ("convictions", 0)),
                        models.Q(("arrests__gt", 0), ("convicted_on__isnull", False), ("convictions__gt", 0)),
                        _connector="OR",
                    ),
                    ("seized__gte", 0),
                    ("seized_kinds__contained_by", ["drugs", "firearms", "cash", "vehicle", "other"]),
                ),
                name="reward_facts_are_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("arrests", 0), ("state", "claimed")),
                    models.Q(("arrests__gt", 0), ("convictions", 0), ("state", "arrest")),
                    models.Q(("convictions__gt", 0), ("state", "conviction")),
                    ("state__in", ["declined", "withdrawn"]),
                    models.Q(
                        ("state__in", ["approved", "offered", "paid", "closed", "uncollected"]),
                        models.Q(
                            ("convictions__gt", 0), models.Q(("arrests__gt", 0), ("trigger", "arrest")), _connector="OR"
                        ),
                    ),
                    _connector="OR",
                ),
                name="reward_state_fits_its_facts",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("approved_at", None),
                        ("approved_by", None),
                        ("amount", None),
                        ("voted_on", None),
                        ("state__in", ["claimed", "arrest", "conviction", "declined", "withdrawn"]),
                    ),
                    models.Q(
                        ("approved_at__isnull", False),
                        ("approved_by__isnull", False),
                        ("amount__isnull", False),
                        ("voted_on__isnull", False),
                        models.Q(("state__in", ["claimed", "arrest", "conviction"]), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="reward_approved_at_and_by_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount", None), ("amount__gt", 0), _connector="OR"), name="reward_amount_is_some"
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("offered_at", None),
                        ("offered_by", None),
                        models.Q(("state__in", ["offered", "paid", "closed", "uncollected"]), _negated=True),
                    ),
                    models.Q(
                        ("offered_at__isnull", False),
                        ("offered_by__isnull", False),
                        ("approved_at__isnull", False),
                        ("approved_by__isnull", False),
                        ("state__in", ["offered", "paid", "closed", "uncollected"]),
                    ),
                    _connector="OR",
                ),
                name="reward_offered_at_and_by_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("second_code__isnull", False), ("state", "offered")),
                    models.Q(models.Q(("state", "offered"), _negated=True), ("second_code", None)),
                    _connector="OR",
                ),
                name="second_code_while_offered",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(("wrong_codes__gte", 0), ("wrong_codes__lte", 5)),
                name="wrong_codes_are_counted_to_five",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("paid_at", None), ("paid_by", None), models.Q(("state__in", ["paid", "closed"]), _negated=True)
                    ),
                    models.Q(
                        ("paid_at__isnull", False),
                        ("paid_by__isnull", False),
                        ("approved_at__isnull", False),
                        ("approved_by__isnull", False),
                        ("offered_at__isnull", False),
                        ("offered_by__isnull", False),
                        ("state__in", ["paid", "closed"]),
                    ),
                    _connector="OR",
                ),
                name="reward_paid_at_and_by_pair",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("paid_at", None),
                    (
                        "paid_at",
                        models.Func(
                            models.F("paid_at"),
                            output_field=models.DateTimeField(),
                            template="date_bin('6 hours', %(expressions)s, TIMESTAMPTZ '2000-01-01 00:00+00')",
                        ),
                    ),
                    _connector="OR",
                ),
                name="reward_paid_in_a_bucket",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("ended_at", None),
                        ("ended_by", None),
                        ("ended_why", ""),
                        ("state__in", ["claimed", "arrest", "conviction", "approved", "offered", "paid"]),
                    ),
                    models.Q(("ended_at__isnull", False), ("ended_why", ""), ("state", "uncollected")),
                    models.Q(
                        ("ended_at__isnull", False), ("ended_by__isnull", False), ("ended_why", ""), ("state", "closed")
                    ),
                    models.Q(
                        ("ended_at__isnull", False),
                        ("ended_by__isnull", False),
                        ("state__in", ["declined", "withdrawn"]),
                        models.Q(("ended_why", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="reward_ended_at_by_and_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved_by", None),
                    models.Q(("approved_by", models.F("submitted_by")), _negated=True),
                    _connector="OR",
                ),
                name="approver_did_not_submit",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("paid_by", None), models.Q(("paid_by", models.F("submitted_by")), _negated=True), _connector="OR"
                ),
                name="payer_did_not_submit",
            ),
        ),
        migrations.AddConstraint(
            model_name="reward",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("paid_by", None), models.Q(("paid_by", models.F("approved_by")), _negated=True), _connector="OR"
                ),
                name="payer_did_not_approve",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reward",
            trigger=pgtrigger.compiler.Trigger(
                name="told_by_neither_approver_nor_payer",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    IF NEW.approved_by_id = ANY (NEW.recorders) OR NEW.paid_by_id = ANY (NEW.recorders) THEN\n                        RAISE EXCEPTION 'who told the facts of a reward neither approves nor pays it'\n                            USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="7180bff2b37a1fe29f623fef56514068697a661a",
                    operation="INSERT OR UPDATE",
                    pgid="pgtrigger_told_by_neither_approver_nor_payer_ad7a8",
                    table="tips_reward",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="reward",
            trigger=pgtrigger.compiler.Trigger(
                name="settled_reward_stays",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\n                    IF (OLD.code, OLD.trigger, OLD.tip_short, OLD.submitted_by_id, OLD.submitted_at)\n                            IS DISTINCT FROM (NEW.code, NEW.trigger, NEW.tip_short, NEW.submitted_by_id, NEW.submitted_at)\n                        OR NOT OLD.recorders <@ NEW.recorders\n                        OR OLD.approved_at IS NOT NULL AND (OLD.amount, OLD.voted_on, OLD.approved_by_id, OLD.approved_at,\n                            OLD.arrests, OLD.convictions, OLD.seized, OLD.arrested_on, OLD.convicted_on)\n                            IS DISTINCT FROM (NEW.amount, NEW.voted_on, NEW.approved_by_id, NEW.approved_at,\n                            NEW.arrests, NEW.convictions, NEW.seized, NEW.arrested_on, NEW.convicted_on)\n                        OR OLD.paid_at IS NOT NULL\n                            AND (OLD.paid_by_id, OLD.paid_at) IS DISTINCT FROM (NEW.paid_by_id, NEW.paid_at)\n                    THEN\n                        RAISE EXCEPTION 'what was settled about a reward stays as it is'\n                            USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="423844c7a9db2b3b3ad2ae356019cf921d913b59",
                    operation="UPDATE",
                    pgid="pgtrigger_settled_reward_stays_59042",
                    table="tips_reward",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(condition=models.Q(("amount__gt", 0)), name="ledger_amount_is_some"),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("by__isnull", False),
                        ("from_account", "budget"),
                        ("reason__in", ["yearly", "grant", "donation", "forfeiture"]),
                        ("reward", None),
                        ("to_account", "available"),
                        ("undoes", None),
                    ),
                    models.Q(
                        ("by__isnull", False),
                        ("from_account", "available"),
                        ("reason", "undone"),
                        ("reward", None),
                        ("to_account", "budget"),
                        ("undoes__isnull", False),
                    ),
                    models.Q(
                        ("from_account", "available"),
                        ("reason", ""),
                        ("to_account", "committed"),
                        ("undoes", None),
                        ("by__isnull", False),
                        ("reward__isnull", False),
                    ),
                    models.Q(
                        ("from_account", "committed"),
                        ("reason", ""),
                        ("to_account", "paid"),
                        ("undoes", None),
                        ("by__isnull", False),
                        ("reward__isnull", False),
                    ),
                    models.Q(
                        ("from_account", "committed"),
                        ("reason", ""),
                        ("reward__isnull", False),
                        ("to_account", "available"),
                        ("undoes", None),
                    ),
                    _connector="OR",
                ),
                name="ledger_entry_is_of_a_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("from_account", "available")), fields=("reward",), name="reward_is_committed_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="ledgerentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(("from_account", "committed")),
                fields=("reward",),
                name="reward_is_paid_or_released_once",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerentry",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="05dfabed748f926291e92371457aff367aad9a2e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_699bc",
                    table="tips_ledgerentry",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ledgerentry",
            trigger=pgtrigger.compiler.Trigger(
                name="no_account_below_nothing",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    declare="DECLARE balance numeric;",
                    func="\n                    PERFORM pg_advisory_xact_lock(7105);\n                    SELECT coalesce(sum(CASE WHEN to_account = NEW.from_account THEN amount ELSE -amount END), 0)\n                    INTO balance FROM tips_ledgerentry\n                    WHERE NEW.from_account IN (from_account, to_account)\n                        AND (NEW.from_account <> 'committed' OR reward_id = NEW.reward_id);\n                    IF NEW.from_account <> 'budget' AND balance < NEW.amount THEN\n                        RAISE EXCEPTION 'there is less in the account'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'no_account_below_nothing';\n                    END IF;\n                    IF NEW.undoes_id IS NOT NULL AND NOT EXISTS (\n                        SELECT FROM tips_ledgerentry\n                        WHERE id = NEW.undoes_id AND from_account = 'budget' AND amount = NEW.amount\n                    ) THEN\n                        RAISE EXCEPTION 'what is undone is money that came in, all of it' USING ERRCODE = 'check_violation';\n                    END IF;\n                    RETURN NEW;\n                ",
                    hash="a7a8eda96a9a007160cbc1c45ff254148aa8cd1a",
                    operation="INSERT",
                    pgid="pgtrigger_no_account_below_nothing_60c73",
                    table="tips_ledgerentry",
                    when="BEFORE",
                ),
            ),
        ),
    ]
