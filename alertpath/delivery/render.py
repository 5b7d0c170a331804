"""The directory that Argo CD syncs: a kustomization, the configuration in plain text, one file for each object.

Kustomize makes the configuration's Secret itself, so that a review shows the configuration and not its Base64.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from alertpath.alertmanager.config_yaml import write
from alertpath.compiling.compile import Compiled
from alertpath.delivery import directory
from alertpath.delivery.manifests import alertmanager, argocd, common, credentials, network_policy
from alertpath.delivery.manifests.common import LABELS, Manifest
from alertpath.documents.places import Spot
from alertpath.documents.problems import InvalidInput, Problem
from alertpath.inputs.stack import Stack

# Argo CD keeps the Application elsewhere, so it is no resource of this kustomization.
_APPLICATIONS = "argocd"


def render(stack: Stack, compiled: Compiled) -> dict[str, str]:
    """The files of a stack with delivery `files`, by their path in its directory: the same input, the same bytes.

    Raises InvalidInput where two of them would be one file.
    """
    configuration = alertmanager.configuration_files(compiled)
    objects = [(_file_name(each), write(each)) for each in _objects(stack, compiled)]
    files = _each_once([*configuration.items(), *objects, (directory.INDEX, "")])
    application = argocd.application(stack)
    if application and stack.settings.argocd and stack.settings.argocd.application == "write":
        files[f"{_APPLICATIONS}/{application['metadata']['name']}.yaml"] = write(application)
    index = _kustomization(stack, configuration, dict(objects))
    files[directory.INDEX] = f"{directory.heading(stack.name, files)}{write(index)}"
    return dict(sorted(files.items()))


def _each_once(files: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for name, text in files:
        if name in found:
            problems.append(
                Problem(
                    Spot(f"the rendered files: {name}"),
                    "two of them have this name",
                    allowed="one file for each object and each template",
                    mend="give the object or the template another name",
                )
            )
        found[name] = text
    if problems:
        raise InvalidInput(problems)
    return found


def _objects(stack: Stack, compiled: Compiled) -> list[Manifest]:
    """Every object but the configuration's Secret."""
    kept = [common.namespace(stack)]
    if stack.settings.alertmanager.mounts == "object":
        kept.append(alertmanager.alertmanager(stack))
    if stack.settings.alertmanager.retain:
        for each in filter(None, kept):
            each["metadata"]["annotations"] = dict(argocd.KEEP)
    others = [credentials.vault_store(stack), *credentials.external_secrets(stack), *credentials.sealed_secrets(stack)]
    others.append(network_policy.network_policy(stack, compiled))
    return [each for each in (*kept, *others) if each is not None]


def _file_name(each: Manifest) -> str:
    return f"{each['kind'].lower()}-{each['metadata']['name']}.yaml"


def _kustomization(stack: Stack, configuration: Iterable[str], objects: Iterable[str]) -> dict[str, Any]:
    settings = stack.settings
    # The Secret has a fixed name: the operator looks for it.
    options: dict[str, Any] = {"disableNameSuffixHash": True, "labels": dict(LABELS)}
    if settings.alertmanager.retain:
        options["annotations"] = dict(argocd.KEEP)
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "secretGenerator": [
            {
                "name": settings.alertmanager.secret,
                "namespace": settings.namespace.name,
                "type": "Opaque",
                "files": list(configuration),
                "options": options,
            }
        ],
        "resources": sorted(objects),
    }
