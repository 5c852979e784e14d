"""A thousand needles at once in streams of any length. Nothing of a stream is kept but its last few bytes."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

LEAST = 8  # bytes of a needle: the window that is looked up at each place
BLOCK = 1 << 20
_BITS = 20
_ODD = np.uint64(0x9E37_79B9_7F4A_7C15)  # spreads windows over the table
_SHIFT = np.uint64(64 - _BITS)


@dataclass(frozen=True)
class Needle:
    name: str
    form: str
    content: bytes
    whole: bool = False  # not inside a longer word or number

    def __str__(self) -> str:
        return f"{self.name}, {self.form}"


class Search:
    def __init__(self, needles: list[Needle]) -> None:
        self.needles = needles
        self.longest = max(len(needle.content) for needle in needles)
        self.by_start: dict[bytes, list[Needle]] = {}
        for needle in needles:
            self.by_start.setdefault(needle.content[:LEAST], []).append(needle)
        self.may_start = np.zeros(1 << _BITS, dtype=bool)
        self.may_start[_places(np.frombuffer(b"".join(self.by_start), dtype="<u8"))] = True

    def stream(self) -> "Stream":
        return Stream(self)

    def found_in(self, data: bytes) -> Iterator[tuple[int, Needle]]:
        for shift in range(min(LEAST, max(0, len(data) - LEAST + 1))):
            windows = np.frombuffer(data, dtype="<u8", offset=shift, count=(len(data) - shift) // LEAST)
            for place in np.flatnonzero(self.may_start[_places(windows)]):
                at = int(place) * LEAST + shift
                for needle in self.by_start.get(data[at : at + LEAST], ()):
                    if data.startswith(needle.content, at):
                        yield at, needle


class Stream:
    """Written to in pieces of any size; `found` is complete once it is closed."""

    def __init__(self, search: Search) -> None:
        self.search, self.found, self.read = search, set[Needle](), 0
        self.waiting, self.is_first = bytearray(), True

    def write(self, piece: bytes) -> int:
        self.read += len(piece)
        self.waiting += piece
        if len(self.waiting) >= BLOCK:
            self._look(is_last=False)
        return len(piece)

    def close(self) -> set[Needle]:
        self._look(is_last=True)
        return self.found

    def _look(self, *, is_last: bool) -> None:
        """What begins near the end is looked for again with what follows it; the first byte is known from the time before."""
        data, room = bytes(self.waiting), self.search.longest + 1
        for at, needle in self.search.found_in(data):
            if (at == 0 and not self.is_first) or (not is_last and at + room > len(data)):
                continue
            if needle.whole and _is_inside(data, at, at + len(needle.content)):
                continue
            self.found.add(needle)
        self.waiting, self.is_first = bytearray(data[-(room + 1) :]), self.is_first and len(data) <= room + 1


def _places(windows: np.ndarray) -> np.ndarray:
    return (windows * _ODD) >> _SHIFT


def _is_inside(data: bytes, start: int, end: int) -> bool:
    return data[start - 1 : start].isalnum() or data[end : end + 1].isalnum()
