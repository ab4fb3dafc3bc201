"""The checks, one module per subject; `requirements.py` orders them."""
