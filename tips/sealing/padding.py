"""Equal lengths: how much somebody wrote, or how large a photo is, must not show in what is stored."""

KIB = 1024
STEPS = (4 * KIB, 16 * KIB, 64 * KIB)  # then doubling
LENGTH_BYTES = 4


def pad(plain: bytes) -> bytes:
    """Filled up to the next of few sizes: 4, 16, 64, 128, 256 KiB and so on."""
    needed = len(plain) + LENGTH_BYTES
    size = next((step for step in STEPS if needed <= step), STEPS[-1])
    while size < needed:
        size *= 2
    return len(plain).to_bytes(LENGTH_BYTES, "big") + plain + bytes(size - needed)


def unpad(padded: bytes) -> bytes:
    length = int.from_bytes(padded[:LENGTH_BYTES], "big")
    return padded[LENGTH_BYTES : LENGTH_BYTES + length]
