"""The files of delivery `files`, and the directory that holds them."""

from __future__ import annotations

import base64
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from alertpath.delivery import directory
from alertpath.delivery.render import render
from alertpath.documents.problems import InvalidInput
from tests.unit.samples import compiled

FILES: dict[str, Any] = {"delivery": "files", "alertmanager": {"mounts": "object"}}
ARGOCD = {"repo_url": "https://example.com/a.git", "path": "infra"}


def rendered(where: Path, **settings: Any) -> dict[str, str]:
    return render(*compiled(where, **{**FILES, **settings}))


def test_one_file_for_each_object_and_the_configuration_in_plain_text(tmp_path: Path) -> None:
    found, text = compiled(tmp_path, **FILES, argocd=ARGOCD)
    files = render(found, text)
    assert files["alertmanager.yaml"] == text.text
    assert [*files] == sorted(
        [
            "alertmanager.yaml",
            *text.templates,
            "alertmanager-main.yaml",
            "argocd/alertmanager-config.yaml",
            "externalsecret-alertmanager-secrets.yaml",
            "kustomization.yaml",
            "networkpolicy-alertmanager-egress.yaml",
        ]
    )


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    assert rendered(tmp_path) == rendered(tmp_path)


def test_the_kustomization_leaves_the_application_out(tmp_path: Path) -> None:
    index = yaml.safe_load(rendered(tmp_path, argocd=ARGOCD)["kustomization.yaml"])
    assert index["resources"] == [
        "alertmanager-main.yaml",
        "externalsecret-alertmanager-secrets.yaml",
        "networkpolicy-alertmanager-egress.yaml",
    ]


def test_an_application_that_the_stack_applies_is_no_file(tmp_path: Path) -> None:
    assert not [name for name in rendered(tmp_path, argocd={**ARGOCD, "application": "apply"}) if "argocd" in name]


def test_argo_cd_keeps_what_pages_depend_on(tmp_path: Path) -> None:
    def kept(files: dict[str, str]) -> set[str]:
        annotated = {name for name, text in files.items() if "sync-options: Prune=false,Delete=false" in text}
        return annotated - {"kustomization.yaml"} | ({"Secret"} if "Prune" in files["kustomization.yaml"] else set())

    settings = {"namespace": {"create": True}}
    assert kept(rendered(tmp_path, **settings)) == {
        "Secret",
        "alertmanager-main.yaml",
        "namespace-monitoring.yaml",
    }
    assert kept(rendered(tmp_path, alertmanager={"mounts": "object", "retain": False})) == set()


@pytest.mark.parametrize("name", ["kustomization.yaml", "alertmanager-main.yaml"])
def test_two_files_of_one_name_are_an_error(tmp_path: Path, name: str) -> None:
    found, text = compiled(tmp_path, **FILES)
    text = replace(text, templates={**text.templates, name: "{{ . }}"})
    with pytest.raises(InvalidInput, match=rf"{name}: two of them have this name"):
        render(found, text)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl")
def test_kustomize_makes_the_same_secret_from_it(tmp_path: Path) -> None:
    found, text = compiled(tmp_path, **FILES, argocd=ARGOCD, namespace={"create": True})
    directory.replace_files(tmp_path / "out", render(found, text))
    done = subprocess.run(["kubectl", "kustomize", str(tmp_path / "out")], capture_output=True, check=True, text=True)
    objects = {(each["kind"], each["metadata"]["name"]): each for each in yaml.safe_load_all(done.stdout)}
    assert {*objects} == {
        ("Alertmanager", "main"),
        ("ExternalSecret", "alertmanager-secrets"),
        ("Namespace", "monitoring"),
        ("NetworkPolicy", "alertmanager-egress"),
        ("Secret", "alertmanager-main"),
    }
    secret = objects["Secret", "alertmanager-main"]
    assert secret["metadata"]["namespace"] == "monitoring"
    assert secret["type"] == "Opaque"
    assert {key: base64.b64decode(value).decode() for key, value in secret["data"].items()} == {
        "alertmanager.yaml": text.text,
        **text.templates,
    }


# --- the directory

A = {
    "kustomization.yaml": directory.heading("a", ["kustomization.yaml", "a.yaml", "argocd/b.yaml"]) + "resources: []\n"
}
A |= {"a.yaml": "a: 1\n", "argocd/b.yaml": "b: 1\n"}
B = {"kustomization.yaml": directory.heading("a", ["kustomization.yaml", "c.yaml"]), "c.yaml": "c: 1\n"}


