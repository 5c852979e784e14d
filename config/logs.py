"""What is kept out of the logs."""

import logging

SILENT = "tips.tasks.fetch_mailed_tips"


class NotOfMail(logging.Filter):
    """How long a look into the mailbox took would tell in which five minutes a tip came; a failure is told all the same."""

    def filter(self, record: logging.LogRecord) -> bool:
        told = record.args if isinstance(record.args, dict) else {}
        return record.levelno >= logging.WARNING or told.get("name") != SILENT
