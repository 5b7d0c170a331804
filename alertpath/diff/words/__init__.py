"""A difference in words: as text, Markdown and JSON."""
