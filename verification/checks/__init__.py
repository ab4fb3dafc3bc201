"""The checks, one module per subject; `requirements.py` puts them in order."""
