"""How hard property-based tests try: `--hypothesis-profile=thorough` takes minutes."""

from hypothesis import settings

settings.register_profile("quick", max_examples=50, deadline=None)
settings.register_profile("thorough", max_examples=5_000, deadline=None)
settings.load_profile("quick")
