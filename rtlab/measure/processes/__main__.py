"""Start one of the processes of an experiment."""

import sys
from importlib import import_module

from rtlab.measure.processes.talk import hear

if __name__ == "__main__":
    import_module(f"rtlab.measure.processes.{sys.argv[1]}").main(hear())
