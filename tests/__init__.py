"""What this library claims, as tests; the folders mirror those of the package."""
