"""Keys and certificates for the tests, by openssl."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Final

from tools.progress import StepError

_CURVE: Final = ("-pkeyopt", "ec_paramgen_curve:P-256")


def new_key(file: Path) -> Path:
    """Writes a private key of the curve P-256, in the only form that kube-apiserver reads (RFC 5915)."""
    _openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(file))
    return file


def self_signed(directory: Path, hosts: tuple[str, ...]) -> tuple[Path, Path]:
    """A certificate for `hosts` that is its own authority, and its key."""
    certificate, key = directory / "sinks.crt", directory / "sinks.key"
    names = ",".join(f"DNS:{host}" for host in hosts)
    _openssl(
        *("req", "-x509", "-newkey", "ec", *_CURVE, "-nodes", "-days", "30"),
        *("-subj", "/CN=sinks", "-addext", f"subjectAltName={names}"),
        *("-keyout", str(key), "-out", str(certificate)),
    )
    return certificate, key


def _openssl(*arguments: str) -> None:
    command = shutil.which("openssl")
    if command is None:
        raise StepError("openssl is not on PATH")
    subprocess.run([command, *arguments], check=True, capture_output=True)
