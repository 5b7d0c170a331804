"""Configurations to compare with others."""

from __future__ import annotations

from typing import Final

LARGE: Final = r"""
global:
  slack_api_url_file: /secrets/slack
  smtp_smarthost: mail.example.com:587
  smtp_from: alerts@example.com
  opsgenie_api_key_file: /secrets/opsgenie
route:
  receiver: slack-all
  group_by: [alertname, namespace]
  group_wait: 20s
  repeat_interval: 3h
  routes:
  - matchers: ['alertname="Watchdog"']
    receiver: heartbeat
    group_wait: 0s
    repeat_interval: 1m
  - matchers: ['severity=~"critical|page"']
    receiver: audit
    continue: true
    group_by: ['...']
  - matchers: ['namespace=~"shop-.*"']
    receiver: slack-shop
    routes:
    - matchers: ['service="cart"', 'severity="critical"']
      receiver: pager-shop
      group_wait: 5s
      continue: true
    - matchers: ['service=~"cart|checkout"']
      receiver: mail-shop
      mute_time_intervals: [night]
    - matchers: ['severity="info"']
      receiver: nobody
    - matchers: ['service!~"legacy.*"', 'severity!="info"']
      group_by: [service]
      routes:
      - matchers: ['zone="north"']
        receiver: ops-genie
        active_time_intervals: [office, weekend]
  - matchers: ['namespace="bank"', 'severity!=""']
    receiver: ops-genie
    group_interval: 2m
    routes:
    - matchers: ['severity="critical"']
      receiver: pager-bank
    - matchers: ['severity=~"warning|info"']
      receiver: slack-bank
      active_time_intervals: [office]
  - matchers: ['service=~"(api|web)-[0-9]+"']
    receiver: both
    labels: {queue: web}
  - matchers: ['team="data"']
    receiver: hook
    continue: true
    mute_time_intervals: [stocktaking]
  - matchers: ['team=~"data|ml"', 'severity="warning"']
    receiver: slack-shop
inhibit_rules:
- source_matchers: ['severity="critical"']
  target_matchers: ['severity=~"warning|info"']
  equal: [namespace, service]
- source_matchers: ['alertname="Down"', 'zone!=""']
  target_matchers: ['alertname!="Down"']
  equal: [zone]
- source_matchers: ['alertname="Watchdog"', 'namespace="off"']
  target_matchers: ['namespace=~"shop-.*"']
receivers:
- name: slack-all
  slack_configs: [{channel: '#all'}]
- name: slack-shop
  slack_configs: [{channel: '#shop', send_resolved: true, title: 'Shop: {{ .Status }}', text: shop}]
- name: slack-bank
  slack_configs: [{channel: '#bank', api_url_file: /secrets/slack-bank}]
- name: pager-shop
  pagerduty_configs: [{routing_key_file: /secrets/pd-shop, description: shop}]
- name: pager-bank
  pagerduty_configs:
  - {routing_key_file: /secrets/pd-bank}
  - {routing_key_file: /secrets/pd-bank-second, send_resolved: false}
- name: both
  slack_configs: [{channel: '#web', send_resolved: true}]
  pagerduty_configs: [{routing_key_file: /secrets/pd-web}]
- name: mail-shop
  email_configs: [{to: shop@example.com, html: '<b>shop</b>'}]
- name: ops-genie
  opsgenie_configs: [{message: bank, responders: [{name: bank, type: team}]}]
- name: audit
  webhook_configs: [{url: 'http://audit.example.com/alerts', send_resolved: true}]
- name: hook
  webhook_configs: [{url_file: /secrets/hook}]
- name: heartbeat
  webhook_configs: [{url_file: /secrets/heartbeat, send_resolved: false}]
- name: nobody
time_intervals:
- name: office
  time_intervals:
  - {weekdays: ['monday:friday'], times: [{start_time: '09:00', end_time: '18:00'}], location: Europe/Berlin}
- name: weekend
  time_intervals: [{weekdays: [saturday, sunday]}]
- name: night
  time_intervals: [{times: [{start_time: '00:00', end_time: '06:00'}, {start_time: '22:00', end_time: '24:00'}]}]
- name: stocktaking
  time_intervals: [{days_of_month: ['-20:-18'], location: America/New_York}, {months: [december]}]
"""
"""A configuration on which every operator has something to do."""

EVERY_INTEGRATION: Final = """
global: {smtp_smarthost: 'h:25', smtp_from: 'a@b', slack_api_url_file: /s, rocketchat_token_file: /a,
  rocketchat_token_id_file: /b, jira_api_url: 'http://j', mattermost_webhook_url_file: /m, opsgenie_api_key_file: /o,
  victorops_api_key_file: /v, wechat_api_secret_file: /w, wechat_api_corp_id: c, telegram_bot_token_file: /t}
route: {receiver: r}
receivers:
- name: r
  discord_configs: [{webhook_url_file: /d}]
  email_configs: [{to: x@y}]
  incidentio_configs: [{url: 'http://i', alert_source_token_file: /x}]
  jira_configs: [{project: P, issue_type: T}]
  mattermost_configs: [{channel: c}]
  msteams_configs: [{webhook_url_file: /d}]
  msteamsv2_configs: [{webhook_url_file: /d}]
  opsgenie_configs: [{}]
  pagerduty_configs: [{routing_key_file: /r, details: {own: text}}]
  pushover_configs: [{user_key_file: /u, token_file: /t}]
  rocketchat_configs: [{}]
  slack_configs: [{channel: x}]
  sns_configs: [{topic_arn: x, sigv4: {region: x}}]
  telegram_configs: [{chat_id: 1}]
  victorops_configs: [{routing_key: x}]
  webex_configs: [{room_id: x, http_config: {bearer_token_file: /x}}]
  webhook_configs:
  - {url_file: /w, http_config: {basic_auth: {username: x}, tls_config: {ca_file: /x}}}
  - {url: 'http://w', http_config: {oauth2: {client_id: a, token_url: 'http://x', client_secret_file: /x}}}
  wechat_configs: [{}]
"""
"""As little as each integration needs: what Alertmanager shows of it are its defaults."""
