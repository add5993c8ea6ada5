"""How scores come in, and go again.
Modules here are verbs; faces are in views, admin, management and tasks."""
