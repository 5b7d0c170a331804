"""Credentials: each is there, used, of one kind, and has a provider that can put it where only it writes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast, final

from alertpath.documents.places import Place
from alertpath.documents.problems import Problem, shown
from alertpath.documents.redaction import looks_pasted, reads_as_name
from alertpath.documents.yaml_file import Document, texts
from alertpath.inputs.consistency.names import Named, names
from alertpath.inputs.consistency.receivers import definitions, known_receivers, undefined
from alertpath.inputs.credentials import MOUNT, RENDERABLE, Credential, StoredCredential, stored
from alertpath.inputs.models import SECRET
from alertpath.inputs.receivers import Receiver, Use
from alertpath.inputs.sources import Sources

NATIVE: Final = ("native", "")
"""The place of a use that is written in Alertmanager's own words."""


@final
@dataclass(frozen=True)
class UseAt:
    """A use of a credential and where it is written."""

    use: Use
    at: Named


def uses(sources: Sources, receivers: Mapping[str, Receiver]) -> dict[str, list[UseAt]]:
    """Every credential that the stack's receivers and its heartbeat use, with all uses."""
    defined = {name: at for name, _, at in definitions(sources)}
    found: dict[str, list[UseAt]] = defaultdict(list)
    for name, receiver in receivers.items():
        for use in receiver.uses():
            at = defined[name]
            found[use.credential].append(UseAt(use, Named(at.document, (*at.place, *use.place))))
    by_path = {_stored(sources, name).path: name for name in sources.settings.credentials.values}
    for path, at in _native_paths(sources, receivers):
        if path in by_path:
            found[by_path[path]].append(UseAt(Use(by_path[path], NATIVE, "opaque"), at))
    heartbeat = sources.settings.heartbeat
    if heartbeat is not None:
        at = Named(sources.document, sources.place("heartbeat", "credential"))
        found[heartbeat.credential].append(
            UseAt(Use(heartbeat.credential, ("heartbeat", "credential"), "https-url"), at)
        )
    return dict(found)


def _stored(sources: Sources, name: str) -> StoredCredential:
    return stored(sources.settings.credentials, name, "opaque")


def _native_paths(sources: Sources, receivers: Mapping[str, Receiver]) -> Iterator[tuple[str, Named]]:
    """The mounted files that receivers in Alertmanager's own words name, and where."""
    parts: list[tuple[object, Document, Place]] = [
        (receivers[name].native, at.document, (*at.place, "native"))
        for name, receiver, at in definitions(sources)
        if receivers.get(name) is receiver
    ]
    parts.append((sources.settings.native.receivers, sources.document, sources.place("native", "receivers")))
    for source in sources.catalogs:
        parts.append((source.catalog.native.receivers, source.document, ("native", "receivers")))
    for data, document, place in parts:
        for at, text in texts(data, place):
            if text.startswith(f"{MOUNT}/"):
                yield text, Named(document, at)


def _mounted(sources: Sources, receivers: Mapping[str, Receiver]) -> Iterator[Problem]:
    paths = {_stored(sources, name).path for name in sources.settings.credentials.values}
    for path, at in _native_paths(sources, receivers):
        if path not in paths:
            yield at.document.problem(
                at.place,
                f"no credential of the stack {sources.name} is mounted there, so this receiver would tell nobody",
                value=shown(path),
                allowed=", ".join(sorted(paths)) or f"{MOUNT}/SECRET/KEY of a credential",
                mend="add the credential with this `secret` and `key` to credentials.values, or correct the path",
                kind="file-not-mounted",
            )


