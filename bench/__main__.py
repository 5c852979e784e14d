import sys

from bench import report

sys.exit(report.main(sys.argv[1:]))
