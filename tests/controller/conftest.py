"""What this folder's tests share with those of `aws` and `kube`: an account, and an API server."""

from tests.aws import conftest as aws
from tests.kube import conftest as kube

account = aws.account
api = kube.api
