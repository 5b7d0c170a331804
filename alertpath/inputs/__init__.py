"""What people write for a stack: its settings, catalog, receivers and credentials, as one valid `Stack`.

Takes the files of a stack (and what Pulumi's engine says of its settings), gives a `Stack`, or all Problems at once.
An *audience* is who is told about a service's alerts of one severity. A *credential* is known by name only.
"""
