# Small changes to the program, each of which a test must notice: tests/mutants/.
# Not part of the check. Included by the Makefile.

.PHONY: mutants

mutants:
	@$(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory deps-test
	@set -f; $(PYTHON) tests/mutants/run.py $(NAME)
