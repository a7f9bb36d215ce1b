"""Bytes that somebody sent -> a photo without anything but its pixels, and its file under the SHA-256 of its content.

Every photo is decoded and written anew, so that nothing of the file that came is kept: neither where the camera was and which one (EXIF, XMP), nor
what hides behind or within a picture.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import threading
from pathlib import Path
from typing import Final, NamedTuple

from seaward.core.errors import InputError, StateError
from seaward.core.on_disk import sync_folder

MOST_BYTES: Final = 8 << 20  # of one photo, as sent and as kept
MOST_PIXELS: Final = 50_000_000  # as sent: cameras of telephones reach 50 million
LONGEST_SIDE: Final = 4_096  # as kept; a name on a hull can be read
KINDS: Final = {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_ONE: Final = threading.Lock()  # decoding takes up to a quarter of a gigabyte: one at a time


class Photo(NamedTuple):
    """A photo that is safe to show."""

    sha256: str
    kind: str  # media type
    width: int
    height: int
    content: bytes


class NotAPhoto(InputError):
    """What was sent cannot be kept as a photo.

    Parameters
    ----------
    rule
        `kind` (no JPEG, PNG or WebP), `broken` (does not decode), `pixels` (too many) or `bytes` (too many, as sent or as kept).
    """

    def __init__(self, rule: str) -> None:
        super().__init__(f"this is no photo that can be kept ({rule}); send a whole JPEG, PNG or WebP file of at most {MOST_BYTES >> 20} MB")
        self.rule = rule


def photo_of(raw: bytes) -> Photo:
    """A photo from the bytes of a file.

    Parameters
    ----------
    raw
        JPEG, PNG or WebP, known by its content alone.

    Raises
    ------
    NotAPhoto
        If it is none, is damaged or too large.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415 - loaded where somebody sends a photo

    if len(raw) > MOST_BYTES:
        raise NotAPhoto("bytes")
    with _ONE:
        try:
            with Image.open(io.BytesIO(raw), formats=("JPEG", "PNG", "WEBP")) as sent:
                kind = KINDS[sent.format or ""]
                if sent.width * sent.height > MOST_PIXELS:
                    raise NotAPhoto("pixels")
                sent.thumbnail((LONGEST_SIDE, LONGEST_SIDE))  # decodes it, and halves a large JPEG on the way
                is_clear = sent.mode in ("RGBA", "LA", "PA") or "transparency" in sent.info
                plain = ImageOps.exif_transpose(sent).convert("RGBA" if is_clear and kind != "image/jpeg" else "RGB")
        except NotAPhoto:
            raise
        except UnidentifiedImageError:
            raise NotAPhoto("kind") from None
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise NotAPhoto("pixels") from None
        except Exception:  # decoders of damaged files fail in many ways
            raise NotAPhoto("broken") from None
        plain.info.clear()  # nothing is carried over by the encoders
        for form, options in (
            *(((kind.removeprefix("image/"), {}),) if kind != "image/jpeg" else ()),
            ("jpeg", {"quality": 88}),
            ("jpeg", {"quality": 70}),
        ):
            held = io.BytesIO()
            (plain if form != "jpeg" else plain.convert("RGB")).save(held, form, **options)
            if held.tell() <= MOST_BYTES:
                content = held.getvalue()
                return Photo(hashlib.sha256(content).hexdigest(), f"image/{form}", plain.width, plain.height, content)
    raise NotAPhoto("bytes")


def put(folder: Path, photo: Photo) -> bool:
    """Write a photo into the folder, safe on the disk; False where it is there already.

    Raises
    ------
    StateError
        If it cannot be written; nothing half-written is left.
    """
    path, part = folder / photo.sha256, folder / f".{photo.sha256}.part"
    try:
        if path.is_file() and path.read_bytes() == photo.content:
            return False
        folder.mkdir(mode=0o700, exist_ok=True)
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
                file.write(photo.content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            sync_folder(folder)
        finally:
            part.unlink(missing_ok=True)
    except OSError as e:
        raise StateError(f"{folder} cannot be written to ({e.strerror}); free space there. Nothing of this photo was kept", "full") from e
    return True


def get(folder: Path, sha256: str) -> bytes:
    """The content of a photo.

    Raises
    ------
    StateError
        If the file is gone or is not what was kept.
    """
    content = b""
    with contextlib.suppress(OSError):
        content = (folder / sha256).read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise StateError(f"{folder / sha256} is gone or altered; bring back a copy, and look after the disk", "damaged")
    return content
