"""Settings in layers: what stacks share, a stack's file, and what Pulumi's engine says."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from alertpath.documents.problems import InvalidInput
from alertpath.inputs.layers import laid_over
from alertpath.inputs.merged import merged
from alertpath.inputs.stack import Stack, load
from tests.unit.samples import CATALOG, SETTINGS


def written(where: Path, said: Any, shared: Any = None, **config: Any) -> Path:
    (where / "team.yaml").write_text(json.dumps(CATALOG))
    if shared is not None:
        project = {"name": "acme", "runtime": "python", "config": {"alertpath:defaults": {"value": shared}}}
        (where / "Pulumi.yaml").write_text(json.dumps(project, indent=1))
    file = where / "Pulumi.test.yaml"
    own = {} if said is None else {"alertpath:settings": said}
    file.write_text(json.dumps({"config": {**own, **config}}, indent=1))
    return file


def test_what_stacks_share_is_under_each_stacks_settings(tmp_path: Path) -> None:
    shared = {**copy.deepcopy(SETTINGS), "routing": {"group_wait": "1m", "default_receiver": "chat"}}
    shared["versions"] = {"alertmanager": "0.33.0"}
    own = {"routing": {"group_wait": "2m"}, "receivers": ["chat"], "namespace": {"name": "alerts"}}
    own["label_standard"] = {"optional": []}
    catalog = {**CATALOG, "services": {"api": {"any": "chat"}}}
    file = written(tmp_path, own, shared)
    (tmp_path / "team.yaml").write_text(json.dumps(catalog))
    settings = load(file).settings
    assert settings.routing.group_wait == "2m"
    assert settings.routing.default_receiver == "chat"
    assert settings.versions.alertmanager == "0.33.0"
    assert list(settings.receivers) == ["chat"], "a list replaces a list"


def test_a_stack_may_say_nothing_of_its_own(tmp_path: Path) -> None:
    assert load(written(tmp_path, None, SETTINGS)).settings.delivery == "cluster"


def test_other_packages_configuration_is_none_of_our_business(tmp_path: Path) -> None:
    load(written(tmp_path, SETTINGS, **{"kubernetes:context": "x", "acme:team": {"a": 1}, "pulumi:tags": {}}))


@pytest.mark.parametrize("key", ["alertpath:setings", "settings"])
def test_our_own_keys_are_known(tmp_path: Path, key: str) -> None:
    with pytest.raises(InvalidInput, match="unknown key"):
        load(written(tmp_path, SETTINGS, **{key: {}}))


@pytest.mark.parametrize(
    ("given", "where", "line"),
    [
        ({"routing": {"group_wait": "soon"}}, "Pulumi.yaml", True),
        ({"routing": {"group_wait": "30s"}, "catalog": ["nowhere"]}, "Pulumi.yaml", True),
    ],
)
def test_a_wrong_default_is_told_where_it_stands(tmp_path: Path, given: Any, where: str, line: bool) -> None:
    own = {name: value for name, value in SETTINGS.items() if name not in given}
    with pytest.raises(InvalidInput) as caught:
        load(written(tmp_path, own, given))
    [problem] = caught.value.problems
    assert Path(problem.at.file).name == where
    assert bool(problem.at.line) == line
    assert problem.at.path.startswith("config.alertpath:defaults.value.")


def from_engine(where: Path, value: Any) -> Stack:
    return load(written(where, SETTINGS), engine_value=value)


def test_what_the_engine_says_is_laid_over_the_file(tmp_path: Path) -> None:
    value = {"routing": {"repeat_interval": "4h"}, "namespace": {"name": "elsewhere"}}
    settings = from_engine(tmp_path, value).settings
    assert (settings.routing.repeat_interval, settings.routing.default_receiver) == ("4h", "chat")
    assert settings.namespace.name == "elsewhere"
    assert from_engine(tmp_path, {}).settings == load(written(tmp_path, SETTINGS)).settings


def test_the_order_of_keys_is_the_files(tmp_path: Path) -> None:
    backwards = json.loads(json.dumps(SETTINGS, sort_keys=True))
    assert list(from_engine(tmp_path, backwards).settings.receivers) == SETTINGS["receivers"]


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"routing": {"group_wait": 5}}, "alertpath:settings.routing.group_wait"),
        ({"routing": {"default_receiver": "nobody-knows"}}, "alertpath:settings.routing.default_receiver"),
        ({"alertmanager": {"replicas": "three"}}, "alertpath:settings.alertmanager.replicas"),
        ("text", "alertpath:settings"),
        ([], "alertpath:settings"),
    ],
)
def test_a_wrong_value_of_the_engine_is_told_as_its_own(tmp_path: Path, value: Any, path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        from_engine(tmp_path, value)
    [problem] = caught.value.problems
    assert (problem.at.file, problem.at.line, problem.at.path) == ("Pulumi configuration", 0, path)


def test_a_credential_of_the_engine_is_concealed(tmp_path: Path) -> None:
    credentials = {"values": {"key": {"provider": "pulumi-config", "value": "0123456789abcdefghijklmnopqrstuv"}}}
    stack = from_engine(tmp_path, {"credentials": credentials})
    value = stack.credentials["key"].value
    assert value is not None
    assert value.reveal() == "0123456789abcdefghijklmnopqrstuv"
    assert "0123456789" not in repr(stack.settings)


def test_lists_replace_and_mappings_merge() -> None:
    below = {"a": {"b": [1, 2], "c": 1}, "d": 1}
    assert laid_over(below, {"a": {"b": [3]}, "e": {}}) == {"a": {"b": [3], "c": 1}, "d": 1, "e": {}}
    assert below == {"a": {"b": [1, 2], "c": 1}, "d": 1}


def test_equal_items_of_a_list_keep_the_order_of_their_keys() -> None:
    below = {"a": [{"b": {"z": 1, "y": True}}, {"z": 1, "y": 2}]}
    above = {"a": [{"b": {"y": True, "z": 1}}, {"y": 3, "z": 1}, 4]}
    laid = laid_over(below, above)
    assert laid == above
    assert [list(laid["a"][0]["b"]), list(laid["a"][1])] == [["z", "y"], ["y", "z"]]
    assert laid_over({"a": [1]}, {"a": [True]})["a"][0] is True


# --- alertpath compile --settings


def test_merged_settings_say_who_says_them(tmp_path: Path) -> None:
    own = {"routing": {"group_wait": "2m"}, "receivers": ["chat"], "native": {"routes": [{"a": {"b": "no"}}, {}]}}
    shared = {
        **SETTINGS,
        "routing": {"group_wait": "1m", "default_receiver": "chat"},
        "external_labels": {"cluster": "1e3"},
    }
    text = merged(written(tmp_path, own, shared))
    assert yaml.safe_load(text) == laid_over(shared, own)
    places = {line.partition("  #")[0].strip(): line.rpartition("/")[2].partition(":")[0] for line in text.splitlines()}
    assert places['group_wait: "2m"'] == places["receivers: [chat]"] == places['b: "no"'] == "Pulumi.test.yaml"
    assert places["default_receiver: chat"] == places['cluster: "1e3"'] == "Pulumi.yaml"


def test_merged_settings_show_no_credential(tmp_path: Path) -> None:
    secret = {"secure": "v1:abcdefgh:ijklmnopqrstuvwxyz0123456789"}
    own = {"credentials": {"values": {"key": {"provider": "pulumi-config", "value": secret}}}}
    text = merged(written(tmp_path, own, SETTINGS))
    assert "value: (encrypted)" in text
    assert "ijklmnop" not in text
    with pytest.raises(InvalidInput, match="plain text") as caught:
        merged(written(tmp_path, {"external_labels": {"cluster": "xoxb-0123456789-abcdefghijklmnop"}}, SETTINGS))
    assert "xoxb" not in str(caught.value)


@pytest.mark.parametrize("text", ["no", "12", "30s", "1e3", "a: b", "- a", "", "a #b", "0x1", "Null", "é", "~", "a,b"])
def test_merged_settings_are_read_as_they_were(tmp_path: Path, text: str) -> None:
    own = {"external_labels": {"cluster": text}, "receivers": [text]}
    assert yaml.safe_load(merged(written(tmp_path, own, SETTINGS))) == laid_over(SETTINGS, own)
