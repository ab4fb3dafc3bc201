"""`make changes` writes the tables in docs/changes.md: what each change to a stack file does.

Their content comes from previews by the real engine in one sandbox.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.support.changes import (
    AWAY,
    EXISTING,
    LOCATION_CHANGES,
    OWN,
    PLAIN,
    REPLICATED,
    YOURS,
    LocationChange,
    Settings,
    StackChange,
    stack_changes,
)
from tests.support.changing_stack import (
    BASE_URL,
    BY_HAND,
    REGION,
    ChangingStack,
    Config,
    Plan,
    changing_stack,
    lines_of,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "changes.md"


@dataclass(frozen=True, kw_only=True)
class Changes:
    """Both tables and the plans behind them."""

    locations: Sequence[Sequence[str]]
    stack: Sequence[Sequence[str]]
    plans: Sequence[Plan]


def compute() -> Changes:
    """Deploy the stacks and preview every change."""
    with tempfile.TemporaryDirectory() as folder, _stacks(Path(folder)) as (stacks, arns):
        changes = stack_changes(arns)
        with ThreadPoolExecutor(2) as threads:
            located = threads.submit(stacks["test"].plan, lambda each: _change_all(each, arns))
            jobs = [threads.submit(stacks[each.base].plan, each.change) for each in changes]
            plan, plans = located.result(), [job.result() for job in jobs]
        names = {base: stack.name for base, stack in stacks.items()}
    return Changes(
        locations=[
            _location_row(number, change, plan) for number, change in enumerate(LOCATION_CHANGES)
        ],
        stack=[
            _stack_row(change, each, names[change.base])
            for change, each in zip(changes, plans, strict=True)
        ],
        plans=[plan, *plans],
    )


@contextmanager
def _stacks(
    folder: Path,
) -> Iterator[tuple[Mapping[str, ChangingStack], Mapping[str, Sequence[str]]]]:
    """Deploy the stacks in one sandbox. Yield them by name, and the ARNs of keys and secrets that they do not own."""
    located = {
        name: _settings(change.before, kind)
        for name, change, kind in _location_changes()
        if change.before is not None
    }
    with changing_stack(folder, sourceLocations=dict.fromkeys(located, BY_HAND)) as stack:
        arns = {
            region: [
                stack.client("kms", region).create_key()["KeyMetadata"]["Arn"] for _ in range(2)
            ]
            for region in (REGION, AWAY)
        }
        secrets = stack.client("secretsmanager")
        for name, _, _ in _location_changes():
            arns[name] = [secrets.create_secret(Name=f"others/{name}")["ARN"]]
        stack.change(lambda config: _write(config, located, arns))
        stack.up()
        bases: Mapping[str, Config] = {
            PLAIN: {},
            REPLICATED: {"replicaRegions": [AWAY]},
            EXISTING: {
                "replicaRegions": [AWAY],
                "encryptionKey": {"arn": arns[REGION][0], "replicaArns": {AWAY: arns[AWAY][0]}},
            },
        }
        others = {
            base: _another(stack, f"stack{number}", config)
            for number, (base, config) in enumerate(bases.items())
        }
        yield {"test": stack, **others}, arns


def _another(stack: ChangingStack, name: str, config: Config) -> ChangingStack:
    """Deploy another stack in the same sandbox, with a source location of each kind and this config."""
    stack.pulumi("stack", "init", name, "--no-select")
    file = stack.file.with_name(f"Pulumi.{name}.yaml")
    file.write_text(stack.file.read_text())
    another = replace(stack, file=file, name=name)

    def change(old: Config) -> None:
        token = next(iter(old["accessTokens"].values()))
        names = {f"{kind}-{name}": kind for kind in (YOURS, OWN)}
        old["sourceLocations"] = {each: _settings(BY_HAND, kind) for each, kind in names.items()}
        old["accessTokens"] = dict.fromkeys(names, token)
        old.update(config)

    another.change(change)
    another.up()
    return another


def _location_changes() -> Iterator[tuple[str, LocationChange, str]]:
    for number, change in enumerate(LOCATION_CHANGES):
        for kind in change.kinds:
            yield f"{kind}-{number}", change, kind


def _settings(settings: Settings, kind: str) -> Settings:
    return settings | ({"baseUrl": BASE_URL} if kind == OWN and "baseUrl" not in settings else {})


def _write(config: Config, located: Config, arns: Mapping[str, Sequence[str]]) -> None:
    """Set the source locations, with a unique name or ARN for each."""
    config["sourceLocations"] = located
    for name, settings in located.items():
        if "adoptSecretArn" in settings:
            settings["adoptSecretArn"] = arns[name][0]
        if "secretName" in settings:
            settings["secretName"] = f"named/{name}"
        if "tokenManagedElsewhere" in settings:
            config["accessTokens"].pop(name, None)


def _change_all(config: Config, arns: Mapping[str, Sequence[str]]) -> None:
    """Make all changes to source locations at once; they are independent of each other."""
    tokens = config["accessTokens"]
    another_token = tokens[f"{YOURS}-1"]
    located: Config = {}
    for name, change, kind in _location_changes():
        token = tokens.pop(name, another_token)
        if change.after is None:
            continue
        settings = _settings(change.after, kind)
        if settings.pop("TOKEN", None):
            token = another_token
        new_name = f"{name}-renamed" if settings.pop("RENAMED", None) else name
        located[new_name] = {key: value for key, value in settings.items() if value is not None}
        tokens[new_name] = token
    _write(config, located, arns)


def _location_row(number: int, change: LocationChange, plan: Plan) -> Sequence[str]:
    names = [f"{kind}-{number}" for kind in change.kinds]
    resources = _resources(plan, lambda name: _kind(name, names))
    unaffected = "new" if change.before is None else "keeps working"
    impacts = [
        _impact(plan, f"{kind}-{number}", unaffected) if kind in change.kinds else ""
        for kind in (YOURS, OWN)
    ]
    return [f"`{change.key}`", change.what, resources, *impacts]


def _stack_row(change: StackChange, plan: Plan, stack: str) -> Sequence[str]:
    names = [f"{kind}-{stack}" for kind in (YOURS, OWN)]
    resources = _resources(plan, lambda name: _kind(name, names) or _kind_of_key(name))
    impacts = [_impact(plan, name) for name in names]
    return [f"`{change.key}`", change.what, change.base, resources, *impacts]


def _kind(name: str, locations: Sequence[str]) -> str:
    """Return the kind of a source location's resource, or an empty string for other resources."""
    for location in locations:
        kind = name.removeprefix(f"{location}-").removeprefix("renamed-")
        if kind != name:
            return {"policy": "secret policy", "version": "token"}.get(kind, kind.replace("-", " "))
    return ""


