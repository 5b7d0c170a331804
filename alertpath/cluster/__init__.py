"""A running cluster held against a stack: `alertpath verify`, and before each update what it meets (`preflight`).

Takes a stack and a kubeconfig, reads the cluster once (`observing`), lets each module of `steps` judge one thing, and
gives outcomes, the likely cause first. It alone opens sockets.
"""
