"""The modules of a hospital, one folder each."""
