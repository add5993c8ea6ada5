"""What has been played, and everything that follows from it.
Modules here are verbs and what they need; faces are in views, admin, management."""
