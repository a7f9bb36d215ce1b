"""Pictures for tests: right ones, with what cameras write beside the pixels, and wrong ones."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

SERIAL = b"SERIAL-4711-SECRET"


def picture(form: str = "JPEG", size: tuple[int, int] = (64, 48), shade: int = 90, *, camera: bool = False, turned: bool = False) -> bytes:
    """A small picture; with `camera` it says where it was taken and by which camera, with `turned` that it lies on its side."""
    made = Image.new("RGB", size, (shade, 120, 160))
    exif = Image.Exif()
    if camera:
        exif[0xC62F] = SERIAL.decode()  # CameraSerialNumber
        exif[0x010F] = "Maker " + SERIAL.decode()
        exif.get_ifd(0x8825).update({1: "S", 2: (12.0, 3.0, 4.5), 3: "W", 4: (77.0, 8.0, 1.0)})  # the place
    if turned:
        exif[0x0112] = 6
    held = io.BytesIO()
    made.save(held, form, **({"exif": exif} if camera or turned else {}))
    return held.getvalue()


def bomb(width: int = 60_000, height: int = 60_000) -> bytes:
    """A PNG of some kilobytes that says to have 3.6 billion pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 5_000_000)) + chunk(b"IEND", b"")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'
HTML = b"<!doctype html><script>alert(3)</script>"
