"""The pages' common frame: base template, macros, navigation, static files, words and dates in both languages."""
