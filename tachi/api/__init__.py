"""How requests and answers of the API look: envelope, parsing, routes,
limits. Knows no account and no domain."""
