# The two that set everything up: make demo, make test.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# the tests start hundreds of processes: each reads what the first has compiled
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo run test check bench torture fuzz docs clean

demo: $(VENV)/.runs  ## the console on a simulated site; needs nothing else installed
	@$(BIN)/ovr demo $(ARGS)

run: $(VENV)/.runs  ## the console on this node
	@$(BIN)/ovr $(ARGS)

test: $(VENV)/.tests  ## everything: static checks, then all tests on real parts
	@scripts/need-debian mosquitto victoria-metrics prometheus tmux openssl poppler-utils
	@scripts/check
	@$(BIN)/python -m pytest -n 6 --dist loadgroup $(ARGS)

check: $(VENV)/.tests  ## formatting, lint, types, imports, generated documents
	@scripts/check

bench: $(VENV)/.tests  ## the numbers that the design promises, measured
	@scripts/need-debian mosquitto victoria-metrics
	@$(BIN)/python -m scripts.bench $(ARGS)

torture: $(VENV)/.tests  ## kill everything at random moments, and prove that nothing is lost
	@scripts/need-debian mosquitto victoria-metrics
	@$(BIN)/python -m scripts.torture $(ARGS)

fuzz: $(VENV)/.tests  ## a million hostile MQTT payloads, and a million hostile Modbus answers
	@scripts/need-debian mosquitto
	@$(BIN)/python -m scripts.fuzz mqtt $(ARGS)
	@$(BIN)/python -m scripts.fuzz modbus $(ARGS)

docs: $(VENV)/.tests  ## write the generated documents anew
	@$(BIN)/python -m scripts.make_docs

$(VENV)/.runs: pyproject.toml
	@scripts/make-venv $(PYTHON) $(VENV) '.[demo]'
	@touch $@

$(VENV)/.tests: pyproject.toml
	@scripts/make-venv $(PYTHON) $(VENV) '.[dev]'
	@touch $@ $(VENV)/.runs

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .hypothesis .import_linter_cache
