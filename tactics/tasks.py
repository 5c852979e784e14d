from celery import shared_task

from tactics.actions import imports as import_actions


@shared_task
def run_visit_import(batch_id: int) -> None:
    """Take in an upload. A task that is delivered again, after its worker was killed, starts the import over."""
    import_actions.run_upload(batch_id)
