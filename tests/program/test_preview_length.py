"""A preview tells what changes and nothing else: counted, on the real engine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.program.conftest import NewProject
from tests.program.engine import Done, Project

NEW = "services:\n  a-new-one:\n    critical: pagerduty-seedtest\n    warning: slack-seedtest\n"
SIXTY = "services:\n" + "".join(
    f"  service-{number:02}:\n    critical: pagerduty-seedtest\n    any: slack-seedtest\n" for number in range(60)
)
REVIEW = "alertpath review --base main"
# Who the lines may speak of besides: nobody.
OTHERS = re.compile(r"service-\d\d|seedtest-api|namespace=|everything else|Watchdog|InfoInhibitor")


@pytest.fixture(scope="module", params=["dev", "production"])
def deployed(request: pytest.FixtureRequest, new_project: NewProject) -> Project:
    """A stack of 60 services, deployed; production writes its files, so that it needs no cluster here."""
    project = new_project(request.param)
    if request.param == "production":
        files = "    delivery: files\n    alertmanager: {mounts: none}\n"
        project.edit(project.stack_file, ("    delivery: cluster\n", files))
    project.edit(project.catalog, ("services:\n", SIXTY))
    project.up()
    return project


@pytest.fixture
def project(deployed: Project, tmp_path: Path) -> Project:
    return deployed.clone(tmp_path)


def lines(preview: Done) -> list[str]:
    return [line for line in preview.text.splitlines() if line.strip()]


@pytest.mark.parametrize(("arguments", "most"), [((), 30), (("--diff",), 60)], ids=["plain", "diff"])
def test_a_new_first_service_of_sixty(project: Project, arguments: tuple[str, ...], most: int) -> None:
    project.edit(project.catalog, ("services:\n", NEW))
    preview = project.preview(*arguments)
    shown = lines(preview)
    assert len(shown) <= most, preview.text
    assert not OTHERS.search(preview.text), preview.text
    classes = [re.sub(r" +: ", ": ", line.strip()) for line in shown if "routing: " in line]
    assert classes == [
        '+ routing: service=a-new-one and severity=critical: "pagerduty-seedtest (PagerDuty), group_wait 0s"',
        '+ routing: service=a-new-one and severity=warning: "slack-seedtest (Slack #seedtest-alerts)"',
    ]
    assert any("~ alertmanager.yaml" in line or "diff: ~alertmanager.yaml]" in line for line in shown)
    assert not any(re.search(r"[-+~] ?(kustomization|networkpolicy)", line) for line in shown)
    assert any(re.search(r"~ digest", line) for line in shown)
    assert REVIEW in preview.text


def test_another_order_of_the_catalog_is_no_changed_class(project: Project) -> None:
    project.edit(project.catalog, ("services:\n", "# Sorted anew.\nservices:\n"))
    text = project.catalog.read_text(encoding="utf-8")
    first = "  service-00:\n    critical: pagerduty-seedtest\n    any: slack-seedtest\n"
    project.edit(project.catalog, (first, ""), ("  service-59:\n", f"{first}  service-59:\n"))
    assert len(text) == len(project.catalog.read_text(encoding="utf-8"))
    preview = project.preview()
    assert "routing: " not in preview.text, preview.text
    assert re.search(r"~ digest", preview.text)


def test_what_does_not_change_alerts_is_no_line(project: Project) -> None:
    project.edit(project.catalog, ("services:\n", "# A comment.\nservices:\n"))
    preview = project.pulumi("preview", "--expect-no-changes").expect(0)
    assert not re.search(r"routing: |digest|alertmanager\.yaml", preview.text), preview.text
