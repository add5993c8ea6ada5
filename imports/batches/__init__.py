"""Reverts in batches: drafts with previews, control, the job that runs them, documents.

A batch is a plan first, and then runs as the site's job of kind `revert-batches`.
"""
