"""Who owns what a stack declares, by an object's managedFields."""

from __future__ import annotations

from typing import Any

from alertpath.cluster.ownership import missing, others, transferred

OWN = "alertpath-production"
DECLARED: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Secret",
    "metadata": {"name": "alertmanager-main", "namespace": "monitoring", "labels": {"team": "sre"}},
    "type": "Opaque",
    "data": {"alertmanager.yaml": "YQ==", "stack.tmpl": "Yg=="},
}


def entry(manager: str, operation: str = "Apply", when: str = "2026-03-02T11:30:00Z", **fields: Any) -> dict[str, Any]:
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": "v1",
        "time": when,
        "fieldsType": "FieldsV1",
        "fieldsV1": fields,
    }


def data(*keys: str) -> dict[str, Any]:
    return {"f:data": {f"f:{key}": {} for key in keys}}


WHOLE = {**data("alertmanager.yaml", "stack.tmpl"), "f:type": {}, "f:metadata": {"f:labels": {"f:team": {}}}}


def test_the_stack_alone_owns_all() -> None:
    managed = [entry(OWN, **WHOLE), entry("helm", "Update", **data("other"))]
    assert others(DECLARED, managed, OWN) == []
    assert missing(DECLARED, managed, OWN) == []
    assert transferred(DECLARED, managed, OWN) is None


def test_an_edit_takes_a_field_away() -> None:
    left = {**WHOLE, **data("stack.tmpl")}
    managed = [entry(OWN, **left), entry("kubectl-edit", "Update", "2026-03-02T12:00:00Z", **data("alertmanager.yaml"))]
    [owner] = others(DECLARED, managed, OWN)
    assert (owner.manager, owner.fields, owner.alone) == ("kubectl-edit", ("data.alertmanager.yaml",), True)
    assert missing(DECLARED, managed, OWN) == ["data.alertmanager.yaml"]
    [mine] = transferred(DECLARED, managed, OWN) or []
    assert mine["manager"] == OWN
    assert mine["fieldsV1"] == WHOLE


def test_who_applied_the_same_values_owns_them_too() -> None:
    theirs = {**data("alertmanager.yaml", "theirs"), "f:metadata": {"f:annotations": {".": {}, "f:a": {}}}}
    managed = [entry(OWN, **WHOLE), entry("argocd-controller", **theirs)]
    [owner] = others(DECLARED, managed, OWN)
    assert not owner.alone
    assert missing(DECLARED, managed, OWN) == []
    mine, argocd = transferred(DECLARED, managed, OWN) or []
    assert mine["fieldsV1"] == WHOLE
    # What the stack does not declare stays theirs.
    assert argocd["fieldsV1"] == {**data("theirs"), "f:metadata": theirs["f:metadata"]}


def test_the_fields_of_an_object_that_ran_before_go_to_the_stack_and_not_to_nobody() -> None:
    managed = [entry("helm", "Update", **WHOLE)]
    [mine] = transferred(DECLARED, managed, OWN) or []
    assert (mine["manager"], mine["operation"], mine["fieldsV1"]) == (OWN, "Apply", WHOLE)


def test_a_list_is_one_field_with_all_of_its_items() -> None:
    policy = {"kind": "NetworkPolicy", "apiVersion": "networking.k8s.io/v1", "spec": {"egress": [{"ports": []}]}}
    items: dict[str, Any] = {"f:spec": {"f:egress": {'k:{"port":53}': {".": {}, "f:port": {}}}}}
    managed = [entry("kubectl-edit", "Update", **items)]
    [owner] = others(policy, managed, OWN)
    assert owner.fields == ("spec.egress",)
    [mine] = transferred(policy, managed, OWN) or []
    assert mine["fieldsV1"] == items


def test_a_field_may_be_owned_as_a_whole() -> None:
    selector = {"podSelector": {"matchLabels": {"app": "alertmanager"}}}
    policy = {"kind": "NetworkPolicy", "apiVersion": "networking.k8s.io/v1", "spec": selector}
    whole: dict[str, Any] = {"f:spec": {"f:podSelector": {}}}
    assert missing(policy, [entry(OWN, **whole)], OWN) == []
    [owner] = others(policy, [entry("dashboard", "Update", **whole)], OWN)
    assert owner.fields == ("spec.podSelector.matchLabels.app",)
    [mine] = transferred(policy, [entry("dashboard", "Update", **whole)], OWN) or []
    assert (mine["manager"], mine["fieldsV1"]) == (OWN, whole)


def test_who_writes_a_status_owns_nothing_that_is_declared() -> None:
    status = {**entry("external-secrets", "Update", **data("alertmanager.yaml")), "subresource": "status"}
    assert others(DECLARED, [entry(OWN, **WHOLE), status], OWN) == []
    assert transferred(DECLARED, [entry(OWN, **WHOLE), status], OWN) is None
