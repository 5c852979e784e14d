"""Uploads that never touch a disk."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler

MEGA = 1_000_000


def most_bytes() -> int:
    """Of all photos together, with room for what is typed."""
    return settings.MOST_TIP_PHOTOS * settings.MOST_PHOTO_MEGABYTES * MEGA + MEGA


class InMemory(FileUploadHandler):
    """Keeps a file in memory, under no name. What is larger than all photos may be is refused while it comes in."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:  # noqa: N803
        self.received = 0
        if content_length > most_bytes():
            raise RequestDataTooBig

    def new_file(self, field_name: str, *args: Any, **kwargs: Any) -> None:
        self.name_of_field, self.file = field_name, BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > most_bytes():
            raise RequestDataTooBig
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        self.file.seek(0)
        return InMemoryUploadedFile(self.file, self.name_of_field, "photo", "application/octet-stream", file_size, None)
