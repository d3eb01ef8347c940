"""TLS for the web door, by the site's own certificate.

Takes the settings, gives what the server speaks TLS with, or says in one sentence why the two files will not do.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from appliance.errors import LanewatchError
from appliance.settings import Dashboard

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""For TLS 1.2, which older browsers speak; 1.3 has its own."""


def context_of(settings: Dashboard) -> ssl.SSLContext | None:
    """None where no certificate is set."""
    if settings.certificate is None or settings.key is None:
        return None
    for path in (settings.certificate, settings.key):
        _refuse_unreadable(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    try:
        context.load_cert_chain(settings.certificate, settings.key, password=_no_password)
    except ssl.SSLError as problem:
        reason = problem.reason or str(problem)
        if "MISMATCH" in reason:
            raise LanewatchError(
                f"{settings.key}: this is not the key of {settings.certificate}",
                hint="the certificate of this box stands first in its file, those of its authority after it",
            ) from problem
        raise LanewatchError(
            f"{settings.certificate}, {settings.key}: not a certificate and its key in PEM ({reason})",
            hint="both begin with -----BEGIN",
        ) from problem
    return context


def _refuse_unreadable(path: Path) -> None:
    try:
        path.read_bytes()
    except OSError as problem:
        raise LanewatchError(
            f"{path}: {problem.strerror}", hint="the user the box runs as must be able to read it"
        ) from problem


def _no_password() -> str:
    raise LanewatchError("the key is encrypted, and nobody is there to type its password", hint="openssl pkey -in KEY")
