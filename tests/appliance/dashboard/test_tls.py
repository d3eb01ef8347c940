"""The web door by TLS with the site's certificate, or as a socket file behind a proxy; else as it was."""

from __future__ import annotations

import socket
import ssl
import stat
import subprocess
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import ValidationError

from appliance.dashboard.server import listen
from appliance.dashboard.tls import context_of
from appliance.errors import LanewatchError
from appliance.settings import Dashboard
from tests.appliance.dashboard.coming_in import WORD


def made(folder: Path, name: str = "box") -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=box", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


def test_with_a_certificate_the_door_speaks_https_and_nothing_else(serve: Any, tmp_path: Path) -> None:
    certificate, key = made(tmp_path)
    served = serve(certificate=certificate, key=key)
    served.person("T. Tan", "officer", WORD)
    assert served.url.startswith("https://127.0.0.1:")
    trust = ssl.create_default_context(cafile=str(certificate))
    with httpx2.Client(base_url=served.url, verify=trust, trust_env=False) as client:
        page = client.get("/")
        assert page.status_code == 401
        assert page.headers["strict-transport-security"] == "max-age=63072000"
        headers = {"Origin": served.url}
        told = client.post("/api/v1/session", json={"name": "T. Tan", "password": WORD}, headers=headers)
        assert told.status_code == 201
        assert client.get("/api/v1/me").status_code == 200  # over TLS any client keeps the cookies
    with pytest.raises(httpx2.HTTPError), httpx2.Client(trust_env=False) as plain:
        plain.get(served.url.replace("https", "http"))


def test_old_tls_is_not_spoken(serve: Any, tmp_path: Path) -> None:
    certificate, key = made(tmp_path)
    served = serve(certificate=certificate, key=key)
    host, port = served.url.removeprefix("https://").split(":")
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("AES128-SHA:AES256-SHA:AES128-SHA256")
    old.maximum_version = ssl.TLSVersion.TLSv1_2
    with socket.create_connection((host, int(port))) as wire, pytest.raises(ssl.SSLError):
        old.wrap_socket(wire)


def test_over_plain_http_no_browser_is_told_to_insist_on_https(serve: Any) -> None:
    with serve().client() as client:
        assert "strict-transport-security" not in client.get("/").headers


def test_what_is_wrong_with_the_two_files_is_said_in_a_sentence(tmp_path: Path) -> None:
    certificate, key = made(tmp_path)
    _, other = made(tmp_path, "other")
    nonsense = tmp_path / "nonsense.pem"
    nonsense.write_text("nonsense")
    locked = tmp_path / "locked.key"
    subprocess.run(
        ["openssl", "pkey", "-in", str(key), "-aes256", "-passout", "pass:x", "-out", str(locked)],
        check=True, capture_output=True,
    )  # fmt: skip
    for one, two, words in (
        (tmp_path / "none.pem", key, "none.pem: No such file or directory"),
        (certificate, tmp_path, "Is a directory"),
        (certificate, other, "other.key: this is not the key of "),
        (nonsense, key, "not a certificate and its key in PEM"),
        (certificate, nonsense, "not a certificate and its key in PEM"),
        (certificate, locked, "the key is encrypted"),
    ):
        with pytest.raises(LanewatchError, match=words):
            context_of(Dashboard(certificate=one, key=two))
    assert context_of(Dashboard()) is None
    assert context_of(Dashboard(certificate=certificate, key=key)) is not None


def test_one_without_the_other_is_no_setting(tmp_path: Path) -> None:
    for settings in (
        {"certificate": "a"},
        {"key": "a"},
        {"certificate": "a", "key": "b", "bind": "unix:/run/x.sock"},
        {"bind": "unix:relative.sock"},
        {"bind": f"unix:/{'x' * 120}"},
        {"bind": "unix:"},
    ):
        with pytest.raises(ValidationError):
            Dashboard.model_validate(settings)


def test_behind_a_proxy_the_door_is_a_socket_file(serve: Any, tmp_path: Path) -> None:
    """For this user and its group; who comes through has no address, whatever headers say, and is never nearby."""
    path = tmp_path / "web.sock"
    served = serve(bind=f"unix:{path}")
    served.person("T. Tan", "officer", WORD)
    assert served.url == f"unix:{path}"
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    headers = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": "10.0.0.1"}
    with httpx2.Client(base_url="http://box", transport=httpx2.HTTPTransport(uds=str(path)), headers=headers) as client:
        assert client.get("/metrics").status_code == 401
        told = client.post("/api/v1/session", json={"name": "T. Tan", "password": WORD})
        assert told.status_code == 201
    served.stop()


def test_a_file_that_is_no_socket_is_never_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "precious"
    path.write_text("precious")
    with pytest.raises(LanewatchError, match="something else than a socket"):
        listen(f"unix:{path}")
    assert path.read_text() == "precious"
