"""Imports of scores: accepting, running, reverting and restoring them.
Modules here are verbs; faces are in views, admin, management and tasks."""
