"""What every service's web stands on: the application factory and its guards; import from the module you need."""
