"""What an update meets in its cluster, known before it changes anything.

Takes what was read (`Observed`) and what the stack declares, gives a `Preflight`: why the update must not begin, which
of its objects somebody has changed, removed or owns too, and whether pods restart. It changes nothing itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, cast, final

from alertpath.cluster import ownership
from alertpath.cluster.expected import Expected
from alertpath.cluster.observed import Object, Observed, Part, part, spec
from alertpath.cluster.outcomes import Outcome, failed
from alertpath.cluster.ownership import Owner
from alertpath.cluster.steps import alertmanager as alertmanager_step
from alertpath.cluster.steps import credentials as credentials_step
from alertpath.cluster.steps.objects import differences
from alertpath.cluster.steps.words import loaded, what_differs
from alertpath.cluster.waiting import unfinished
from alertpath.compiling.compile import CONFIGURATION
from alertpath.delivery.manifests import alertmanager, common, credentials
from alertpath.delivery.manifests.common import FIELD_MANAGER_ANNOTATION, MANAGERS, MARK_ANNOTATION, Manifest, is_ours
from alertpath.inputs.credentials import Provider
from alertpath.output.alert_classes import listed

Key = tuple[str, str]
"""The kind and the name of an object of the stack's namespace."""
# Of providers whose Secrets the stack applies itself.
_WRITTEN: Final[tuple[Provider, ...]] = ("sops", "pulumi-config", "generated")
_ARGO: Final = "argocd"
_SECONDS: Final = "%Y-%m-%dT%H:%M:%SZ"


@final
@dataclass(frozen=True, slots=True)
class Touched:
    """An object of the stack that is not as its last update left it, or that somebody else owns too.

    `absent`: it is not there. `owners`: the other managers of its fields. `missing`: what the stack no longer owns.
    """

    subject: str
    absent: bool = False
    owners: Sequence[Owner] = ()
    missing: Sequence[str] = ()

    def __str__(self) -> str:
        if self.absent:
            return f"{self.subject} is not in the cluster; `pulumi up` makes it"
        changed = [owner for owner in self.owners if owner.alone]
        if changed:
            who = listed([f"{owner.manager} at {owner.when} ({listed(list(owner.fields))})" for owner in changed])
            return f"{self.subject} was changed by {who}; `pulumi up` restores what the stack declares"
        if self.owners:
            who = listed([f"{owner.manager} since {owner.when}" for owner in self.owners])
            return f"{self.subject} belongs to {who} too; `pulumi up` takes it over"
        if list(self.missing) == [f"metadata.annotations.{FIELD_MANAGER_ANNOTATION}"]:
            return f"{self.subject} was applied by hand under the stack's name; `pulumi up` restores what it declares"
        return f"{self.subject} lacks {listed(list(self.missing))}; `pulumi up` restores what the stack declares"


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Preflight:
    """What an update of a stack meets.

    `unknown`: why nothing of the cluster is known, or "". `refusals`: why the update must not begin. `touched`: the
    objects to take over, to restore or to make. `marks`: of each object that could be read, the value that its mark
    (common.MARK_ANNOTATION) has to have, None: it has none. `mounts`: the Secrets that the live Alertmanager mounts,
    None: nobody may know.
    `warnings`: what keeps an update from ending well, but not from beginning. `notes`: what else a reviewer must know.
    """

    unknown: str = ""
    refusals: Sequence[Outcome] = ()
    touched: Mapping[Key, Touched] = field(default_factory=dict[Key, Touched])
    marks: Mapping[Key, str | None] = field(default_factory=dict["Key", "str | None"])
    mounts: Sequence[str] | None = ()
    warnings: Sequence[str] = ()
    notes: Sequence[str] = ()


def preflight(expected: Expected, observed: Observed) -> Preflight:
    """What an update meets. Where the cluster does not answer, nothing is known and nothing is refused."""
    if observed.unreachable:
        return Preflight(unknown=observed.unreachable)
    return _Look(expected, observed).all()


