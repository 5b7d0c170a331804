"""What happens to one alert, and why."""
