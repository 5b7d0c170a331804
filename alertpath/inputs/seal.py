"""Encrypts a credential for the Sealed Secrets controller and writes the ciphertext into the stack's file."""

from __future__ import annotations

import getpass
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final, cast

import yaml

from alertpath.documents.places import Spot
from alertpath.documents.problems import InvalidInput, Problem
from alertpath.documents.safe_text import printable
from alertpath.documents.yaml_file import parse
from alertpath.inputs.consistency.credentials import uses
from alertpath.inputs.consistency.receivers import known_receivers
from alertpath.inputs.credentials import StoredCredential, is_ciphertext, shape_fault, stored
from alertpath.inputs.parse import SETTINGS
from alertpath.inputs.settings import Settings
from alertpath.inputs.sources import Sources
from alertpath.inputs.stack import read_sources

_SECONDS: Final = 60


def seal(stack_file: Path, name: str, certificate: str | None) -> None:
    """Asks for the value of the credential `name` and stores its ciphertext in `stack_file`.

    `certificate`: a file with the controller's certificate; without one (here or in the settings) kubeseal asks the
    cluster. The value comes from a prompt, or from standard input where that is no terminal.
    Raises InvalidInput, the file unchanged: the settings are invalid, the value has the wrong shape, kubeseal fails.
    """
    sources, problems = read_sources(stack_file)
    if problems:
        raise InvalidInput(problems)
    credential = _credential(sources, name)
    value = _ask(name)
    if (fault := shape_fault(value, credential.shape)) is not None:
        raise InvalidInput(
            [
                Problem(
                    Spot("standard input", 0, (name,)),
                    f"the value {fault}",
                    allowed=f"a value of the kind {credential.shape}",
                    mend="copy it again, whole",
                )
            ]
        )
    ciphertext = _kubeseal(sources.settings, credential, value, _certificate(sources, certificate))
    path = ("config", SETTINGS, "credentials", "values", name, "sealed")
    # Bytes: a text file's reader and writer would change the ends of all its lines.
    _write(stack_file, with_scalar(stack_file.read_bytes().decode(), path, ciphertext).encode())
    print(f"{printable(str(stack_file))}: credentials.values.{name}.sealed is written", file=sys.stderr)


def _credential(sources: Sources, name: str) -> StoredCredential:
    credentials = sources.settings.credentials
    known = known_receivers(sources)
    found = uses(sources, {n: known[n] for n in sources.settings.receivers if n in known})

    def refuse(message: str, allowed: str, mend: str) -> InvalidInput:
        place = sources.place("credentials", "values", name)
        return InvalidInput([sources.document.problem(place, message, allowed=allowed, mend=mend)])

    if name not in credentials.values:
        raise refuse(
            "is missing", ", ".join(credentials.values) or "no credential is there yet", "add the credential first"
        )
    if name not in found:
        known_uses = ", ".join(each for each in found if each in credentials.values)
        raise refuse("this credential is never used", known_uses, "name it in a receiver of this stack")
    credential = stored(credentials, name, found[name][0].use.shape)
    if credential.provider != "sealed-secrets":
        raise refuse(f"has the provider {credential.provider}", "provider: sealed-secrets", "set the provider first")
    return credential


def _ask(name: str) -> str:
    try:
        if not sys.stdin.isatty():
            return sys.stdin.buffer.read().decode().removesuffix("\n").removesuffix("\r")
        value = getpass.getpass(f"Value of {name} (not shown): ")
        # A terminal gives bytes that are no text as surrogates.
        value.encode()
    except UnicodeError:
        raise InvalidInput(
            [Problem(Spot("standard input", 0, (name,)), "the value is no UTF-8 text", mend="copy it again, as text")]
        ) from None
    return value


def _certificate(sources: Sources, given: str | None) -> Path | None:
    """The certificate: relative to the current directory if given, to the stack's file if a setting."""
    if given is not None:
        return Path(given)
    configured = sources.settings.credentials.sealed_secrets.certificate
    return None if configured is None else sources.directory / configured


