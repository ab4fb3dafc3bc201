"""The copy of `Pulumi.yaml`."""

from pathlib import Path

import pytest
import yaml

from tests.support.copied_files import project_file


@pytest.mark.parametrize("content", ["stackConfigDir: stacks", "config: stacks"])
def test_the_copy_of_the_project_has_no_stack_config_folder(tmp_path: Path, content: str) -> None:
    project = project_file(f"name: x\n{content}\n", tmp_path)
    assert (project.name, project.stack_config_dir) == ("x", "stacks")
    assert yaml.safe_load(project.text()) == {"name": "x"}


def test_a_project_with_two_stack_config_folders_is_left_for_pulumi_to_refuse(
    tmp_path: Path,
) -> None:
    content = "name: x\nstackConfigDir: a\nconfig: b\n"
    assert yaml.safe_load(project_file(content, tmp_path).text()) == yaml.safe_load(content)


def test_the_copy_of_the_project_uses_the_workspaces_virtual_environment(tmp_path: Path) -> None:
    project = project_file(
        "name: x\nruntime: {name: python, options: {toolchain: pip, virtualenv: /home/venv}}\n",
        tmp_path,
    )
    options = yaml.safe_load(project.text())["runtime"]["options"]
    assert options == {"toolchain": "pip", "virtualenv": ".venv"}


@pytest.mark.parametrize("runtime", ["python", "{name: python}", "{name: python, options: {}}"])
def test_a_project_without_a_virtual_environment_gets_none(tmp_path: Path, runtime: str) -> None:
    project = project_file(f"name: x\nruntime: {runtime}\n", tmp_path)
    assert yaml.safe_load(project.text())["runtime"] == yaml.safe_load(runtime)


def test_settings_in_the_project_file_are_left_out_as_well(tmp_path: Path) -> None:
    project = project_file(
        "name: x\nconfig: {aws:profile: users, aws:region: {value: eu-west-1}}\n", tmp_path
    )
    config = yaml.safe_load(project.without_settings({"aws:profile"}))["config"]
    assert config == {"aws:region": {"value": "eu-west-1"}}
