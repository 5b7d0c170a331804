"""What must hold between the parts of a stack: names exist, credentials are there and used, objects have one writer."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast, final

from alertpath import durations, matchers
from alertpath.catalog import ANY, Audience, Maintenance, Service, Timing
from alertpath.credentials import RENDERABLE, Credential, StoredCredential, stored
from alertpath.plaintext import looks_pasted
from alertpath.problems import Problem, shown
from alertpath.reading import Reader
from alertpath.receivers import Receiver, Use
from alertpath.sources import CatalogSource, Sources
from alertpath.time_intervals import parse as parse_interval
from alertpath.yamlfile import Document, Place


@final
@dataclass(frozen=True)
class Named:
    """Where something is named."""

    document: Document
    place: Place


@final
@dataclass(frozen=True)
class UseAt:
    """A use of a credential and where it is written."""

    use: Use
    at: Named


def check(sources: Sources) -> list[Problem]:
    """Every inconsistency of a stack.

    Where parts were left out because they are invalid themselves, what depends on their absence is not reported.
    """
    return [
        *_unique(sources),
        *_receivers(sources),
        *_audiences(sources),
        *_time_intervals(sources),
        *_maintenance(sources),
        *_credentials(sources),
        *_delivery(sources),
    ]


# --- receivers


def _definitions(sources: Sources) -> Iterator[tuple[str, Receiver, Named]]:
    for source in sources.catalogs:
        for name, receiver in source.catalog.receivers.items():
            yield name, receiver, Named(source.document, ("receivers", name))
    for name, receiver in sources.settings.receivers.items():
        if receiver is not None:
            yield name, receiver, Named(sources.document, sources.place("receivers", name))


def known_receivers(sources: Sources) -> dict[str, Receiver]:
    """All defined receivers by name; a stack's own definition wins over a catalog's."""
    return {name: receiver for name, receiver, _ in _definitions(sources)}


def replacements(known: Mapping[str, Receiver], present: Iterable[str]) -> dict[str, str]:
    """For each receiver that the stack lacks, the one that gets its alerts (`where_absent`), where there is one."""
    present = set(present)
    found: dict[str, str] = {}
    for name in known:
        seen: set[str] = set()
        at: str | None = name
        while at is not None and at not in present and at not in seen:
            seen.add(at)
            at = known[at].where_absent if at in known else None
        if at is not None and at in present and at != name:
            found[name] = at
    return found


def _written_names(sources: Sources, section: str) -> set[str]:
    """The names that `section` of the stack's file or a catalog defines, with invalid definitions too."""
    written: set[str] = set()
    settings: object = sources.document.data
    for part in sources.place():
        settings = cast("dict[Any, Any]", settings)[part]
    for data in (settings, *(source.document.data for source in sources.catalogs)):
        names = cast("dict[str, Any]", data).get(section) if isinstance(data, dict) else None
        if isinstance(names, dict):
            written |= {name for name, value in cast("dict[str, Any]", names).items() if value is not None}
    return written


def _suggest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]}?" if close else "define it, or correct the name"


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none is defined"


def _receivers(sources: Sources) -> Iterator[Problem]:
    settings = sources.settings
    known = known_receivers(sources)
    written = _written_names(sources, "receivers")
    for name in _undefined(sources):
        yield sources.document.problem(
            sources.place("receivers"),
            "unknown receiver",
            value=shown(name),
            allowed=_names(known),
            mend=_suggest(name, known),
        )
    for name, receiver, at in _definitions(sources):
        other = receiver.where_absent
        if other is not None and other not in written:
            yield at.document.problem(
                (*at.place, "where_absent"),
                "unknown receiver",
                value=shown(other),
                allowed=_names(set(known) - {name}),
                mend=_suggest(other, set(known) - {name}),
            )
    default = settings.routing.default_receiver
    place = sources.place("routing", "default_receiver")
    if default is None:
        if _is_production(sources) and not sources.damaged(sources.document, place):
            yield sources.document.problem(
                place,
                "is missing: alerts that no route takes would reach nobody",
                allowed=_names(settings.receivers),
                mend="name the receiver that gets them",
            )
    else:
        yield from _must_exist(sources, default, Named(sources.document, place))


