"""Who may do what: every endpoint, every admin page, and attacks on them."""
