"""One file per claim; each measures its peer in the same run."""