def _undefined(sources: Sources) -> list[str]:
    """The receivers that the stack has by name and nobody defines."""
    if sources.unread:
        return []
    defined = _written_names(sources, "receivers")
    return [name for name in sources.settings.receivers if name not in defined]


def _is_production(sources: Sources) -> bool:
    flag = sources.settings.production
    return sources.name in ("production", "prod") if flag is None else flag


def _must_exist(sources: Sources, name: str, at: Named) -> Iterator[Problem]:
    """`name` must be a receiver of the stack, or have a replacement there."""
    known, present = known_receivers(sources), sources.settings.receivers
    if name in present or name in replacements(known, present):
        return
    if name not in known:
        if sources.unread or name in _written_names(sources, "receivers"):
            return
        yield at.document.problem(
            at.place,
            "unknown receiver",
            value=shown(name),
            allowed=_names(known),
            mend=_suggest(name, known),
        )
    elif not _undefined(sources):
        # Otherwise it is likely the one whose name is misspelt there.
        yield at.document.problem(
            at.place,
            f"this receiver does not exist in the stack {sources.name}",
            value=shown(name),
            allowed=_names(present),
            mend="add it to the stack's receivers, or say in its definition who gets its alerts: `where_absent`",
        )


# --- services, namespaces, targets


def _audience_sections(source: CatalogSource) -> Iterator[tuple[str, str, Audience]]:
    for name, service in source.catalog.services.items():
        yield "services", name, service
    for name, audience in source.catalog.namespaces.items():
        yield "namespaces", name, audience


def _audiences(sources: Sources) -> Iterator[Problem]:
    severities = sources.settings.routing.severities
    intervals = _interval_names(sources)
    for source in sources.catalogs:
        document = source.document
        for severity, timing in source.catalog.timing.items():
            if severity not in (*severities, ANY):
                yield _unknown_severity(document, ("timing", severity), severity, severities)
            if timing.group_interval or timing.repeat_interval:
                yield from _timing(sources, document, ("timing", severity), [timing])
        for section, name, audience in _audience_sections(source):
            place: Place = (section, name)
            if not any(True for _ in audience.targets()) and not sources.damaged(document, place):
                yield document.problem(
                    place,
                    "names no receiver",
                    allowed=", ".join((*severities, ANY)),
                    mend="say who is told, by severity, or remove it",
                )
            for severity, target in audience.targets():
                at = (*place, severity)
                if severity not in (*severities, ANY):
                    yield _unknown_severity(document, at, severity, severities)
                to = (*at, "to") if (*at, "to") in document.lines else at
                yield from _must_exist(sources, target.to, Named(document, to))
                defaults = source.catalog.timing.get(severity, Timing())
                if target.group_interval or target.repeat_interval:
                    yield from _timing(sources, document, at, [target, defaults])
                for field in ("active_time_intervals", "mute_time_intervals"):
                    for index, interval in enumerate(getattr(target, field)):
                        if interval not in intervals:
                            yield document.problem(
                                (*at, field, index),
                                "unknown time interval",
                                value=shown(interval),
                                allowed=_names(intervals),
                                mend=_suggest(interval, intervals),
                            )


def _unknown_severity(document: Document, place: Place, severity: str, severities: list[str]) -> Problem:
    return document.problem(
        place,
        "unknown key",
        value=shown(severity),
        allowed=f"a severity ({', '.join(severities)}), or {ANY}" + (", or match" if place[0] == "services" else ""),
        mend=_suggest(severity, (*severities, ANY, "match")),
    )


