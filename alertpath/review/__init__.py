"""What a change does to every stack, as one text."""
