"""The steps of `alertpath verify`, a module each; `every` has them all.

Nothing is imported here: an update of the program needs few of them (`cluster.preflight`).
"""
