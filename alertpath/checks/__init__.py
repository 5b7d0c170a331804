"""The checks: what is likely wrong with a configuration although Alertmanager takes it, and what it would refuse.

A check is a file with one pure function and a `CHECK`; those that pass a refusal on are the table of
`surroundings/refusals`. Ids never change and are never used again; AP0: suppressions,
AP1: surroundings, AP2: routes, AP3: inhibition, AP4: receivers, AP5: rules and labels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from alertpath.checks.base import Check
from alertpath.checks.inhibition import (
    contradictory_side,
    empty_side,
    equal_never_holds,
    equal_not_required,
    inhibits_everywhere,
    inhibits_page,
    repeated_rule,
    source_is_target,
)
from alertpath.checks.labels import (
    alert_to_default,
    critical_alert_without_page,
    equal_label_missing,
    label_missing,
    misspelt_label,
    rule_unreadable,
    service_unknown,
    service_without_rules,
    severity_outside_standard,
    severity_unrouted,
    templated_label,
)
from alertpath.checks.receivers import (
    details_not_text,
    login_without_password,
    page_never_resolves,
    pagerduty_severity,
    same_receiver,
    several_messages,
    shared_webhook,
    unencrypted,
    unused_interval,
    unused_receiver,
    unused_template,
    unverified_tls,
)
from alertpath.checks.routes import (
    alerts_dropped,
    continue_to_nowhere,
    contradictory_route,
    critical_to_chat_alone,
    critical_to_nobody,
    critical_without_page,
    default_tells_nobody,
    grouped_by_everything,
    half_anchored_regex,
    hours_not_inherited,
    literal_regex,
    matches_without_label,
    misspelt_matcher_label,
    never_told,
    no_group_wait,
    no_heartbeat,
    notified_twice,
    page_with_hours,
    redundant_anchor,
    redundant_route,
    repeat_beyond_retention,
    repeat_not_a_multiple,
    repeated_matcher,
    shadowed_route,
    shared_incident_key,
    slow_page,
    text_with_wildcards,
    unescaped_dot,
    wait_beyond_interval,
)
from alertpath.checks.subject import Subject
from alertpath.checks.suppressions import UNUSED, WITHOUT_REASON, apply, suppressions, without_reason
from alertpath.checks.surroundings import (
    alternatives,
    configuration_size,
    deprecated,
    file_not_mounted,
    interval_in_the_past,
    last_minute,
    refusals,
    template_fault,
    template_missing,
    zone_missing_in_pod,
)
from alertpath.output.findings import Finding, Report, Rule, sorted_report

# They say why a configuration could not even be read; no other check can look at it then.
_REFUSALS: Final[tuple[Check, ...]] = (
    *refusals.CHECKS,
    file_not_mounted.CHECK,
)
CHECKS: Final[tuple[Check, ...]] = (
    *_REFUSALS,
    zone_missing_in_pod.CHECK,
    configuration_size.CHECK,
    template_fault.CHECK,
    template_missing.CHECK,
    deprecated.CHECK,
    interval_in_the_past.CHECK,
    alternatives.CHECK,
    last_minute.CHECK,
    contradictory_route.CHECK,
    shadowed_route.CHECK,
    redundant_route.CHECK,
    critical_to_nobody.CHECK,
    page_with_hours.CHECK,
    critical_to_chat_alone.CHECK,
    critical_without_page.CHECK,
    notified_twice.CHECK,
    never_told.CHECK,
    hours_not_inherited.CHECK,
    shared_incident_key.CHECK,
    matches_without_label.CHECK,
    half_anchored_regex.CHECK,
    redundant_anchor.CHECK,
    literal_regex.CHECK,
    unescaped_dot.CHECK,
    repeat_not_a_multiple.CHECK,
    repeat_beyond_retention.CHECK,
    no_group_wait.CHECK,
    slow_page.CHECK,
    grouped_by_everything.CHECK,
    repeated_matcher.CHECK,
    continue_to_nowhere.CHECK,
    default_tells_nobody.CHECK,
    alerts_dropped.CHECK,
    no_heartbeat.CHECK,
    text_with_wildcards.CHECK,
    misspelt_matcher_label.CHECK,
    wait_beyond_interval.CHECK,
    equal_not_required.CHECK,
    inhibits_page.CHECK,
    source_is_target.CHECK,
    inhibits_everywhere.CHECK,
    empty_side.CHECK,
    contradictory_side.CHECK,
    repeated_rule.CHECK,
    equal_never_holds.CHECK,
    unused_receiver.CHECK,
    unused_interval.CHECK,
    unused_template.CHECK,
    page_never_resolves.CHECK,
    details_not_text.CHECK,
    shared_webhook.CHECK,
    unencrypted.CHECK,
    unverified_tls.CHECK,
    same_receiver.CHECK,
    several_messages.CHECK,
    pagerduty_severity.CHECK,
    login_without_password.CHECK,
    rule_unreadable.CHECK,
    label_missing.CHECK,
    severity_outside_standard.CHECK,
    severity_unrouted.CHECK,
    alert_to_default.CHECK,
    critical_alert_without_page.CHECK,
    service_unknown.CHECK,
    service_without_rules.CHECK,
    equal_label_missing.CHECK,
    templated_label.CHECK,
    misspelt_label.CHECK,
)
RULES: Final[tuple[Rule, ...]] = tuple(
    sorted((WITHOUT_REASON, UNUSED, *(each.rule for each in CHECKS)), key=lambda rule: rule.id)
)
"""Everything that can be found, by id."""
_IDS: Final = frozenset(rule.id for rule in RULES)

__all__ = ["CHECKS", "RULES", "Subject", "examine"]


def examine(subject: Subject) -> Report:
    """What all checks find in `subject`, and what is suppressed there with a reason."""
    checks = CHECKS if subject.loaded else _REFUSALS
    found = [finding for each in checks for finding in _findings(each, subject)]
    comments = suppressions({**subject.files, **(subject.rules.texts if subject.rules else {})})
    left, suppressed, unused = apply(found, comments)
    left += without_reason(comments)
    for comment, name in unused:
        if name not in _IDS:
            left.append(Finding(UNUSED, comment.file, comment.line, "", f"there is no check {name}"))
        elif _decided(name, comment.file, subject):
            left.append(Finding(UNUSED, comment.file, comment.line, "", f"{name} is not found here"))
    return sorted_report(left, suppressed)


def _decided(name: str, file: str, subject: Subject) -> bool:
    """Whether the check `name` has seen all that it could find in `file`."""
    return subject.loaded and file not in subject.shared and (subject.rules is not None or not name.startswith("AP5"))


def _findings(each: Check, subject: Subject) -> Iterator[Finding]:
    # Whatever keeps it from being read keeps it from being deployed.
    rule = each.rule if subject.loaded else replace(each.rule, severity="error")
    for hit in each.run(subject):
        if isinstance(hit.at, tuple) and subject.unwritten(hit.at):
            continue
        spot = subject.locate(hit.at) if isinstance(hit.at, tuple) else hit.at
        yield Finding(
            rule,
            spot.file,
            spot.line,
            spot.path,
            hit.message,
            hit.value,
            hit.mend,
            alike=hit.alike,
            about=hit.about,
        )
