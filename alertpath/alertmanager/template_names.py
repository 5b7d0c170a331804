"""The functions of notification templates, and the templates that Alertmanager brings along.

Sources: Go, text/template/funcs.go; Alertmanager 0.25 to 0.34, template/template.go, default.tmpl, email.tmpl.
"""

from __future__ import annotations

from typing import Final

from alertpath.alertmanager.integrations import Version

_SINCE: Final[dict[Version, str]] = {
    # Go's own: text/template/funcs.go.
    (0,): "and or not len index slice print printf println html js urlquery call eq ne lt le gt ge",
    (0, 25): "toUpper toLower title join match safeHtml reReplaceAll stringSlice",
    (0, 26): "trimSpace",
    (0, 28): "date tz since humanizeDuration",
    (0, 30): "safeUrl urlUnescape toJson",
    (0, 32): "list append dict",
    (0, 33): "now",
    (0, 34): "routeLabels toDate mustToDate base64encode base64decode",
}
FUNCTIONS: Final[dict[str, Version]] = {name: since for since, names in _SINCE.items() for name in names.split()}
"""The functions of templates, with the first Alertmanager that has them."""

_WITH_DEFAULTS: Final = {
    "discord": "content title message",
    "email": "subject html",
    "jira": "summary description priority",
    "mattermost": "color username title titlelink fallback text",
    "msteams": "summary title text",
    "msteamsv2": "title text",
    "opsgenie": "message description source",
    "pagerduty": "description client clientURL instances",
    "pushover": "title message url",
    "rocketchat": "title alias titlelink emoji iconurl text",
    "slack": "title username fallback callbackid pretext titlelink iconemoji iconurl text footer color",
    "sns": "subject message",
    "telegram": "message",
    "victorops": "state_message entity_display_name monitoring_tool",
    "webex": "message",
    "wechat": "message to_user to_party to_tag agent_id",
}
BUILT_IN: Final = frozenset(
    (
        *("__alertmanager", "__alertmanagerURL", "__subject", "__description", "__text_alert_list"),
        "__text_alert_list_markdown",
        *(f"{kind}.default.{name}" for kind, names in _WITH_DEFAULTS.items() for name in names.split()),
    )
)
"""The templates that Alertmanager brings along."""
