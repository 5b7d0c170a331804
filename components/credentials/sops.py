"""Values of a file encrypted with sops (https://getsops.io), decrypted in memory by the `sops` binary.

Neither values nor anything that sops prints is ever shown: it may quote the file. What went wrong is told by sops' exit
code (cmd/sops/codes/codes.go in its source).
"""

from __future__ import annotations

import base64
import binascii
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Required, cast, final

import pulumi

from alertpath.documents.places import Spot
from alertpath.documents.problems import InvalidInput, Problem
from alertpath.inputs.credentials import Concealed, shape_fault
from alertpath.inputs.stack import Stack
from components.arguments import given
from components.credentials.provider import (
    CredentialsArgs,
    CredentialsArgsDict,
    CredentialSource,
    FromStack,
    Texts,
    common,
    plain_secrets,
    texts_of,
    unknown,
)

_NO_KEY: Final = 128
_FAILURES: Final[Mapping[int, tuple[str, str]]] = {
    2: ("cannot be read", "correct credentials.sops.file"),
    24: ("its message authentication code cannot be decrypted: somebody changed the file", "restore the file"),
    25: ("a value cannot be decrypted: somebody changed the file", "restore the file, or encrypt it again"),
    51: (
        "its message authentication code does not match: somebody changed the file without sops",
        "restore the file, or encrypt it again",
    ),
    52: ("it has no message authentication code", "encrypt it with sops"),
    100: ("cannot be read", "correct credentials.sops.file"),
}


@final
class Unavailable(Exception):
    """The values cannot be decrypted here, whatever the file says: no sops, or none of its keys."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem: Final = problem


def read(stack: Stack) -> dict[str, Concealed]:
    """The values, by credential. Raises InvalidInput, Unavailable."""
    used = [each for each in stack.credentials.values() if each.provider == "sops"]
    settings = stack.settings.credentials.sops
    if not used or settings is None:
        return {}
    document = _decrypt(stack.directory / settings.file, settings.file)
    values: dict[str, Concealed] = {}
    problems: list[Problem] = []
    for each in used:
        value = _value(document, each.field)
        fault = "is missing, or is no text" if value is None else shape_fault(value, each.shape)
        if fault is None:
            values[each.name] = Concealed(value)
        else:
            problems.append(
                Problem(
                    Spot(settings.file, 0, tuple(each.field.split("."))),
                    f"{fault} (credential {each.name})",
                    mend=f"sops {settings.file}, or correct credentials.values.{each.name}.field",
                )
            )
    if problems:
        raise InvalidInput(problems)
    return values


def _decrypt(file: Path, shown: str) -> dict[str, Any]:
    def problem(message: str, mend: str) -> Problem:
        return Problem(Spot(shown), message, mend=mend)

    try:
        done = subprocess.run(
            ["sops", "--decrypt", "--output-type", "json", str(file)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise Unavailable(
            problem(
                f"the program sops cannot be run ({reason})", "install sops (https://getsops.io) and put it on PATH"
            )
        ) from None
    if done.returncode == _NO_KEY:
        raise Unavailable(
            problem(
                "none of the keys that it is encrypted for is available",
                "give sops a key, for example by SOPS_AGE_KEY_FILE, or add yours with `sops updatekeys`",
            )
        )
    if done.returncode:
        code = done.returncode
        message, mend = _FAILURES.get(
            code,
            (f"sops cannot decrypt it (exit code {code})", f"find the reason with `sops --decrypt {shown} >/dev/null`"),
        )
        raise InvalidInput([problem(message, mend)])
    document = json.loads(done.stdout)
    if not isinstance(document, dict):
        raise InvalidInput([problem("is not a mapping of names to values", "encrypt a mapping")])
    return cast("dict[str, Any]", document)


def _value(document: Mapping[str, Any], field: str) -> str | None:
    """The text at a dotted way; of a Kubernetes Secret's `data`, what its Base64 stands for."""
    at: object = document
    for part in _parts(document, field):
        if not isinstance(at, Mapping):
            return None
        at = cast("Mapping[str, object]", at).get(part)
    if not isinstance(at, str):
        return None
    if document.get("kind") == "Secret" and field.startswith("data."):
        try:
            return base64.b64decode(at, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            return None
    return at


def _parts(document: Mapping[str, Any], field: str) -> Sequence[str]:
    # A name may hold dots itself.
    return [field] if field in document else field.split(".")


class SopsSecretsArgsDict(CredentialsArgsDict, total=False):
    """As SopsSecretsArgs."""

    file: Required[str]
    secrets: Required[Mapping[str, Mapping[str, str]]]


@final
@dataclass(frozen=True, kw_only=True)
class SopsSecretsArgs(CredentialsArgs):
    """`file`: the encrypted file, relative to the program; `secrets`: Secret -> key -> the dotted way in the file.

    `texts`: the values, where the program has read them already.
    """

    file: str
    secrets: Mapping[str, Mapping[str, str]]
    texts: Texts | None = None


@final
class SopsSecrets(CredentialSource):
    """A Secret with values of an encrypted file.

    Raises InvalidInput where the file or a value cannot be read; a preview goes on where only a key is missing.
    """

    provider = "sops"

    def __init__(
        self, name: str, args: SopsSecretsArgs | SopsSecretsArgsDict, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        args = given(SopsSecretsArgs, args)
        texts = _texts(args) if args.texts is None else args.texts
        self._end(*plain_secrets(self._begin(name, args, opts), args, texts))

    @classmethod
    def of_stack(cls, name: str, said: FromStack, opts: pulumi.ResourceOptions) -> SopsSecrets:
        """The component with what a stack says of its provider."""
        # They are read and checked before anything is declared, all providers' together.
        texts = texts_of(cls, said)
        return cls(name, SopsSecretsArgs(file="", secrets={}, texts=texts, **common(said.stack)), opts)


def _texts(args: SopsSecretsArgs) -> Texts:
    try:
        document = _decrypt(Path(args.file), args.file)
    except Unavailable as error:
        if not pulumi.runtime.is_dry_run():
            raise InvalidInput([error.problem]) from None
        pulumi.log.warn(f"{error.problem}\n    so this preview knows no value of it")
        return {secret: dict.fromkeys(fields, unknown()) for secret, fields in args.secrets.items()}
    found = {
        secret: {key: _value(document, field) for key, field in fields.items()}
        for secret, fields in args.secrets.items()
    }
    missing = [
        Problem(
            Spot(args.file, 0, tuple(args.secrets[secret][key].split("."))),
            "is missing, or is no text",
            mend=f"sops {args.file}",
        )
        for secret, values in found.items()
        for key, value in values.items()
        if value is None
    ]
    if missing:
        raise InvalidInput(missing)
    return {secret: {key: text or "" for key, text in values.items()} for secret, values in found.items()}
