"""Checks of inhibition rules."""
