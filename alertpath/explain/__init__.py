"""What happens to one alert, and why: `alertpath explain`.

Takes labels and a configuration, gives an `Explanation`, and writes it as text or JSON.
"""
