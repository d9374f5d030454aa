"""The panel of one asset, made for its kind: pure lines, and the widget that shows them."""
