"""`python -m permissions` writes `docs/permissions.md`."""

from permissions import DOCUMENT, document

if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
