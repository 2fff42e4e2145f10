"""Finding personal data, and saying what was not looked for."""
