"""What the tests that attack the server share: players, clusters at work, limits."""
