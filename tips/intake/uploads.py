"""Uploads that never touch a disk."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

MEGA = 1_000_000
READ_ON = 4  # times of what may be: read and thrown away, since a browser that is cut off cannot show why


def most_bytes() -> int:
    """Of all photos together, with room for what is typed."""
    return settings.MOST_TIP_PHOTOS * settings.MOST_PHOTO_MEGABYTES * MEGA + MEGA


class InMemory(FileUploadHandler):
    """Keeps files in memory, under no name. Once they are larger than all photos may be, nothing more is kept."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:  # noqa: N803
        self.received = 0
        if content_length > READ_ON * most_bytes():
            raise RequestDataTooBig

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        self.field, self.file = field_name, BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received <= most_bytes():
            self.file.write(raw_data)
        elif self.received > READ_ON * most_bytes():
            raise RequestDataTooBig

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        if self.received > most_bytes():
            self.file = BytesIO()
        self.file.seek(0)
        kind = "application/octet-stream"
        return InMemoryUploadedFile(self.file, self.field, "photo", kind, len(self.file.getvalue()), None)

    def upload_complete(self) -> None:
        if self.received > most_bytes():
            raise RequestDataTooBig
