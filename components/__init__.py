"""Pulumi components, one a file, each usable alone in any program: docs/components.md.

Each takes small arguments, a dataclass or a mapping of the same names, and has outputs that wait for its objects. One
scheme for types, `alertpath:components:<class>`, and for names: COMPONENT-OBJECT. A provider that the caller or a
parent gives is used; a component without one makes its own.

A module, class or component that gets another name or another parent changes the URN of its resources, and Pulumi then
creates the same object again and deletes it. Such a change carries `aliases=[pulumi.Alias(...)]` with the old name,
type or parent for as long as a stack may have the old state. The objects that pages depend on are retained besides.
"""
