"""`python -m relief.cli`: the `relief` command without its installed script."""

from relief.cli import main

main(prog_name="relief")
