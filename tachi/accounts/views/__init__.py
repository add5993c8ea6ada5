"""Endpoints of accounts: a module per subject."""
