"""A stack held against a cluster: what is read there, what it should be, and what to do where it is not.

The only part of `alertpath` that opens sockets. It reads; only `sending` posts anything, and only where asked to.
"""
