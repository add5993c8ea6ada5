"""What all admin pages share: read-only pages, list filters, how values look.
Knows no model of ours."""