def check(sources: Sources) -> Iterator[Problem]:
    """Every problem with them."""
    known = known_receivers(sources)
    present = {name: known[name] for name in sources.settings.receivers if name in known}
    found = uses(sources, present)
    uses_unknown = (
        sources.unread
        or bool(undefined(sources))
        or any(
            sources.damaged(document, place)
            for document, place in (
                (sources.document, sources.place("receivers")),
                (sources.document, sources.place("heartbeat")),
                *((source.document, ("receivers",)) for source in sources.catalogs),
            )
        )
    )
    values = sources.settings.credentials.values
    written = _written_credentials(sources)
    for name, places in found.items():
        if looks_pasted(name):
            continue
        if name not in written:
            first = places[0].at
            yield first.document.problem(
                first.place,
                f"no such credential in the stack {sources.name}",
                value=shown(name) if reads_as_name(name) else SECRET,
                allowed=names(written),
                mend="add it to the stack's settings: credentials.values."
                + (
                    name
                    if reads_as_name(name)
                    else "NAME; if this is the credential itself, take it out and replace it"
                ),
            )
        else:
            yield from _uses_agree(sources, name, places)
            if not sources.damaged(sources.document, sources.place("credentials", "values", name)):
                yield from _provider_can(sources, name)
    for name in values:
        place = sources.place("credentials", "values", name)
        if name not in found and not uses_unknown and not sources.shared(place):
            yield sources.document.problem(
                place,
                "this credential is never used",
                value=shown(name),
                allowed=names(found.keys() & written),
                mend="remove it, or name it in a receiver of this stack",
            )
    yield from _mounted(sources, present)
    yield from _one_source_a_channel(sources, found)
    yield from _external_names(sources, found)
    yield from _one_writer(
        sources,
        [
            stored(sources.settings.credentials, name, places[0].use.shape)
            for name, places in found.items()
            if name in values and not sources.damaged(sources.document, sources.place("credentials", "values", name))
        ],
    )


def _written_credentials(sources: Sources) -> set[str]:
    data: object = sources.document.data
    for part in (*sources.place(), "credentials", "values"):
        data = cast("dict[Any, Any]", data).get(part) if isinstance(data, dict) else None
    return set(cast("dict[str, Any]", data)) if isinstance(data, dict) else set()


def _uses_agree(sources: Sources, name: str, places: list[UseAt]) -> Iterator[Problem]:
    shapes = {place.use.shape for place in places if place.use.place != NATIVE}
    last = places[-1].at
    if len(shapes) > 1:
        yield last.document.problem(
            last.place,
            "this credential is used for different kinds of values",
            value=shown(name),
            allowed="one kind of value for each credential",
            mend="give each use its own credential",
        )
    channels = {place.use.channel for place in places if place.use.channel}
    credential = sources.settings.credentials.values.get(name) or Credential()
    if len(channels) > 1 and not credential.legacy_webhook:
        yield last.document.problem(
            last.place,
            f"one Slack webhook for {len(channels)} channels: {', '.join(sorted(channels))}",
            value=shown(name),
            allowed="a webhook for each channel: an app's webhook posts only to its own and ignores `channel`",
            mend="give each channel its own credential, use an app_token, "
            f"or set credentials.values.{name}.legacy_webhook: true for a legacy integration",
        )


def _one_source_a_channel(sources: Sources, found: Mapping[str, list[UseAt]]) -> Iterator[Problem]:
    """Two credentials for two channels that read the same value are one webhook for two channels."""
    values = sources.settings.credentials.values
    seen: dict[object, tuple[str, str]] = {}
    for name, places in found.items():
        given = values.get(name) or Credential()
        channels = {place.use.channel for place in places if place.use.channel}
        if not channels or given.legacy_webhook or given.remote is None:
            continue
        first, channel = seen.setdefault(given.remote, (name, min(channels)))
        if first != name and channels != {channel}:
            yield sources.document.problem(
                sources.place("credentials", "values", name, "remote"),
                f"one Slack webhook for several channels: {first} for {channel} reads the same value",
                value=shown(given.remote.key + (f", {given.remote.property}" if given.remote.property else "")),
                allowed="a webhook for each channel: an app's webhook posts only to its own and ignores `channel`",
                mend="name each channel's own value, or set legacy_webhook: true for a legacy integration",
            )


def _external_names(sources: Sources, found: Mapping[str, list[UseAt]]) -> Iterator[Problem]:
    """Every ExternalSecret makes one Secret."""
    settings = sources.settings.credentials.external_secrets
    if settings is None:
        return
    stores = [_stored(sources, name) for name in found if name in sources.settings.credentials.values]
    secrets = sorted({each.secret for each in stores if each.provider == "external-secrets"})
    place = sources.place("credentials", "external_secrets", "names")
    for secret in settings.names:
        if secret not in secrets and not sources.unread and not sources.shared((*place, secret)):
            yield sources.document.problem(
                (*place, secret),
                "no ExternalSecret of this stack makes this Secret",
                value=shown(secret),
                allowed=names(secrets),
                mend="correct the name of the Secret, or remove the entry",
            )
    taken: dict[str, str] = {}
    for secret in secrets:
        name = settings.names.get(secret, secret)
        if (other := taken.setdefault(name, secret)) != secret:
            yield sources.document.problem(
                (*place, secret) if secret in settings.names else (*place, other),
                f"two Secrets, {other} and {secret}, would be made by one ExternalSecret",
                value=shown(name),
                allowed="a name for each",
                mend="choose another name for one of them",
            )


