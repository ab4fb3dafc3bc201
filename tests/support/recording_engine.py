"""An engine that records the program's requests and answers them like AWS, without network, AWS or Pulumi CLI."""

import asyncio
import contextlib
import contextvars
import gc
import json
import logging
import runpy
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import json_format
from pulumi.runtime import mocks, rpc, set_all_config, settings
from pulumi.runtime.stack import run_in_stack

from stack_config import StackConfigError, load_stack_config

PROGRAM = Path(__file__).parents[2] / "__main__.py"
PROJECT = "mediatailor-access-token"
ACCOUNT = "210987654321"
REGION = "eu-west-1"
TOKEN = "canary-7f3a token"  # the canary: only the SecretVersion may contain it
KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"

Config = Mapping[str, Any]


def secret_arn(name: str) -> str:
    return f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-AbCdEf"


@dataclass
class Deployment:
    """The engine's record of a run of the program."""

    resources: dict[tuple[str, str], Any] = field(default_factory=dict)
    """Each RegisterResourceRequest by type and name."""
    invokes: list[str] = field(default_factory=list)
    providers: list[str] = field(default_factory=list)
    """The arguments of each invoke."""
    messages: list[str] = field(default_factory=list)
    """The engine's entire input as text with decrypted secrets, except the values of SecretVersions."""
    outputs: dict[str, Any] = field(default_factory=dict)
    """The stack's outputs."""
    order: list[str] = field(default_factory=list)
    """Names of resources in the order of creation, and `outputs of <name>` when a component's outputs became known."""
    errors: list[str] = field(default_factory=list)
    """Errors that the program reported."""
    warnings: list[str] = field(default_factory=list)
    """Warnings that the program reported."""
    adopted_value: "str | FailedInvoke" = "{}"
    """The value of each secret to adopt, or the error when reading it."""
    previous_outputs: dict[str, Any] = field(default_factory=dict)
    """Outputs of the last successful update."""
    properties: dict[str, dict[str, Any]] = field(default_factory=dict)
    """A source location in AWS, if it differs from the stack's."""

    def inputs(self, type_: str, name: str) -> dict[str, Any]:
        properties = rpc.deserialize_properties(self.resources[type_, name].object)
        return {key: rpc.unwrap_rpc_secret(value) for key, value in properties.items()}

    def policy(self, type_: str, name: str, key: str = "policy") -> Any:
        return json.loads(self.inputs(type_, name)[key])

    def names(self, type_: str) -> list[str]:
        return [name for found, name in self.resources if found == type_]


class _Aws(mocks.Mocks):
    """Answers like AWS, with the IDs and ARNs of new resources."""

    def __init__(self, deployment: Deployment, partition: str) -> None:
        self.deployment = deployment
        self.partition = partition

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:  # type: ignore[override]  # a plain answer is taken too
        if args.token == "pulumi:pulumi:readStackOutputs":
            return {"outputs": self.deployment.previous_outputs}
        answers = {
            "aws:index/getPartition:getPartition": {"partition": self.partition},
            "aws:index/getRegion:getRegion": {"region": REGION},
            "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT},
        }
        if args.token == "aws:secretsmanager/getSecretVersion:getSecretVersion":
            if isinstance(self.deployment.adopted_value, FailedInvoke):
                raise self.deployment.adopted_value
            answers[args.token] = {"secretString": self.deployment.adopted_value}
        self.deployment.invokes.append(args.token)
        self.deployment.providers.append(args.provider)
        return answers[args.token]

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        state = {key: rpc.unwrap_rpc_secret(value) for key, value in args.inputs.items()}
        match args.typ:
            case "aws:kms/key:Key":
                return "key-id", {**state, "arn": KEY_ARN, "keyId": KEY_ARN.rpartition("/")[2]}
            case "aws:secretsmanager/secret:Secret":
                arn = secret_arn(args.name)
                return arn, {**state, "arn": arn}
            case "aws:kms/replicaKey:ReplicaKey":
                return "key-id", {**state, "arn": KEY_ARN.replace(REGION, args.inputs["region"])}
            case "aws:iam/role:Role":
                arn = f"arn:aws:iam::{ACCOUNT}:role/{args.name}"
                return args.name, {**state, "arn": arn}
            case "aws:cloudcontrol/resource:Resource":
                settings = json.loads(args.inputs["desiredState"])
                name = settings["SourceLocationName"]
                arn = f"arn:aws:mediatailor:{REGION}:{ACCOUNT}:sourceLocation/{name}"
                properties = self.deployment.properties.get(name, settings) | {"Arn": arn}
                return name, {**state, "properties": json.dumps(properties)}
            case _:
                return f"{args.name}-id", state


