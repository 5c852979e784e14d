import logging

import pytest

from config.logs import SILENT, NotOfMail


@pytest.mark.parametrize(
    ("name", "level", "shown"),
    [
        (SILENT, logging.INFO, False),
        (SILENT, logging.ERROR, True),
        ("tips.tasks.purge_tips", logging.INFO, True),
    ],
)
def test_log_does_not_tell_how_long_a_look_into_the_mailbox_took(name, level, shown):
    """As Celery says that a task succeeded: with a dictionary that names it."""
    told = {"name": name, "id": "x", "return_value": None, "runtime": 0.2, "args": "()", "kwargs": "{}"}
    record = logging.LogRecord("celery.app.trace", level, __file__, 1, "Task %(name)s[%(id)s]", (told,), None)
    assert NotOfMail().filter(record) is shown


def test_celery_names_a_task_in_this_way():
    from celery.app import trace

    assert "%(name)s" in trace.LOG_SUCCESS
