"""`albatross plan -f FILE` as people run it: `python benchmarks/plan.py [ingresses]`.

Each Ingress has four paths, a Service and a group of its own. Unlike compile.py this counts start-up, reading YAML with the place of
everything in it, and printing.
"""

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

PLAN = "import sys; from albatross.cli import main; sys.exit(main())"
FACTS = Path(__file__).parent.parent / "tests/conformance/scenarios/_facts.json"
CLASS = """apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: alb}
spec: {controller: ingress.k8s.aws/alb}
"""
ONE = """---
apiVersion: v1
kind: Service
metadata:
  name: web-NUMBER
  namespace: shop
spec:
  type: ClusterIP
  selector:
    app: web-NUMBER
  ports:
    - name: http
      port: 80
      targetPort: 8080
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: app-NUMBER
  namespace: shop
  annotations:
    alb.ingress.kubernetes.io/scheme: internet-facing
    alb.ingress.kubernetes.io/target-type: ip
    alb.ingress.kubernetes.io/healthcheck-path: /healthz
    alb.ingress.kubernetes.io/tags: team=shop,stage=prod
spec:
  ingressClassName: alb
  rules:
    - host: hNUMBER.example.com
      http:
        paths:
"""
PATH = """          - path: /{path}
            pathType: Prefix
            backend:
              service:
                name: web-NUMBER
                port:
                  number: 80
"""


def manifest(count: int) -> str:
    """One file with all of them."""
    text = ONE + "".join(PATH.format(path=each) for each in ("api", "img", "old", ""))
    return CLASS + "".join(text.replace("NUMBER", str(number)) for number in range(count))


def main() -> None:
    """Plan, print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "many.yaml"
        file.write_text(manifest(count))
        vpc = json.loads(FACTS.read_text())["ec2.DescribeVpcs"][0]["VpcId"]
        place = ("--cluster-name", "prod-eks", "--region", "ap-northeast-2", "--vpc-id", vpc)
        argv = [sys.executable, "-c", PLAN, "plan", "-f", str(file), "--facts", str(FACTS), *place]
        start = perf_counter()
        done = subprocess.run(argv, stdout=subprocess.PIPE, text=True, check=False)
        seconds = perf_counter() - start
    assert done.returncode == 2, done.stdout[-2000:]
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    lines = done.stdout.count("\n")
    print(f"albatross plan of {count} Ingresses: {seconds:.1f} s, {memory:.0f} MiB, {lines} lines printed")


if __name__ == "__main__":
    main()