def _provider_can(sources: Sources, name: str) -> Iterator[Problem]:
    credentials = sources.settings.credentials
    given = credentials.values.get(name) or Credential()
    place = sources.place("credentials", "values", name)
    provider = given.provider or credentials.provider

    def lacks(what: str, mend: str, at: Place = place) -> Problem:
        return sources.document.problem(at, f"the provider {provider} needs {what}", allowed=what, mend=mend)

    if provider is None:
        yield sources.document.problem(
            place,
            "has no provider",
            allowed="external-secrets, sealed-secrets, sops, pulumi-config, generated, existing",
            mend="set credentials.provider for all, or `provider` here",
        )
    elif provider == "external-secrets":
        at = sources.place("credentials", "external_secrets")
        if credentials.external_secrets is None and not sources.damaged(sources.document, at):
            yield lacks("credentials.external_secrets.store.name", "name the store that holds the value", at)
        if given.remote is None:
            yield lacks("`remote`", "say where the store holds it: remote: {key: ..., property: ...}")
    elif provider == "sealed-secrets" and given.sealed is None:
        yield lacks("`sealed`", f"alertpath seal {name} --stack {sources.name}")
    elif provider == "sops" and credentials.sops is None:
        yield lacks(
            "credentials.sops.file",
            "name the encrypted file, relative to the stack's file",
            sources.place("credentials", "sops"),
        )
    elif provider == "pulumi-config" and given.value is None:
        yield lacks(
            "`value`",
            f"pulumi config set --stack {sources.name} --secret --path 'settings.credentials.values.{name}.value'",
        )
    for field, owner in (
        ("remote", "external-secrets"),
        ("sealed", "sealed-secrets"),
        ("field", "sops"),
        ("value", "pulumi-config"),
    ):
        if getattr(given, field) is not None and provider is not None and provider != owner:
            yield sources.document.problem(
                (*place, field),
                f"belongs to the provider {owner}, but this credential's provider is {provider}",
                allowed=f"`{field}` with provider {owner} only",
                mend=f"remove `{field}`, or set provider: {owner}",
            )


def _one_writer(sources: Sources, credentials: list[StoredCredential]) -> Iterator[Problem]:
    providers: dict[str, StoredCredential] = {}
    keys: dict[tuple[str, str], str] = {}
    told: set[str] = set()
    for credential in credentials:
        place = sources.place("credentials", "values", credential.name)
        first = providers.setdefault(credential.secret, credential)
        if first.provider != credential.provider and credential.secret not in told:
            told.add(credential.secret)
            yield sources.document.problem(
                place,
                f"the Secret {credential.secret} would be written by two providers",
                value=f"{first.name}: {first.provider}, {credential.name}: {credential.provider}",
                allowed="one provider for each Secret",
                mend="give one of the two another `secret`",
            )
        other = keys.setdefault((credential.secret, credential.key), credential.name)
        if other != credential.name:
            yield sources.document.problem(
                place,
                f"is stored at the same place as {other}",
                value=f"{credential.secret}/{credential.key}",
                allowed="a Secret and key for each credential",
                mend="give one of the two another `key`, or use one credential for both",
            )
        if credential.secret == sources.settings.alertmanager.secret:
            yield sources.document.problem(
                place,
                "would be stored in the configuration's own Secret",
                value=shown(credential.secret),
                allowed="another Secret",
                mend="choose another `secret`",
            )
        if sources.settings.delivery == "files" and credential.provider not in RENDERABLE:
            yield sources.document.problem(
                place,
                f"the provider {credential.provider} would write the value in plain text into a file",
                value=f"delivery: files, provider: {credential.provider}",
                allowed=f"with delivery: files, {', '.join(sorted(RENDERABLE))}",
                mend="choose one of these, or delivery: cluster",
            )
