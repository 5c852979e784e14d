"""What each safeguard of the tip form costs, one by one, in the settings of the form's own process.

Prints a JSON object: medians of processor time in milliseconds, of this process and its threads. Run with the product's Python.
"""

import json
import os
import statistics
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ["DJANGO_SETTINGS_MODULE"] = "config.intake_settings"

import django

django.setup()

import numpy as np  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from PIL import Image  # noqa: E402

from tactics.photos import clean_photo  # noqa: E402
from tips.intake import tokens  # noqa: E402
from tips.intake.middleware import IntakeMiddleware  # noqa: E402
from tips.intake.narrow import narrowed  # noqa: E402
from tips.queries import intake as queries  # noqa: E402
from tips.sealing import keys, receipts  # noqa: E402
from tips.sealing.padding import pad  # noqa: E402
from tips.sealing.tips import Told, seal_message, seal_tip  # noqa: E402

TEXTS = {"what": "Cars stop for a minute at the back door, all night. " * 4, "where": "17th and Main", "when": "nights"}
SIDES, BYTES = (4000, 3000), 3_000_000


def median(work: Callable[[], Any], times: int) -> float:
    work()
    taken = []
    for _ in range(times):
        started = time.process_time()
        work()
        taken.append(time.process_time() - started)
    return round(statistics.median(taken) * 1000, 3)


def waited(work: Callable[[], Any], times: int) -> float:
    """Wall time: what the database does for it counts."""
    work()
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return round(statistics.median(taken) * 1000, 3)


def photo() -> bytes:
    """12 megapixels in about 3 MB, as a phone makes them: soft shapes, and the noise of its sensor."""
    rng = np.random.default_rng(1)
    coarse = Image.fromarray(rng.integers(0, 255, (30, 40, 3), dtype=np.uint8)).resize(SIDES, Image.Resampling.BICUBIC)
    noisy = np.asarray(coarse, dtype=np.int16) + rng.normal(0, 5, (SIDES[1], SIDES[0], 1)).astype(np.int16)
    picture = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
    made = b""
    for quality in range(98, 40, -1):
        out = BytesIO()
        picture.save(out, "JPEG", quality=quality)
        made = out.getvalue()
        if len(made) <= BYTES:
            break
    return made


def environ() -> dict[str, Any]:
    made = RequestFactory().post("/en/", {"what": "x"}).environ
    return made | {f"HTTP_X_HEADER_{n}": "203.0.113.9" for n in range(20)}


def main() -> None:
    now, case = datetime.now(UTC), keys.public_bytes(keys.new_key())
    tip, salt = uuid.uuid4(), queries.salt()
    opened = receipts.open_receipt(receipts.read_receipt(receipts.new_receipt("en")), salt)
    readers = [(uuid.uuid4(), keys.public_bytes(keys.new_key())) for _ in range(21)]

    def sealed(number: int) -> Any:
        to = readers[:number] if number <= len(readers) else readers
        return seal_tip(Told(TEXTS), keys_of_readers=to, channel="web", language="en", now=now, receipt=opened)

    def stored() -> None:
        queries.store(ready.pop())

    real = queries.readers()
    times = 200
    ready = [
        seal_tip(
            Told(TEXTS),
            keys_of_readers=real,
            channel="web",
            language="en",
            now=now,
            receipt=receipts.Opened(os.urandom(32), os.urandom(32)),
        )
        for _ in range(2 * times + 2)
    ]
    raw = photo()
    clean = clean_photo(BytesIO(raw)).read()
    answer = IntakeMiddleware(lambda request: HttpResponse("x"))
    request, narrow, wide = RequestFactory().get("/en/"), narrowed(lambda environ, start: []), environ()
    token = tokens.make("form", {"sending": str(tip)})
    said = {
        "words": median(lambda: receipts.new_receipt("en"), times),
        "argon": median(lambda: receipts.open_receipt(bytes(11), salt), times),
        "readers 1": median(lambda: sealed(2), times),
        "readers 5": median(lambda: sealed(6), times),
        "readers 20": median(lambda: sealed(21), times),
        "token": median(lambda: (tokens.make("form", {"sending": str(tip)}), tokens.read("form", token, 60)), times),
        "padding": median(lambda: pad(json.dumps(TEXTS).encode()), times),
        "photo": median(lambda: clean_photo(BytesIO(raw)), 7),
        "photo megabytes": round(len(raw) / 1e6, 1),
        "photo sealed": median(lambda: seal_message(tip, case, 2, "photo", clean), 50),
        "photo kept megabytes": round(len(pad(clean)) / 1e6, 2),
        "narrowing": median(lambda: list(narrow(wide, lambda *a: None)), times),
        "headers": median(lambda: answer(request), times),
        "budget": waited(lambda: queries.count_in(now, 120), times),
        "asking for readers": waited(queries.readers, times),
        "insert": median(stored, times),
        "insert waited": waited(stored, times),
        "number of readers": len(real),
    }
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()
