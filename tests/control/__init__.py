"""Control of devices."""
