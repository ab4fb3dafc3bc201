"""How fast the program is beside the least that does the same: `make bench`. Not needed to deploy anything."""
