"""What brings credentials into the cluster does its work: External Secrets and its store, Sealed Secrets."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from alertpath.alertmanager.durations import parse_go
from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Object, Observed, condition, part, parts, spec
from alertpath.cluster.outcomes import Outcome, failed, ok, warning
from alertpath.cluster.steps.base import Step
from alertpath.cluster.steps.words import applied, kubectl
from alertpath.delivery.manifests.credentials import DONE, by_secret
from alertpath.inputs.credentials import Provider
from alertpath.output.alert_classes import listed

_LATE: Final = timedelta(minutes=5)
KINDS: Final[Mapping[Provider, str]] = {"external-secrets": "ExternalSecret", "sealed-secrets": "SealedSecret"}
"""From which objects the Secrets of a provider are made."""


def broken(expected: Expected, observed: Observed) -> dict[str, str]:
    """The Secrets with credentials whose source has failed, and what that source is called."""
    found: dict[str, str] = {}
    if "declared" in observed.unread:
        return found
    for provider, kind in KINDS.items():
        for secret in by_secret(expected.stack, provider):
            name = source(expected, kind, secret)
            live = observed.declared.get((kind, name))
            ready = condition(live, DONE[kind])
            if live is None or (ready is not None and ready.get("status") != "True"):
                found[secret] = expected.subject(kind, name)
    return found


def source(expected: Expected, kind: str, secret: str) -> str:
    """The name of the object from which a Secret is made."""
    settings = expected.stack.settings.credentials.external_secrets
    return settings.names.get(secret, secret) if settings and kind == "ExternalSecret" else secret


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    return outcomes(expected, observed, expected.mounted)


def outcomes(expected: Expected, observed: Observed, secrets: Collection[str]) -> Iterator[Outcome]:
    """What is found of that from which these Secrets are made."""
    external, sealed = (
        [secret for secret in by_secret(expected.stack, provider) if secret in secrets] for provider in KINDS
    )
    if external:
        store = list(_store(expected, observed))
        yield from store
        if not any(outcome.status == "failed" for outcome in store):
            for secret in external:
                yield from _external(expected, observed, source(expected, "ExternalSecret", secret))
    for secret in sealed:
        yield from _sealed(expected, observed, secret)
    if not external and not sealed:
        yield ok("sources of credentials", "no External Secrets and no Sealed Secrets in this stack")


def _store(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    settings = expected.stack.settings.credentials.external_secrets
    if settings is None or "store" in observed.unread:
        return
    shared = settings.store.kind == "ClusterSecretStore"
    name = settings.store.name
    subject = f"{settings.store.kind} {name}" if shared else expected.subject(settings.store.kind, name)
    if observed.store is None:
        yield failed(
            subject,
            "does not exist, so nothing can be read from it",
            "its name is misspelt, or it is of the other kind (SecretStore, ClusterSecretStore)",
            "correct `credentials.external_secrets.store`, or let the store's owner make it",
        )
        return
    ready = condition(observed.store, "Ready")
    if ready is not None and ready.get("status") != "True":
        yield failed(
            subject,
            f"is not ready: {ready.get('reason', '')}: {ready.get('message', '')}",
            "the secret manager does not answer External Secrets, or does not accept its login",
            f"{kubectl(expected, f'describe {settings.store.kind.lower()} {name}')}; correct its address and `auth`",
        )


def _external(expected: Expected, observed: Observed, name: str) -> Iterator[Outcome]:
    live, subject = observed.declared.get(("ExternalSecret", name)), expected.subject("ExternalSecret", name)
    if live is None:
        return
    ready = condition(live, DONE["ExternalSecret"])
    if ready is None:
        yield failed(
            subject,
            "nobody has looked at it: it has no condition Ready",
            "External Secrets does not run, or does not watch this namespace",
            "start its controller (`kubectl --all-namespaces get pods | grep external-secrets`)",
        )
    elif ready.get("status") != "True":
        remotes = [part(each, "remoteRef") for each in parts(spec(live), "data")]
        keys = ["/".join(filter(None, (each.get("key"), each.get("property")))) for each in remotes]
        yield failed(
            subject,
            f"could not be synchronised: {ready.get('reason', '')}: {ready.get('message', '')}",
            f"the store holds no such key or property: {listed(keys)}; or it may not be read",
            "correct `remote` of the credential in the stack's file, or write the value into the store",
        )
    else:
        yield _fresh(expected, observed, live, subject)


def _fresh(expected: Expected, observed: Observed, live: Object, subject: str) -> Outcome:
    refreshed = str(part(live, "status").get("refreshTime") or "")
    settings = expected.stack.settings.credentials.external_secrets
    interval = timedelta(milliseconds=parse_go(settings.refresh_interval)) if settings else timedelta()
    try:
        age = observed.now - datetime.fromisoformat(refreshed)
    except ValueError:
        return ok(subject, "is ready")
    if interval and age > interval + _LATE:
        return warning(
            subject,
            f"is ready, but was last refreshed at {refreshed}, longer ago than its interval",
            "External Secrets has stopped: a rotated value does not arrive",
            "look at the logs of its controller",
        )
    return ok(subject, f"is ready, refreshed at {refreshed}")


def _sealed(expected: Expected, observed: Observed, name: str) -> Iterator[Outcome]:
    live, subject = observed.declared.get(("SealedSecret", name)), expected.subject("SealedSecret", name)
    if live is None:
        return
    synced = condition(live, DONE["SealedSecret"])
    if synced is None:
        yield failed(
            subject,
            "nobody has looked at it: it has no condition Synced",
            "the controller of Sealed Secrets does not run",
            "start it (`kubectl --all-namespaces get pods | grep sealed-secrets`)",
        )
    elif synced.get("status") != "True":
        yield failed(
            subject,
            f"could not be unsealed: {synced.get('message', '')}",
            "it was sealed for another cluster, namespace or Secret, or the Secret is somebody else's",
            f"`alertpath seal NAME --stack {expected.stack.name}` for each credential in it, then {applied(expected)}; "
            "where the Secret already existed, annotate it with sealedsecrets.bitnami.com/managed=true",
        )
    else:
        yield ok(subject, "is unsealed")


STEP: Final = Step("sources", "credentials come into the cluster", _look, ("declared",), ("access", "objects"))
