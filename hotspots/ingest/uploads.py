"""Files that an administrator uploaded, kept from the upload until their import is done."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import get_valid_filename

from hotspots.models import ImportBatch


def folder_of(batch: ImportBatch) -> Path:
    return Path(settings.MEDIA_ROOT) / "imports" / str(batch.pk)


def keep(batch: ImportBatch, files: Iterable[UploadedFile]) -> list[dict[str, object]]:
    """Store uploads for their batch, readable by this system alone. Name and bytes of each."""
    folder = folder_of(batch)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept: list[dict[str, object]] = []
    for number, upload in enumerate(files, 1):
        name = get_valid_filename(Path(upload.name or "").name or f"file-{number}")
        path = folder / name
        if path.exists():
            path = folder / f"{number}-{name}"
        with path.open("wb") as out:
            for block in upload.chunks():
                out.write(block)
        path.chmod(0o600)
        kept.append({"name": path.name, "bytes": path.stat().st_size})
    return kept


def files_of(batch: ImportBatch) -> list[Path]:
    folder = folder_of(batch)
    return sorted(folder.iterdir()) if folder.is_dir() else []


def forget(batch: ImportBatch) -> None:
    shutil.rmtree(folder_of(batch), ignore_errors=True)
