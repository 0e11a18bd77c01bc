"""The world, one file (or folder) for each thing touched."""
