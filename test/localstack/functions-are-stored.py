"""Runs inside LocalStack as it starts. To stand, a function there needs a container engine and a download; these
suites only ask what it says of a function, and run none."""

from localstack.services.lambda_.invocation.docker_runtime_executor import DockerRuntimeExecutor

DockerRuntimeExecutor.prepare_version = staticmethod(lambda function_version: None)
