"""TLS: spoken when told, never below 1.2, for the names of the certificate alone; and refused where it cannot be."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

import httpx
import pytest
import trustme

from seaward.core.errors import InputError
from seaward.node.config import config_of
from seaward.node.node import Node
from seaward.server.serving import serve
from tests.server.floor import PASSWORD, open_floor


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def issued(authority: trustme.CA, folder: Path, *names: str) -> dict[str, str]:
    certificate = authority.issue_cert(*names)
    certificate.private_key_pem.write_to_path(folder / "node.key")
    for n, pem in enumerate(certificate.cert_chain_pems):
        pem.write_to_path(folder / "node.pem", append=n > 0)
    return {"tls_certificate": str(folder / "node.pem"), "tls_key": str(folder / "node.key")}


def test_the_api_speaks_tls_to_the_names_of_its_certificate_alone(authority: trustme.CA, tmp_path: Path) -> None:
    listen = issued(authority, tmp_path, "localhost", "watch.example")
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with open_floor(tmp_path, feeds=False, listen={**listen, "host": "0.0.0.0"}) as (_, server):
        assert server.url == f"https://localhost:{server.port}"
        with httpx.Client(base_url=server.url, verify=trusting) as page:
            answer = page.post("/api/v1/session", json={"person": "officer", "password": PASSWORD})
            cookie = answer.headers["Set-Cookie"]
            assert cookie.startswith(f"__Host-seaward-{server.port}=") and "Secure" in cookie and "HttpOnly" in cookie
            assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
            assert page.get("/api/v1/session").json()["person"] == "officer"
            assert page.get("/api/v1/alive", headers={"Host": "watch.example"}).status_code == 200
            assert page.get("/api/v1/alive", headers={"Host": "evil.example"}).status_code == 421
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"http://localhost:{server.port}/api/v1/alive")
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        with pytest.warns(DeprecationWarning):
            old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        with socket.create_connection(("127.0.0.1", server.port)) as plain, pytest.raises((ssl.SSLError, ConnectionError)):
            old.wrap_socket(plain).close()


def test_a_certificate_and_key_that_do_not_fit_end_the_start_in_words(authority: trustme.CA, tmp_path: Path) -> None:
    listen = issued(authority, tmp_path, "localhost")
    authority.issue_cert("localhost").private_key_pem.write_to_path(tmp_path / "node.key")
    node = Node(config_of({"data": str(tmp_path / "data"), "listen": {"port": 0, **listen}, "chart": {"areas": []}}))
    node.start()
    try:
        with pytest.raises(InputError, match="cannot be used for TLS"):
            serve(node)
        (tmp_path / "node.pem").write_text("nothing")
        with pytest.raises(InputError, match="subjectAltName"):
            serve(node)
    finally:
        node.stop()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "watch.example"])
def test_without_tls_nobody_but_this_machine_is_listened_to(host: str) -> None:
    with pytest.raises(InputError, match="without TLS everybody could read along"):
        config_of({"listen": {"host": host}})


def test_behind_a_proxy_that_speaks_tls_and_passes_the_host_on_people_sign_in(authority: trustme.CA, tmp_path: Path) -> None:
    """As docs/install.md says: the page is at https://watch.example, the node at an address of this machine."""
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    listen = issued(authority, tmp_path, "localhost", "watch.example")
    with (
        open_floor(tmp_path, feeds=False, listen={**listen, "host": "127.0.0.1"}) as (_, server),
        httpx.Client(base_url=f"https://localhost:{server.port}", verify=trusting) as proxy,
    ):
        for origin, status in (("https://watch.example", 200), ("https://evil.example", 403)):
            headers = {"Host": "watch.example", "Origin": origin}
            assert proxy.post("/api/v1/session", json={"person": "officer", "password": PASSWORD}, headers=headers).status_code == status


@pytest.mark.parametrize(("host", "status"), [("watch.example", 421), ("127.0.0.1", 403)])
def test_behind_a_proxy_that_speaks_http_to_the_node_nobody_signs_in(tmp_path: Path, host: str, status: int) -> None:
    with open_floor(tmp_path, feeds=False) as (_, server), httpx.Client(base_url=server.url) as proxy:
        headers = {"Host": f"{host}:{server.port}", "Origin": "https://watch.example"}
        assert proxy.post("/api/v1/session", json={"person": "officer", "password": PASSWORD}, headers=headers).status_code == status