def _kubeseal(settings: Settings, credential: StoredCredential, value: str, certificate: Path | None) -> str:
    command = ["kubeseal", "--raw", "--scope", "strict", "--from-file", "/dev/stdin"]
    command += ["--namespace", settings.namespace.name, "--name", credential.secret]
    sealed_secrets = settings.credentials.sealed_secrets
    if certificate is not None:
        command += ["--cert", str(certificate)]
    else:
        command += ["--controller-name", sealed_secrets.controller_name]
        command += ["--controller-namespace", sealed_secrets.controller_namespace]
        command += ["--context", settings.cluster.context] if settings.cluster.context else []
        command += ["--kubeconfig", settings.cluster.kubeconfig] if settings.cluster.kubeconfig else []

    def failed(message: str, mend: str) -> InvalidInput:
        return InvalidInput([Problem(Spot("kubeseal", 0, (credential.name,)), message, mend=mend)])

    try:
        done = subprocess.run(command, input=value.encode(), capture_output=True, timeout=_SECONDS, check=False)
    except FileNotFoundError:
        raise failed("is not installed", "install kubeseal and put it on PATH") from None
    except subprocess.TimeoutExpired:
        raise failed(f"did not answer in {_SECONDS} s", "check the cluster, or give --certificate") from None
    ciphertext = done.stdout.decode(errors="replace").strip()
    if done.returncode != 0 or not is_ciphertext(ciphertext):
        reason = " ".join(done.stderr.decode(errors="replace").replace(value, "...").split())[:300]
        raise failed(
            f"failed: {reason or 'it gave no ciphertext'}",
            "check the certificate, or the controller's name and namespace",
        )
    return ciphertext


def with_scalar(text: str, path: tuple[str, ...], value: str) -> str:
    """`text`, a YAML document, with the scalar at `path` set to `value`; everything else keeps its bytes.

    A mapping that is to hold it and is not there is made, in one line.
    """
    node = cast("yaml.Node", yaml.compose(text, Loader=yaml.SafeLoader))
    depth = 0
    while depth < len(path) and (child := _child(node, path[depth])) is not None:
        node, depth = child, depth + 1
    key, scalar = path[min(depth, len(path) - 1)], value
    for missing in reversed(path[depth + 1 :]):
        value = f"{{{missing}: {value}}}"
    if depth == len(path):
        changed = text[: node.start_mark.index] + value + text[node.end_mark.index :]
    elif isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        first = cast("yaml.Node", node.value[0][0])
        start = first.start_mark
        indentation = " " * start.column
        newline = "\r\n" if "\r\n" in text else "\n"
        changed = f"{text[: start.index]}{key}: {value}{newline}{indentation}{text[start.index :]}"
    elif isinstance(node, yaml.MappingNode):
        at = node.start_mark.index + 1
        changed = f"{text[:at]}{key}: {value}{', ' if node.value else ''}{text[at:]}"
    else:
        # `NAME:` with nothing behind it: the empty scalar stands where a flow mapping may.
        changed = f"{text[: node.start_mark.index]} {{{key}: {value}}}{text[node.end_mark.index :]}"
    _expect(changed, text, path, scalar)
    return changed


def _child(node: yaml.Node, key: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in cast("list[tuple[yaml.Node, yaml.Node]]", node.value):
            if key_node.value == key:
                return value_node
    return None


def _expect(changed: str, text: str, path: tuple[str, ...], value: str) -> None:
    expected: Any = parse(text, "the stack's file").data
    at: Any = expected
    for part in path[:-1]:
        at[part] = at = dict(cast("dict[str, Any]", at.get(part) or {}))
    at[path[-1]] = value
    if parse(changed, "the stack's file").data != expected:
        raise InvalidInput(
            [
                Problem(
                    Spot("the stack's file", 0, path),
                    "cannot be edited in place",
                    mend="write the credential as a plain block mapping",
                )
            ]
        )


def _write(file: Path, content: bytes) -> None:
    """Replaces `file`, or what it is a link to, in one step, its permissions kept."""
    file = file.resolve()
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        temporary.chmod(file.stat().st_mode)
        temporary.replace(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
