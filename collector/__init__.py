"""The collector: reads devices, keeps one image of the site, journals and delivers every sample."""
