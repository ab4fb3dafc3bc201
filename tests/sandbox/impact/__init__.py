"""What updates mean for MediaTailor: the message of previews and updates, with the real engine."""
