"""The collector: reads devices, keeps one image of the site, journals and delivers every sample."""

__version__ = "0.1.0"
