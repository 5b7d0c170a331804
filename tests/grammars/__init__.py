"""Texts made from a grammar, valid ones and near misses, for comparison with the code that reads them in Go.

Each module has one grammar. A `random.Random` with a fixed seed chooses, so that a failure can be repeated.
"""
