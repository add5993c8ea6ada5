"""Songs and charts from seed files: read, checked, stored, with their identifiers."""