def names(root: Path) -> set[str]:
    return {str(file.relative_to(root)) for file in root.rglob("*") if file.is_file()}


def test_what_was_written_is_replaced_and_stale_files_go(tmp_path: Path) -> None:
    directory.replace_files(tmp_path, A)
    assert directory.content(tmp_path, A) == A
    assert directory.written(tmp_path) == {*A}
    directory.replace_files(tmp_path, B)
    assert names(tmp_path) == {*B}
    assert not (tmp_path / "argocd").exists()


def test_files_of_somebody_else_stay(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    directory.replace_files(tmp_path, A)
    directory.replace_files(tmp_path, B)
    directory.remove_files(tmp_path, B)
    assert names(tmp_path) == {"README.md"}


def test_a_file_in_the_way_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("mine")
    with pytest.raises(InvalidInput, match=r"a\.yaml: is in the way"):
        directory.replace_files(tmp_path, A)
    assert names(tmp_path) == {"a.yaml"}
    directory.replace_files(tmp_path, A, known=["a.yaml"])
    assert directory.content(tmp_path, A) == A


def test_the_same_content_is_never_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(A["a.yaml"])
    directory.replace_files(tmp_path, A)


def test_a_list_that_names_other_places_is_not_believed(tmp_path: Path) -> None:
    outside = tmp_path / "precious"
    outside.write_text("x")
    root = tmp_path / "out"
    root.mkdir()
    (root / "kustomization.yaml").write_text(directory.heading("a", ["kustomization.yaml", "../precious"]))
    with pytest.raises(InvalidInput, match="is in the way"):
        directory.replace_files(root, B)
    directory.replace_files(root, B, known=B)
    assert outside.read_text() == "x"


def test_the_directory_of_another_stack_is_left(tmp_path: Path) -> None:
    directory.replace_files(tmp_path, A)
    other = {name: text.replace("the stack a", "the stack b") for name, text in B.items()}
    with pytest.raises(InvalidInput, match=r"belongs to the stack a\n(.*\n)*.*choose another `directory`"):
        directory.replace_files(tmp_path, other)
    with pytest.raises(InvalidInput, match="belongs to the stack a"):
        directory.replace_files(tmp_path, other, known=[*A, *other])
    assert directory.content(tmp_path, {**A, **B}) == A


def test_a_directory_of_before_stacks_were_named_is_taken_over(tmp_path: Path) -> None:
    before = {name: text.replace(" for the stack a", "") for name, text in A.items()}
    (tmp_path / "argocd").mkdir()
    for name, text in before.items():
        (tmp_path / name).write_text(text)
    directory.replace_files(tmp_path, B)
    assert names(tmp_path) == {*B}


@pytest.mark.parametrize("name", ["..hidden", "-dash", "_under", "...", "x" * 253, "a..b"])
def test_every_key_of_a_secret_is_a_file(tmp_path: Path, name: str) -> None:
    files = {"kustomization.yaml": directory.heading("a", ["kustomization.yaml", name, "z"]), name: "x", "z": "z"}
    directory.replace_files(tmp_path, files)
    changed = {**files, name: "y"}
    directory.replace_files(tmp_path, changed)
    assert directory.written(tmp_path) == {*files}
    assert directory.content(tmp_path, changed) == changed
    directory.replace_files(tmp_path, B)
    assert names(tmp_path) == {*B}


@pytest.mark.parametrize("name", ["..", ".", "../x", "a/..", "a/../x", "a/b/c", "/x", "a b"])
def test_no_other_place_is_believed(tmp_path: Path, name: str) -> None:
    (tmp_path / "kustomization.yaml").write_text(directory.heading("a", [name]))
    assert directory.written(tmp_path) == frozenset()


def test_a_failure_half_way_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory.replace_files(tmp_path, A)
    write = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if b"Written by" in data:
            raise OSError(28, "No space left on device")
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        directory.replace_files(tmp_path, B)
    assert directory.content(tmp_path, A) == A
    assert names(tmp_path) == {*A}


def test_unchanged_files_are_not_written_again(tmp_path: Path) -> None:
    directory.replace_files(tmp_path, A)
    before = (tmp_path / "a.yaml").stat().st_mtime_ns
    directory.replace_files(tmp_path, {**A, "argocd/b.yaml": "b: 2\n"})
    assert (tmp_path / "a.yaml").stat().st_mtime_ns == before
