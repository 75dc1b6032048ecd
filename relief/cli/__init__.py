"""The `relief` command."""

import importlib

import click

from relief.core.processes import end_with

# Module → the command it defines. A command is imported only when it is called, so that
# `relief serve` does not wait for the libraries of `relief sample`.
COMMANDS = {
    "run": "relief.cli.run:run",
    "setup": "relief.cli.setup:setup",
    "serve": "relief.cli.serve:serve",
    "sample": "relief.cli.sample:sample",
    "import": "relief.cli.imports:import_",
    "registers": "relief.cli.registers:registers",
    "merge": "relief.cli.merge:merge",
    "linkage": "relief.cli.linkage:linkage",
    "audit": "relief.cli.audit:audit",
    "keys": "relief.cli.keys:keys",
    "accounts": "relief.cli.accounts:accounts",
    "bench": "relief.cli.bench:bench",
    "schemes": "relief.cli.schemes:schemes",
    "workdays": "relief.cli.workdays:workdays",
    "backup": "relief.cli.backups:backup",
    "restore": "relief.cli.backups:restore",
    "drill": "relief.cli.backups:drill",
    "wechat": "relief.cli.wechat:wechat",
    "phone": "relief.cli.phone:phone",
}


class LazyGroup(click.Group):
    """Finds a command's module when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002  # click's
        cmd_name: str,
    ) -> click.Command | None:
        """Import one command."""
        target = COMMANDS.get(cmd_name)
        if target is None:
            return None
        module, _, name = target.partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101  # narrows for the type checker
        return command


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="城乡困难户帮扶平台：运行、装载和维护。",
)
@click.option("--parent", type=int, hidden=True, help="随此进程一同结束")
def main(*, parent: int | None) -> None:
    """Hold the commands; `--parent` ends the command when the process that gave it ends."""
    if parent is not None:
        end_with(parent)
