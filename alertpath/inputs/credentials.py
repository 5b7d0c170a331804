"""Where each credential comes from, and what its value must look like. No value is ever printed."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final, Literal, final
from urllib.parse import urlsplit

from alertpath.inputs.fields import ApiVersion, DnsLabel, Identifier, KubernetesName, PositiveDuration, SecretKey, Url
from alertpath.inputs.models import Before, Fault, Model, field
from alertpath.inputs.receivers import Shape

Provider = Literal["external-secrets", "sealed-secrets", "sops", "pulumi-config", "generated", "existing"]
MOUNT: Final = "/etc/alertmanager/secrets"
# Providers whose objects hold no readable value, so that they may be written to a repository.
RENDERABLE: Final = frozenset({"external-secrets", "sealed-secrets", "existing"})


_CIPHERTEXT: Final = re.compile(r"[A-Za-z0-9+/]{200,}={0,2}")
_RSA_BYTES: Final = (128, 256, 384, 512, 768, 1024)
_TAG_BYTES: Final = 16


def is_ciphertext(text: str) -> bool:
    """Whether `text` has the form of what `kubeseal --raw` writes: an RSA block, its length first, then AES-GCM.

    Sources: sealed-secrets, pkg/crypto/crypto.go, HybridEncrypt.
    """
    if not _CIPHERTEXT.fullmatch(text) or len(text) % 4:
        return False
    data = base64.b64decode(text)
    length = int.from_bytes(data[:2], "big")
    return length in _RSA_BYTES and len(data) >= 2 + length + _TAG_BYTES


def _sealed(value: object) -> object:
    if not isinstance(value, str) or not is_ciphertext(value):
        raise Fault(
            "is not a ciphertext of kubeseal",
            "what `alertpath seal` writes here",
            "if this is the credential itself: take it out of the file and its history, replace it at its service, "
            "and seal the new one",
            secret=True,
        )
    return value


Ciphertext = Annotated[str, Before(_sealed)]


@final
class Concealed:
    """A credential's value that is held but never printed; without a text it is known to exist, not readable here."""

    __slots__ = ("_text",)

    def __init__(self, text: str | None = None) -> None:
        self._text = text

    def reveal(self) -> str | None:
        """The value itself: only for the object that stores it."""
        return self._text

    def __repr__(self) -> str:
        return "Concealed()"


class RemoteRef(Model):
    """Where a value lies in the store that External Secrets reads: ExternalSecret `remoteRef`."""

    key: str = field(min_length=1)
    property: str | None = None
    version: str | None = None


class Store(Model):
    """The External Secrets store to read from."""

    name: KubernetesName
    kind: Literal["SecretStore", "ClusterSecretStore"] = "SecretStore"


class Vault(Model):
    """The Vault server of a SecretStore that the stack declares itself; `auth` is as in the SecretStore."""

    server: Url
    path: str
    version: Literal["v1", "v2"] = "v2"
    namespace: str | None = None
    ca_bundle: str | None = None
    auth: dict[str, Any]


class ExternalSecrets(Model):
    """Settings of the provider external-secrets.

    `names` gives the ExternalSecret another name than its target Secret; `vault` declares the SecretStore too.
    """

    api_version: ApiVersion = "external-secrets.io/v1"
    store: Store
    refresh_interval: PositiveDuration = "1h"
    names: dict[KubernetesName, KubernetesName] = field(default_factory=dict)
    vault: Vault | None = None

    def check(self) -> None:
        """A store of the stack's own is in its own namespace."""
        if self.vault and self.store.kind != "SecretStore":
            raise Fault(
                "declares a Vault store of a kind that all namespaces share",
                "store.kind: SecretStore where `vault` is given",
                "remove `vault` and let the cluster's owner declare the ClusterSecretStore",
            )


class SealedSecrets(Model):
    """Settings of the provider sealed-secrets: the controller that `alertpath seal` asks, or an offline certificate."""

    controller_name: DnsLabel = "sealed-secrets-controller"
    controller_namespace: DnsLabel = "kube-system"
    certificate: str | None = None


class Sops(Model):
    """Settings of the provider sops: the encrypted file, relative to the stack's file."""

    file: str


class Credential(Model):
    """One credential: the Secret and key that hold it, and what its provider needs to know.

    Mounted at /etc/alertmanager/secrets/SECRET/KEY. `remote`: external-secrets; `sealed`: sealed-secrets' ciphertext;
    `field`: the dotted way inside the sops file; `value`: pulumi-config, encrypted by
    `pulumi config set --secret --path`. `legacy_webhook` allows one Slack webhook for several channels, which only
    Slack's legacy integrations can do.
    """

    discreet: ClassVar[bool] = True

    provider: Provider | None = None
    secret: KubernetesName | None = None
    key: SecretKey | None = None
    remote: RemoteRef | None = None
    sealed: Ciphertext | None = None
    field: str | None = None
    value: Concealed | None = None
    legacy_webhook: bool = False


class Credentials(Model):
    """All credentials of a stack: a provider for those that name none, its settings, and the credentials by name."""

    provider: Provider | None = None
    secret: KubernetesName = "alertmanager-secrets"
    external_secrets: ExternalSecrets | None = None
    sealed_secrets: SealedSecrets = SealedSecrets()
    sops: Sops | None = None
    values: dict[Identifier, Credential | None] = field(default_factory=dict)


@final
@dataclass(frozen=True)
class StoredCredential:
    """A credential that a stack uses, all defaults filled in; its shape follows from its use."""

    name: str
    provider: Provider
    secret: str
    key: str
    shape: Shape
    remote: RemoteRef | None = None
    sealed: str | None = None
    field: str = ""
    value: Concealed | None = None

    @property
    def path(self) -> str:
        """The file that Alertmanager reads it from."""
        return f"{MOUNT}/{self.secret}/{self.key}"


def stored(credentials: Credentials, name: str, shape: Shape) -> StoredCredential:
    """The credential `name` as the stack stores it; consistency.check has made sure that it can be."""
    given = credentials.values.get(name) or Credential()
    return StoredCredential(
        name=name,
        provider=given.provider or credentials.provider or "existing",
        secret=given.secret or credentials.secret,
        key=given.key or name,
        shape=shape,
        remote=given.remote,
        sealed=given.sealed,
        field=given.field or name,
        value=given.value,
    )


_SPACE: Final = re.compile(r"\s")
_ROUTING_KEY: Final = re.compile(r"[A-Za-z0-9]{32}")
_SLACK_TOKEN: Final = re.compile(r"xox[a-z]-[A-Za-z0-9-]{10,}")


def shape_fault(text: str, shape: Shape) -> str | None:
    """Why `text` cannot be a credential of this shape, or None; never quotes the text.

    Sources: PagerDuty Events API v2 (routing keys are 32 characters), Slack's incoming webhooks (https).
    One newline at the end is allowed: Alertmanager trims it since 0.25.
    """
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        return "is empty"
    if _SPACE.search(text):
        return "has white space inside"
    if shape == "routing-key" and not _ROUTING_KEY.fullmatch(text):
        return f"is not a PagerDuty routing key: 32 letters and digits (it has {len(text)} characters)"
    if shape == "slack-app-token" and not _SLACK_TOKEN.fullmatch(text):
        return "is not a Slack app token: xoxb-..."
    if shape == "https-url":
        try:
            parts = urlsplit(text)
            host = parts.hostname
        except ValueError:
            return "is not a URL"
        if not host:
            return "is not a URL: https://HOST/..."
        loopback = host in ("localhost", "::1") or host.startswith("127.")
        if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
            return "is not an https URL (plain http is taken only to loopback)"
    return None
