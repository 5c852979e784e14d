import os

# Before numpy is first imported. Its arrays are small here, and threads of BLAS that wait for each other take the
# processor from the database and from other workers.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from config.celery import app as celery_app

__all__ = ["celery_app"]
