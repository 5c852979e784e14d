"""What is left of a photo: its pixels, upright, and nothing else."""

import importlib
import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms, ImageFile
from PIL.PngImagePlugin import PngInfo

from tactics.photos import LONGEST_SIDE, PhotoError, clean_photo

CANARY = b"CANARY"
GPS, ORIENTATION, MAKE = 0x8825, 0x0112, 0x010F


def encoded(kind: str, image: Image.Image | None = None, **options: object) -> BytesIO:
    file = BytesIO()
    (image or Image.new("RGB", (60, 40), "orange")).save(file, kind, **options)
    file.seek(0)
    return file


def whereabouts() -> Image.Exif:
    exif = Image.Exif()
    exif[MAKE] = "CANARY phone"
    exif[ORIENTATION] = 6
    exif.get_ifd(GPS)[1] = "N"
    exif.get_ifd(GPS)[2] = (37.0, 20.0, 24.0)
    return exif


def opened(file: BytesIO) -> tuple[bytes, Image.Image]:
    content = clean_photo(file).read()
    return content, Image.open(BytesIO(content))


def assert_bare(content: bytes, image: Image.Image) -> None:
    assert image.format == "JPEG"
    assert not image.getexif()
    assert not {"exif", "xmp", "icc_profile", "comment", "photoshop", "mp"} & set(image.info)
    assert CANARY not in content
    assert content.endswith(b"\xff\xd9")


def test_exif_with_its_position_is_gone_and_the_picture_upright():
    file = encoded("JPEG", exif=whereabouts())
    assert Image.open(file).getexif().get_ifd(GPS)[1] == "N", "the test's own photo has a position"
    content, image = opened(file)
    assert_bare(content, image)
    assert image.size == (40, 60)


def test_xmp_and_comments_and_color_profiles_are_gone():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    file = encoded("JPEG", xmp=b"<x:xmpmeta>CANARY</x:xmpmeta>", comment=CANARY, icc_profile=profile)
    assert CANARY in file.getvalue()
    assert_bare(*opened(file))


def test_iptc_and_thumbnails_in_segments_are_gone():
    plain = encoded("JPEG").getvalue()
    segment = b"Photoshop 3.0\0CANARY" + encoded("JPEG").getvalue()
    with_segment = plain[:2] + b"\xff\xed" + struct.pack(">H", len(segment) + 2) + segment + plain[2:]
    assert_bare(*opened(BytesIO(with_segment)))


def test_texts_of_a_png_are_gone():
    texts = PngInfo()
    texts.add_text("Comment", "CANARY")
    texts.add_itxt("XML:com.adobe.xmp", "CANARY")
    file = encoded("PNG", pnginfo=texts, exif=whereabouts())
    assert CANARY in file.getvalue()
    assert_bare(*opened(file))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_bytes_after_the_end_are_gone(kind):
    assert_bare(*opened(BytesIO(encoded(kind).getvalue() + b"<script>CANARY</script>" * 50)))


@pytest.mark.parametrize("mode", ["RGBA", "LA", "L", "P", "1"])
def test_picture_of_any_colors_becomes_a_plain_one(mode):
    _content, image = opened(encoded("PNG", Image.new(mode, (20, 20))))
    assert image.mode == "RGB"


def test_transparent_picture_lies_on_white():
    _content, image = opened(encoded("PNG", Image.new("RGBA", (8, 8), (0, 0, 0, 0))))
    assert image.getpixel((4, 4)) == (255, 255, 255)


def test_large_picture_is_made_smaller():
    _content, image = opened(encoded("JPEG", Image.new("RGB", (5000, 1000), "orange")))
    assert image.size == (LONGEST_SIDE, round(LONGEST_SIDE / 5))


def test_name_of_the_file_is_dropped_and_cannot_be_guessed():
    first, second = encoded("JPEG"), encoded("JPEG")
    first.name = "CANARY.jpg"
    names = {clean_photo(first).name, clean_photo(second).name}
    assert len(names) == 2
    assert all(name and len(name) == len("0" * 32 + ".jpg") and name.endswith(".jpg") for name in names)


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"avif"])
def test_heic_is_told_apart_and_says_what_to_do(brand):
    with pytest.raises(PhotoError, match=r"HEIC.*Most Compatible"):
        clean_photo(BytesIO(b"\0\0\0\x18ftyp" + brand + b"\0" * 200))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        encoded("GIF").getvalue(),
        encoded("TIFF").getvalue(),
        encoded("JPEG", Image.effect_noise((300, 300), 80)).getvalue()[:2000],
        encoded("PNG", Image.effect_noise((300, 300), 80)).getvalue()[:2000],
        b"%PDF-1.7\n" + b"0" * 100,
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    ],
    ids=["empty", "text", "gif", "tiff", "half a jpeg", "half a png", "pdf", "svg"],
)
def test_what_is_no_photo_is_refused(content):
    with pytest.raises(PhotoError, match="cannot be read as a photo"):
        clean_photo(BytesIO(content))


def test_more_pixels_than_allowed_are_refused_before_they_are_decoded(settings, monkeypatch):
    settings.MOST_PHOTO_MEGAPIXELS = 1
    file = encoded("PNG", Image.new("L", (1001, 1000)))
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", lambda *args: pytest.fail("it was decoded"))
    with pytest.raises(PhotoError, match="more than 1 megapixels"):
        clean_photo(file)


@pytest.mark.parametrize("side", [10_000, 20_000])
def test_header_of_a_bomb_is_enough_to_refuse_it(side):
    bomb = bytearray(encoded("PNG").getvalue())
    bomb[16:24] = struct.pack(">II", side, side)
    bomb[29:33] = struct.pack(">I", zlib.crc32(bytes(bomb[12:29])))
    with pytest.raises(PhotoError, match="megapixels"):
        clean_photo(BytesIO(bytes(bomb)))


def test_file_larger_than_allowed_is_refused(settings):
    settings.MOST_PHOTO_MEGABYTES = 1
    with pytest.raises(PhotoError, match="larger than 1 MB"):
        clean_photo(BytesIO(encoded("JPEG").getvalue() + b"0" * 1_000_000))


def test_broken_photo_is_refused_where_pdfs_are_made_too():
    importlib.import_module("tactics.pdf")
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
