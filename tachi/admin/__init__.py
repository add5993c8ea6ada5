"""What all admin pages share: read-only pages, list filters, formatting of values.
Knows no model of ours."""
