"""A GX device: D-Bus services, and the MQTT behaviour of Venus OS over them."""
