"""A refusal -> Problem Details (RFC 9457) in the language of who asks. Texts are `problem.<code>` and `problem.<code>.what` of the catalogues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from seaward.core.catalogue import LANGUAGES, render
from seaward.core.errors import SeawardError
from seaward.server.as_json import as_json

MEDIA_TYPE = "application/problem+json"
STATUS = {
    "bad_request": 400, "bad_value": 400, "unknown_parameter": 400, "bad_cursor": 400, "not_signed_in": 401, "sign_in": 401, "expired": 401,
    "role": 403, "csrf": 403, "session_only": 403, "not_found": 404, "method": 405, "not_acceptable": 406, "too_slow": 408, "conflict": 409,
    "changed": 412, "too_large": 413, "media_type": 415, "body": 422, "refused": 422, "host": 421, "no_revision": 428, "slow_down": 429,
    "headers": 431, "failed": 500, "state": 503, "busy": 503, "full": 507,
}  # fmt: skip


class Problem(SeawardError):
    """A request that is refused.

    Parameters
    ----------
    code
        Of `STATUS`.
    headers
        Of the answer, beside its type.
    detail
        In words, where the reason has words of its own; else the catalogue's with `values`.
    errors
        What is wrong with the body, each as `pointer` (RFC 6901) and `detail`.
    """

    def __init__(
        self, code: str, *, headers: Mapping[str, str] | None = None, detail: str | None = None, errors: list[dict[str, str]] | None = None,
        **values: Any,
    ) -> None:  # fmt: skip
        self.code, self.values, self.headers, self.detail, self.errors = code, values, dict(headers or {}), detail, errors
        super().__init__(detail or render(f"problem.{code}.what", values, "en"))

    @property
    def status(self) -> int:
        """Of HTTP."""
        return STATUS[self.code]

    def told(self, language: str, instance: str = "") -> dict[str, Any]:
        """The problem as an object of JSON."""
        said: dict[str, Any] = {
            "type": f"urn:seaward:problem:{self.code}", "title": render(f"problem.{self.code}", {}, language), "status": self.status,
            "detail": self.detail or render(f"problem.{self.code}.what", self.values, language), "code": self.code,
        }  # fmt: skip
        if instance:
            said["instance"] = f"urn:seaward:request:{instance}"
        return said | ({"errors": self.errors} if self.errors else {})

    def response(self, language: str, instance: str = "") -> Response:
        """The answer."""
        body = as_json(self.told(language, instance))
        return Response(body, self.status, {**self.headers, "Content-Language": language, "Cache-Control": "no-store"}, MEDIA_TYPE)


def language_of(accepted: str, otherwise: str) -> str:
    """The language that an Accept-Language header likes best of those there are; `otherwise` where it names none."""
    best, found = 0.0, otherwise
    for part in accepted[:500].split(","):
        name, _, rest = part.strip().partition(";")
        weight = _weight(rest)
        short = name.strip().lower().split("-")[0]
        if short in LANGUAGES and weight > best:
            best, found = weight, short
    return found


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    try:
        return min(1.0, float(value)) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0
