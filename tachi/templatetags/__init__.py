"""Tags and filters of templates of every kind of page."""