class FailedInvoke(grpc.RpcError):
    """The engine's error if a provider's function fails."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return str(self)


class _Log(logging.Handler):
    def __init__(self, deployment: Deployment) -> None:
        super().__init__(logging.WARNING)
        self.deployment = deployment

    def emit(self, record: logging.LogRecord) -> None:
        lists = {logging.ERROR: self.deployment.errors, logging.WARNING: self.deployment.warnings}
        lists[record.levelno].append(record.getMessage())


class _Engine(mocks.MockMonitor):
    def __init__(self, aws: _Aws) -> None:
        super().__init__(aws)
        self.deployment = aws.deployment

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 the engine's interface
        if request.type != "pulumi:pulumi:Stack":
            self.deployment.resources[request.type, request.name] = request
        message = json_format.MessageToDict(request)
        if request.type == "aws:secretsmanager/secretVersion:SecretVersion":
            message["object"].pop("secretString")
        self.deployment.messages.append(json.dumps(message))
        answer = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        self.deployment.order.append(request.name)
        return answer

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 the engine's interface
        self.deployment.messages.append(json.dumps(json_format.MessageToDict(request)))
        self.deployment.order.append(f"outputs of {request.urn.rpartition('::')[2]}")
        if "::pulumi:pulumi:Stack::" in request.urn:
            self.deployment.outputs = rpc.deserialize_properties(request.outputs)
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


def use_config(
    config: Config, *, secret_keys: Sequence[str] = ("accessTokens",), region: str | None = REGION
) -> None:
    """Pass a config to the SDK as the language host does.

    `secret_keys` are those that contain encrypted values in the stack file, `region` the one in the config.
    """
    values = {
        key if ":" in key else f"{PROJECT}:{key}": value
        if isinstance(value, str)
        else json.dumps(value)
        for key, value in config.items()
    }
    if region:
        values["aws:region"] = region
    set_all_config(values, [key if ":" in key else f"{PROJECT}:{key}" for key in secret_keys])


def config_errors(config: Config, **how: Any) -> str:
    """Return the error message for a config, empty if it is valid; the arguments are those of `use_config`."""
    use_config(config, **how)
    settings.configure(settings.Settings(project=PROJECT, stack="dev"))
    try:
        load_stack_config()
    except StackConfigError as error:
        return str(error)
    return ""


def run_program(
    deployment: Deployment,
    config: Config,
    *,
    secret_keys: Sequence[str] = ("accessTokens",),
    region: str | None = REGION,
    partition: str = "aws",
) -> Deployment:
    """Run the program with a config, and fill the deployment.

    `secret_keys` and `region` are those of `use_config`; the provider deploys to REGION of `partition` in any case.
    """
    use_config(config, secret_keys=secret_keys, region=region)
    try:
        run(deployment, _program, partition=partition)
    finally:
        gc.enable()  # the program disables it
    return deployment


def _program() -> None:
    runpy.run_path(str(PROGRAM), run_name="__main__")


def run(deployment: Deployment, program: Callable[[], Any], *, partition: str = "aws") -> None:
    """Run any program on the engine, and fill the deployment."""
    # One thread answers all calls, with an event loop that is closed at the end: by default, the SDK's
    # monitor opens one in each thread of the pool and closes none.
    answering = asyncio.new_event_loop()

    async def main() -> None:
        pool = ThreadPoolExecutor(1, initializer=asyncio.set_event_loop, initargs=(answering,))
        asyncio.get_running_loop().set_default_executor(pool)
        aws = _Aws(deployment, partition)
        logger = logging.Logger("engine")  # noqa: LOG001 one logger for each deployment
        logger.addHandler(_Log(deployment))
        mocks.set_mocks(
            aws,
            project=PROJECT,
            stack="dev",
            organization="organization",
            monitor=_Engine(aws),
            logger=logger,
        )
        # set_mocks creates a stack that accepts no asynchronous program; run_in_stack creates one that does.
        settings.set_root_resource(None)  # type: ignore[arg-type]
        try:
            await run_in_stack(program)
        finally:
            # Pending work of a failed program must not affect the next one.
            settings.SETTINGS.outputs.clear()

    # In a new thread, because the SDK reads the whole call stack for each resource, and pytest's is deep.
    with contextlib.closing(answering), ThreadPoolExecutor(1) as thread:
        thread.submit(contextvars.copy_context().run, asyncio.run, main()).result()
