"""The Pulumi components of a stack: they turn the objects of `alertpath.manifests` into resources, or render them.

One scheme for types: `alertpath:components:<class>`. A resource is called as its object is, so that names in a preview
are names in the cluster.

A module, class or component that gets another name or another parent changes the URN of its resources, and Pulumi then
creates the same object again and deletes it. Such a change carries `aliases=[pulumi.Alias(...)]` with the old name,
type or parent for as long as a stack may have the old state. The objects that pages depend on are retained besides.
"""
