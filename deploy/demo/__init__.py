"""Made-up cases for a demo district: who they are, what became of them, and how they are filed."""
