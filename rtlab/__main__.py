"""`python -m rtlab`: the command `rtlab`, where its folder is not on the path."""

from rtlab.cli import main

main(prog_name="rtlab")
