"""Attacks on the server: what must not bring it down, seen from outside."""
