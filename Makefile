# The verbs of the project; each works on a fresh clone after `make install`.
PYTHON ?= .venv/bin/python
TORCH := torch==2.13.0

.PHONY: install check test format bench lock

install:
	python3 -m venv .venv
	.venv/bin/pip install -c constraints.txt -e ".[dev]"

check:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

test:
	$(PYTHON) -m pytest -n auto

format:
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

bench:
	$(PYTHON) -m benchmarks.throughput task=Ant num_envs=4096

# Writes the versions that a fresh environment resolves to. The vendor's CUDA packages are left to torch, which
# names the exact ones it needs; so the same lock serves its CPU and its GPU builds.
lock:
	rm -rf build/lock
	python3 -m venv build/lock
	build/lock/bin/pip install -e ".[dev]" $(TORCH)
	(sed -n '/^#/p' constraints.txt; build/lock/bin/pip freeze --all --exclude-editable \
		| sed -E '/^(pip|triton|nvidia-.*|cuda-.*)==/d; s/\+[^ ]*$$//' | sort -f) > build/constraints.txt
	mv build/constraints.txt constraints.txt
