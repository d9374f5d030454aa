"""Reports: from a job's input to files, as pure functions; of ours it knows `collector.model` only.

inputs.json + rollups ─► measured ─► figures, worth ─► SystemReport ─► render ─► the files
"""
