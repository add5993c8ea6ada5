"""Songs and charts from seed files: reading, checking, loading, identifiers."""
