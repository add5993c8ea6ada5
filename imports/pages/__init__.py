"""The owners' pages: what comes by `/` and `/imports/`. Faces; no rule lives here."""
