# A newcomer needs the first two.
.PHONY: run test services stop check fix bench

run: ## Installs what is missing, starts everything, prints the address. Ctrl-C stops it.
	@scripts/run

test: ## Installs what is missing, runs every test.
	@scripts/test

services: ## Only the database and Redis; returns. Then: .venv/bin/python manage.py …
	@scripts/start

stop: ## Ends what was started.
	@scripts/stop

check: ## Lint, format, templates, types, imports, migrations, deploy check. Changes nothing.
	@scripts/check

fix: ## Mends lint and format.
	@scripts/fix

bench: ## Measures against the usual tools and writes docs/benchmarks.md.
	@scripts/bench
