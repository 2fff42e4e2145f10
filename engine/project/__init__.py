"""Projects on disk: folder, records, audit log, files."""
