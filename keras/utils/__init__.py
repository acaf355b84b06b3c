"""Helpers by their classic names."""
