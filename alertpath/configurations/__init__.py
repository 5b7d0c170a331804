"""What a question is asked about: a stack, a file, or either of them at a git revision.

Takes the name that people give it, gives a `Loaded`: the configuration and what is known of its surroundings.
"""
