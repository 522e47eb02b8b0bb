"""The pages as people meet them, walked in headless Chromium."""
