"""The stand-in uses the names of the pulumi-aws SDK, so that no typo in its tables can pass."""

import importlib
import inspect
from typing import Any

import pulumi_aws
import pytest
from pulumi._types import _py_properties

from sandbox.provider.functions import FUNCTIONS
from sandbox.provider.properties import upstream
from sandbox.provider.provider import RESOURCES
from sandbox.provider.resource import Resource


def sdk_class(token: str) -> Any:
    _, module, name = token.split(":")
    return getattr(importlib.import_module(f"pulumi_aws.{module.split('/')[0]}"), name)


def names(sdk: type) -> set[str]:
    return {pulumi_name for _, pulumi_name, _ in _py_properties(sdk)}


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=RESOURCES.keys())
def test_the_inputs_and_outputs_of_a_resource_exist_in_the_sdk(resource: Resource) -> None:
    sdk = sdk_class(resource.token)
    arguments = getattr(inspect.getmodule(sdk), f"{sdk.__name__}Args")
    assert sdk.pulumi_type == resource.token
    assert set(resource.properties) <= names(arguments)
    assert set(resource.properties) | resource.computed <= names(sdk)
    assert not set(resource.properties) & resource.computed


@pytest.mark.parametrize("resource", RESOURCES.values(), ids=RESOURCES.keys())
def test_a_resource_requires_the_arguments_that_the_sdk_requires(resource: Resource) -> None:
    sdk = sdk_class(resource.token)
    arguments = getattr(inspect.getmodule(sdk), f"{sdk.__name__}Args")
    demanded = {
        name
        for name, parameter in inspect.signature(arguments).parameters.items()
        if parameter.default is inspect.Parameter.empty
    }
    python_names = {pulumi_name: name for name, pulumi_name, _ in _py_properties(arguments)}
    required = {name for name, rule in resource.properties.items() if rule.required}
    assert {python_names[name] for name in required} == demanded


@pytest.mark.parametrize("token", FUNCTIONS)
def test_a_function_exists_in_the_sdk(token: str) -> None:
    _, module, name = token.split(":")
    package = module.split("/")[0]
    in_module = pulumi_aws if package == "index" else getattr(pulumi_aws, package)
    sdk = getattr(in_module, upstream(name))
    assert f"'{token}'" in inspect.getsource(sdk)
