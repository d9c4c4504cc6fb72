"""Every hospital brought to the newest revision: who is behind, runs over many, and who carries them out (T12–T14)."""
