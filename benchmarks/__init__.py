"""How much time this program takes compared with the least that does the same: `make bench`."""
