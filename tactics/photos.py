"""Photos from phones: nothing of the original file is kept but what is seen.

A photo is decoded, turned upright and encoded anew as JPEG from its bare pixels. So EXIF with its position, XMP, IPTC,
embedded thumbnails, texts of a PNG and bytes after the end are gone, and a file that only poses as a picture fails.
"""

import secrets
from io import BytesIO
from typing import IO

from django.conf import settings
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
LONGEST_SIDE, QUALITY = 2048, 85
HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis")
MEGA = 1_000_000


class PhotoError(ValueError):
    """The photo cannot be taken; the text says what to do, for the form."""


def clean_photo(file: IO[bytes]) -> ContentFile:
    """The picture as a new JPEG file, with a name that nobody can guess."""
    if file.seek(0, 2) > settings.MOST_PHOTO_MEGABYTES * MEGA:
        words = _("This photo is larger than %(most)s MB. Choose a smaller size in the camera's settings.")
        raise PhotoError(words % {"most": settings.MOST_PHOTO_MEGABYTES})
    file.seek(0)
    start = file.read(12)
    file.seek(0)
    if start[4:8] == b"ftyp" and start[8:12] in HEIF_BRANDS:
        raise PhotoError(
            _(
                "This is a HEIC photo, which not every computer can show. On an iPhone choose Settings, Camera, Formats, "
                "Most Compatible and take it again, or send it as JPEG."
            )
        )
    pixels = bare_pixels(file)
    encoded = BytesIO()
    pixels.save(encoded, "JPEG", quality=QUALITY, optimize=True)
    return ContentFile(encoded.getvalue(), name=f"{secrets.token_hex(16)}.jpg")


def bare_pixels(file: IO[bytes]) -> Image.Image:
    """Upright, at most LONGEST_SIDE, in a fresh image that has nothing else to it."""
    unreadable = _("This file cannot be read as a photo. Take it again, or send it as JPEG, PNG or WebP.")
    too_many = _("This photo has more than %(most)s megapixels. Choose a smaller size in the camera's settings.")
    too_many %= {"most": settings.MOST_PHOTO_MEGAPIXELS}
    try:
        with Image.open(file, formats=FORMATS) as image:
            # The header says how large it will be, before a single pixel is decoded.
            if image.width * image.height > settings.MOST_PHOTO_MEGAPIXELS * MEGA:
                raise PhotoError(too_many)
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            image.load()
            upright = ImageOps.exif_transpose(image).convert("RGBA")
    except PhotoError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoError(too_many) from None
    except Exception:  # a broken or hostile file makes decoders raise whatever they like
        raise PhotoError(unreadable) from None
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    fresh = Image.new("RGB", upright.size, "white")
    fresh.paste(upright, mask=upright.getchannel("A"))
    return fresh
