"""Checks of receivers, time intervals and templates."""