@final
class _Look:
    def __init__(self, expected: Expected, observed: Observed) -> None:
        self._expected = expected
        self._observed = observed
        self._own: Final = common.field_manager(expected.stack)
        self._settings: Final = expected.stack.settings.alertmanager

    def all(self) -> Preflight:
        touched = dict(self._touched())
        now = self._observed.now.strftime(_SECONDS)
        marks = {key: now if key in touched else _mark(live) for _, key, live in self._known()}
        return Preflight(
            refusals=[
                *self._no_namespace(),
                *self._no_alertmanager(),
                *self._missing_credentials(),
                *self._second_owners(),
                *self._foreign(),
            ],
            touched=touched,
            marks=marks,
            mounts=None if "alertmanager" in self._observed.unread else sorted(self._mounted),
            warnings=list(self._unsynchronised()),
            notes=[*self._unread(), *self._restarts()],
        )

    @cached_property
    def _declared(self) -> list[Manifest]:
        """Each object that the stack applies; of Secrets with credentials the names of the keys alone."""
        expected, stack = self._expected, self._expected.stack
        found = [alertmanager.configuration(stack, expected.compiled), *expected.declared]
        for provider in _WRITTEN:
            for name, listed_there in credentials.by_secret(stack, provider).items():
                keys = dict.fromkeys((each.key for each in listed_there), "")
                found.append(credentials.plain_secret(expected.namespace, name, keys))
        if self._patched:
            found.append(alertmanager.mounts_patch(stack))
        return found

    @property
    def _patched(self) -> bool:
        return self._settings.mounts == "patch" and bool(self._expected.mounted)

    def _known(self) -> Iterator[tuple[Manifest, Key, Object | None]]:
        """The declared objects that could be read, as they are in the cluster; None: not there."""
        for manifest in self._declared:
            kind, name = key = manifest["kind"], manifest["metadata"]["name"]
            of: Part = "declared"
            if kind == "Alertmanager":
                live, of = self._observed.alertmanager, "alertmanager"
            elif kind == "Secret":
                live = self._observed.raw.get(key)
                of = "configuration" if name == self._settings.secret else "secrets"
            else:
                live = self._observed.declared.get(key)
            if live is not None or of not in self._observed.unread:
                yield manifest, key, live

    def _subject(self, key: Key) -> str:
        kind, name = key
        return f"{kind} {name}" if kind == "Namespace" else self._expected.subject(kind, name)

    @cached_property
    def _delivered(self) -> bool:
        """Whether this stack has applied anything here before."""
        return any(self._is_own(live) for _, _, live in self._known())

    def _is_own(self, live: Object | None) -> bool:
        return any(entry.get("manager") == self._own for entry in _managed(live))

    def _touched(self) -> Iterator[tuple[Key, Touched]]:
        for manifest, key, live in self._known():
            subject = self._subject(key)
            if live is None:
                if self._delivered and not (key[0] == "Alertmanager" and self._patched):
                    yield key, Touched(subject, absent=True)
                continue
            applied = _with_annotation(manifest)
            owners = ownership.others(applied, _managed(live), self._own)
            missing = ownership.missing(applied, _managed(live), self._own) if self._delivered else []
            if owners or missing:
                yield key, Touched(subject, owners=owners, missing=missing)

    def _no_namespace(self) -> Iterator[Outcome]:
        settings, observed = self._expected.stack.settings.namespace, self._observed
        if observed.namespace is None and "namespace" not in observed.unread and not settings.create:
            yield failed(
                f"Namespace {self._expected.namespace}",
                "does not exist",
                "another cluster or another namespace was meant",
                "correct `cluster.context` or `namespace.name`, or set `namespace: {create: true}`",
            )

    def _no_alertmanager(self) -> Iterator[Outcome]:
        observed = self._observed
        if "alertmanager" in observed.unread or self._settings.mounts == "object":
            return
        if observed.alertmanager is None and not self._patched:
            return
        yield from alertmanager_step.unread(self._expected, observed)

    def _missing_credentials(self) -> Iterator[Outcome]:
        """Those that somebody else makes: nothing in this update brings them."""
        if "secrets" in self._observed.unread:
            return
        existing = [each for each in self._expected.stack.credentials.values() if each.provider == "existing"]
        for credential in sorted(existing, key=lambda each: (each.secret, each.key)):
            found = self._observed.secrets.get(credential.secret)
            if fault := credentials_step.fault(self._expected, credential, found):
                yield fault

    def _second_owners(self) -> Iterator[Outcome]:
        for manifest, key, live in self._known():
            for owner in ownership.others(manifest, _managed(live), self._own):
                if key[0] == "Alertmanager" and self._patched:
                    yield from self._owner_of_mounts(owner)
                else:
                    yield from self._real_owner(self._subject(key), owner)

    def _owner_of_mounts(self, owner: Owner) -> Iterator[Outcome]:
        if owner.manager in alertmanager.owners_of_mounts(self._expected.stack, self._observed.alertmanager or {}):
            wanted = sorted({*self._mounted, *self._expected.mounted})
            yield failed(
                self._expected.alertmanager,
                f"`spec.secrets` belongs to {owner.manager!r}, and only one may own it",
                f"{owner.manager} mounts {listed(sorted(self._mounted)) or 'nothing'} there",
                f"let it mount {listed(wanted)} at its source, and set `alertmanager: {{mounts: none}}`",
            )

    @property
    def _kept(self) -> set[str]:
        """What somebody else mounts beside, as long as the stack has delivered nothing yet."""
        annotations = part(part(self._observed.alertmanager, "metadata"), "annotations")
        return set() if alertmanager.NEEDED_ANNOTATION in annotations else self._mounted

    @property
    def _mounted(self) -> set[str]:
        return set(cast("list[str]", spec(self._observed.alertmanager).get("secrets") or []))

    def _real_owner(self, subject: str, owner: Owner) -> Iterator[Outcome]:
        fields = listed(list(owner.fields))
        if owner.manager.startswith(MANAGERS) and not self._settings.adopt:
            other = owner.manager.removeprefix(MANAGERS)
            yield failed(
                subject,
                f"the stack {other} writes it too: {fields}, last at {owner.when}",
                "two stacks deliver the same object",
                f"give one of them another `namespace.name`; if the stack {other} is gone for good, set "
                "`alertmanager: {adopt: true}` here for one update",
            )
        elif owner.manager.startswith(_ARGO) and (application := self._observed.tracked_by):
            yield failed(
                subject,
                f"the Argo CD Application {application} still syncs it: {fields}, last at {owner.when}",
                "Argo CD and this stack would undo each other's changes",
                f"let go of it there, which deletes nothing: `argocd app delete {application} --cascade=false`",
            )

    def _foreign(self) -> Iterator[Outcome]:
        """What was there before this stack, until the stack is told to take it over."""
        if self._settings.adopt or self._delivered:
            return
        found = [(key, live) for _, key, live in self._known() if live is not None and self._is_foreign(key, live)]
        if not found:
            return
        writers = listed(sorted({str(entry.get("manager")) for _, live in found for entry in _managed(live)}))
        said = f"there already, written by {writers or 'somebody else'}"
        if ("Secret", self._settings.secret) in (key for key, _ in found):
            said = f"{said}. With this stack's configuration instead: {self._difference()}"
        yield failed(
            listed([self._subject(key) for key, _ in found]),
            said,
            "an Alertmanager that ran before this stack",
            "keep a copy (docs/break-glass.md), set `alertmanager: {adopt: true}` in the stack's settings, and run "
            "this again: it takes over in place",
        )

    def _is_foreign(self, key: Key, live: Object) -> bool:
        if key[0] == "Namespace" or (key[0] == "Alertmanager" and self._patched):
            return False
        return not is_ours(live)

    def _difference(self) -> str:
        live = self._observed.configuration
        found = loaded((live.text(CONFIGURATION) if live else None) or "")
        return what_differs(found, self._expected.config, self._expected.paging) or "no alert fares differently"

    def _unsynchronised(self) -> Iterator[str]:
        for _, (kind, name), live in self._known():
            if kind in credentials.DONE and live is not None and (why := unfinished(kind, live)):
                yield f"{self._expected.subject(kind, name)} is not synchronised: {why}"

    def _unread(self) -> Iterator[str]:
        for unread in self._observed.unread.values():
            for each in unread:
                yield f"not known: {each.why}"

    def _restarts(self) -> Iterator[str]:
        live = self._observed.alertmanager
        if live is None or self._settings.mounts == "none":
            return
        reasons: list[str] = []
        if self._settings.mounts == "object":
            wanted = spec(alertmanager.alertmanager(self._expected.stack))
            reasons = [each for each in differences(wanted, spec(live), "") if not each.startswith("replicas")]
        elif self._patched:
            if more := sorted({*self._expected.mounted} - self._mounted):
                reasons.append(f"{listed(more)} will be mounted")
            if fewer := sorted(self._mounted - {*self._expected.mounted} - self._kept):
                reasons.append(f"{listed(fewer)} will be unmounted")
        yield (
            f"pods restart: yes, one after the other, because {' and '.join(reasons)}"
            if reasons
            else ("pods restart: no")
        )


def _managed(live: Object | None) -> Sequence[Object]:
    return cast("Sequence[Object]", part(live, "metadata").get("managedFields") or ())


def _mark(live: Object | None) -> str | None:
    return cast("str | None", part(part(live, "metadata"), "annotations").get(MARK_ANNOTATION))


def _with_annotation(manifest: Manifest) -> Manifest:
    """The object as it is applied: with the annotation that names its manager. What kubectl applies has none."""
    metadata = manifest["metadata"]
    annotations = {**metadata.get("annotations", {}), FIELD_MANAGER_ANNOTATION: ""}
    return {**manifest, "metadata": {**metadata, "annotations": annotations}}
