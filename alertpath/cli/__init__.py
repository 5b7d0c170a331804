"""The command line: a module a command.

`add` declares a command's arguments; what it runs is imported when it runs, so that `--help` is quick.
"""
