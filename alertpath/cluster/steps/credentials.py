"""Each credential is in its Secret, under its key, and of the right shape; no value is ever told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Observed, Secret
from alertpath.cluster.outcomes import Outcome, failed, ok, skipped, warning
from alertpath.cluster.steps.base import Step
from alertpath.cluster.steps.sources import broken
from alertpath.cluster.steps.words import applied, nearest
from alertpath.inputs.credentials import StoredCredential, shape_fault
from alertpath.output.alert_classes import listed

_WRITERS: Final = {
    "external-secrets": "write it into the store that External Secrets reads",
    "sealed-secrets": "`alertpath seal {name} --stack {stack}`, then {applied}",
    "sops": "correct it in the encrypted file (`sops FILE`), then {applied}",
    "pulumi-config": "`pulumi config set --stack {stack} --secret --path 'settings.credentials.values.{name}.value'`, "
    "then {applied}",
    "generated": "{applied}",
    "existing": "let its owner write it: it is not this stack's",
}


def _look(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    sources = broken(expected, observed)
    good: dict[str, list[str]] = {}
    for credential in sorted(expected.stack.credentials.values(), key=lambda each: (each.secret, each.key)):
        found = fault(expected, credential, observed.secrets.get(credential.secret))
        if found is None:
            good.setdefault(credential.secret, []).append(credential.key)
        elif found.status == "failed" and credential.secret in sources:
            yield skipped(found.subject, f"{found.message}; because {sources[credential.secret]} failed")
        else:
            yield found
    for secret, keys in good.items():
        yield ok(expected.subject("Secret", secret), f"has {listed(keys)}, of the right shape")
    yield from _shared(expected, observed)
    if not expected.stack.credentials:
        yield ok("credentials", "this stack needs none")


def fault(expected: Expected, credential: StoredCredential, secret: Secret | None) -> Outcome | None:
    """What is wrong with a credential in its Secret (None: there is no such Secret); None: nothing."""
    subject = f"{expected.subject('Secret', credential.secret)}, key {credential.key}"
    told = {"name": credential.name, "stack": expected.stack.name, "applied": applied(expected)}
    written = _WRITERS[credential.provider].format(**told)
    if secret is None:
        return failed(
            expected.subject("Secret", credential.secret),
            f"does not exist; Alertmanager needs its key {credential.key}, and new pods wait for it",
            f"whoever makes it (provider {credential.provider}) has not, or under another name",
            written,
        )
    if credential.key not in secret.values:
        return failed(
            subject,
            f"there is no such key; the Secret has {nearest(credential.key, secret.values) or 'none'}",
            "the key is misspelt there, or `key` of the credential in the stack's file is",
            f"correct `credentials.values.{credential.name}.key`, or {written}",
        )
    value = secret.text(credential.key)
    wrong = "is no text in UTF-8" if value is None else shape_fault(value, credential.shape)
    if wrong is None:
        return None
    return failed(subject, f"its value {wrong}", "another value was stored than was meant", written)


def _shared(expected: Expected, observed: Observed) -> Iterator[Outcome]:
    """Slack's webhooks post to one channel each, whatever the configuration asks for."""
    values: dict[str, list[StoredCredential]] = {}
    for credential in expected.stack.credentials.values():
        secret = observed.secrets.get(credential.secret)
        given = expected.stack.settings.credentials.values.get(credential.name)
        if secret is None or credential.shape != "https-url" or (given and given.legacy_webhook):
            continue
        if value := (secret.text(credential.key) or "").strip():
            values.setdefault(value, []).append(credential)
    for alike in values.values():
        if len(alike) > 1:
            names = listed([f"{each.secret}/{each.key}" for each in alike])
            yield warning(
                f"credentials {names}",
                "have the same value: messages for one channel arrive in the other's",
                "one webhook was stored twice; a Slack app's webhook posts only to its own channel",
                "make a webhook for each channel, and store each under its own key",
            )


STEP: Final = Step("credentials", "each credential is in its Secret", _look, ("secrets",), ("access", "update"))