def effective_timing(sources: Sources, timings: Iterable[Timing]) -> Timing:
    """What a route waits and groups by: the first of `timings` that says so, else the root route."""
    merged: dict[str, Any] = {}
    for timing in (*timings, sources.settings.routing.timing()):
        for field in Timing.model_fields:
            if merged.get(field) is None:
                merged[field] = getattr(timing, field)
    return Timing.model_validate(merged)


def _timing(sources: Sources, document: Document, place: Place, timings: list[Timing]) -> Iterator[Problem]:
    yield from _repeats_after_interval(document, place, effective_timing(sources, timings))


def _repeats_after_interval(document: Document, place: Place, timing: Timing) -> Iterator[Problem]:
    group, repeat = timing.group_interval or "", timing.repeat_interval or ""
    if durations.parse(repeat) < durations.parse(group):
        yield document.problem(
            (*place, "repeat_interval"),
            "is shorter than group_interval, so it would have no effect",
            value=f"repeat_interval {repeat}, group_interval {group}",
            allowed="repeat_interval of at least group_interval",
            mend="raise repeat_interval or lower group_interval",
        )


# --- names that may stand once only


def _unique(sources: Sources) -> Iterator[Problem]:
    seen: dict[tuple[str, str], Named] = {}
    claims: dict[frozenset[str], tuple[str, Named]] = {}
    for source in sources.catalogs:
        catalog, document = source.catalog, source.document
        entries: list[tuple[str, str, Place]] = [("team", catalog.team, ("team",))]
        for section in ("receivers", "services", "namespaces", "time_intervals"):
            entries += [(section, name, (section, name)) for name in getattr(catalog, section)]
        entries += [("window", window.name, ("maintenance", i, "name")) for i, window in enumerate(catalog.maintenance)]
        for kind, name, place in entries:
            if (first := seen.get((kind, name))) is not None:
                what = {"team": "team", "window": "maintenance window"}.get(
                    kind, kind.removesuffix("s").replace("_", " ")
                )
                yield document.problem(
                    place,
                    f"duplicate {what}",
                    value=shown(name),
                    allowed="each name once in all catalogs",
                    mend=f"remove this one, or that in {first.document.file}:{first.document.line(first.place)}",
                )
            else:
                seen[kind, name] = Named(document, place)
        for name, service in catalog.services.items():
            claim = frozenset(map(str, service_matchers(name, service)))
            at = Named(document, ("services", name))
            if claim in claims and claims[claim][0] != name:
                other, first = claims[claim]
                yield document.problem(
                    at.place,
                    f"claims the same alerts as the service {other}",
                    value=" and ".join(sorted(claim)),
                    allowed="each alert claimed by one service",
                    mend=f"correct `match` here or in {first.document.file}:{first.document.line(first.place)}",
                )
            claims.setdefault(claim, (name, at))


def service_matchers(name: str, service: Service) -> list[matchers.Matcher]:
    """The matchers that an alert of this service satisfies, severity aside."""
    if not service.match:
        return [matchers.Matcher("service", "=", name)]
    return [matchers.parse(text) for text in service.match]


# --- time intervals and maintenance


def _interval_names(sources: Sources) -> set[str]:
    names = _written_names(sources, "time_intervals")
    for native in (sources.settings.native, *(source.catalog.native for source in sources.catalogs)):
        names |= {item["name"] for item in native.time_intervals if isinstance(item, dict) and "name" in item}
    return names


def _time_intervals(sources: Sources) -> Iterator[Problem]:
    for source in sources.catalogs:
        for name, definitions in source.catalog.time_intervals.items():
            for index, definition in enumerate(definitions):
                yield from interval_problems(source.document, ("time_intervals", name, index), definition)


def interval_problems(document: Document, place: Place, definition: object) -> Iterator[Problem]:
    """What is wrong with one interval definition in Alertmanager's own form."""
    reader = Reader(document.file, document.line)
    parse_interval(reader, definition, place)
    yield from reader.problems