def _kind_of_key(name: str) -> str:
    return "replica key" if name.startswith("replica-") else name


def _resources(plan: Plan, kind_of: Callable[[str], str]) -> str:
    """Return the operations and the kinds of resources that they affect."""
    kinds: dict[str, list[str]] = {}
    for name, operation in plan.operations.items():
        kind = kind_of(name)
        if kind and kind not in kinds.setdefault(operation, []):
            kinds[operation].append(kind)
    parts = [
        f"**{operation}s** {', '.join(sorted(kinds.pop(operation)))}"
        for operation in ("create", "import", "update", "replace", "delete")
        if operation in kinds
    ]
    assert not kinds, f"unknown operations: {kinds}"
    return "; ".join(parts) or "nothing"


def _impact(plan: Plan, name: str, unaffected: str = "keeps working") -> str:
    """Return what the message says about a source location."""
    lines = [line for line in lines_of(plan.impact) if line.startswith(f"{name}: ")]
    meanings = [line.removeprefix(f"{name}: ").replace(" below", "") for line in lines]
    return "; ".join(meanings) or unaffected


def document(changes: Changes) -> str:
    """Return the text of docs/changes.md with these tables."""
    tables = {
        "source locations": _table(
            ["setting", "change", "Pulumi", "yours", "the stack's"], changes.locations
        ),
        "stack": _table(
            ["setting", "change", "stack", "Pulumi", "yours", "the stack's"], changes.stack
        ),
    }
    text = DOCUMENT.read_text(encoding="utf-8")
    for name, table in tables.items():
        start, end = f"<!-- table: {name} -->\n", "<!-- end -->"
        before, _, rest = text.partition(start)
        text = "".join([before, start, *table, end, rest.partition(end)[2]])
    return text


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for row in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(row)} |\n"


if __name__ == "__main__":
    DOCUMENT.write_text(document(compute()), encoding="utf-8")
