"""The site as a whole: settings, addresses, system checks. Rooms below it: accounts,
api, admin, schema."""
