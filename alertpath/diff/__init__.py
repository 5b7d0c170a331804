"""Which alerts fare differently under another configuration."""