def _maintenance(sources: Sources) -> Iterator[Problem]:
    severities = sources.settings.routing.severities
    for source in sources.catalogs:
        for index, window in enumerate(source.catalog.maintenance):
            place: Place = ("maintenance", index)
            for field, known in (
                ("services", list(source.catalog.services)),
                ("namespaces", list(source.catalog.namespaces)),
                ("severities", [*severities, ANY]),
            ):
                for name in cast("list[str]", getattr(window, field) or []):
                    if name not in known:
                        yield source.document.problem(
                            (*place, field),
                            f"unknown {field.removesuffix('s') if field != 'severities' else 'severity'}",
                            value=shown(name),
                            allowed=_names(known),
                            mend=_suggest(name, known),
                        )


def is_muted_by(window: Maintenance, section: str, name: str, severity: str, receiver: Receiver) -> bool:
    """Whether a maintenance window covers the alerts of a service or namespace (`section`) of one severity."""
    chosen = window.services if section == "services" else window.namespaces
    if window.services is None and window.namespaces is None:
        covered = True
    else:
        covered = chosen is not None and name in chosen
    if window.severities is not None:
        return covered and severity in window.severities
    return covered and severity != "critical" and not receiver.is_page()


# --- credentials


def uses(sources: Sources, receivers: Mapping[str, Receiver]) -> dict[str, list[UseAt]]:
    """Every credential that the stack's receivers and its heartbeat use, with all uses."""
    defined = {name: at for name, _, at in _definitions(sources)}
    found: dict[str, list[UseAt]] = defaultdict(list)
    for name, receiver in receivers.items():
        for use in receiver.uses():
            at = defined[name]
            found[use.credential].append(UseAt(use, Named(at.document, (*at.place, *use.place))))
    heartbeat = sources.settings.heartbeat
    if heartbeat is not None:
        at = Named(sources.document, sources.place("heartbeat", "credential"))
        found[heartbeat.credential].append(
            UseAt(Use(heartbeat.credential, ("heartbeat", "credential"), "https-url"), at)
        )
    return dict(found)


def _credentials(sources: Sources) -> Iterator[Problem]:
    known = known_receivers(sources)
    present = {name: known[name] for name in sources.settings.receivers if name in known}
    found = uses(sources, present)
    uses_unknown = (
        sources.unread
        or bool(_undefined(sources))
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
                value=shown(name),
                allowed=_names(written),
                mend="add it to the stack's settings: credentials.values.{name}",
            )
        else:
            yield from _uses_agree(sources, name, places)
            if not sources.damaged(sources.document, sources.place("credentials", "values", name)):
                yield from _provider_can(sources, name)
    for name in values:
        if name not in found and not uses_unknown:
            yield sources.document.problem(
                sources.place("credentials", "values", name),
                "this credential is never used",
                value=shown(name),
                allowed=_names(found),
                mend="remove it, or name it in a receiver of this stack",
            )
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
    shapes = {place.use.shape for place in places}
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
        yield lacks("`value`", f"pulumi config set --secret --path 'settings.credentials.values.{name}.value'")
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


# --- delivery


def _delivery(sources: Sources) -> Iterator[Problem]:
    settings = sources.settings
    yield from _repeats_after_interval(sources.document, sources.place("routing"), settings.routing.timing())
    if settings.delivery == "files":
        if settings.alertmanager.mounts == "patch":
            yield sources.document.problem(
                sources.place("alertmanager", "mounts"),
                "a live object cannot be patched by files",
                value="patch",
                allowed="with delivery: files, object or none",
                mend="`object` renders the whole Alertmanager; with `none` its owner adds spec.secrets",
            )
    elif settings.argocd is not None:
        yield sources.document.problem(
            sources.place("argocd"),
            "two writers for the same objects: with delivery: cluster, the stack applies them itself",
            value="delivery: cluster",
            allowed="argocd with delivery: files only",
            mend="remove `argocd`, or set delivery: files",
        )
