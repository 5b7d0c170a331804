"""From a `Stack` to Alertmanager's configuration and its notification templates.

Takes a valid `Stack`, gives a `Compiled`: the text, its typed form, the templates, and the way back to what people
wrote (`source_map`), so that what Alertmanager would refuse is told at the line in the catalog.
"""
