"""`python -m sandbox`: runs the command line of sandbox/cli.py."""

from __future__ import annotations

import sys

from sandbox.cli import main

sys.exit(main())
