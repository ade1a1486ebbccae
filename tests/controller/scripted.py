"""A cluster and an account as the model loop meets them on the wire, in memory: what is written is kept, and any request can be refused."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from tests.world import ACCOUNT, merged

from albatross.aws.session.client import Session
from albatross.aws.session.transport import READS
from albatross.catalog import kinds
from albatross.catalog.kinds import KINDS
from albatross.clock import Clock
from albatross.kube.cache import Cache
from albatross.kube.client import Client, Object, Request
from albatross.kube.config import Access
from albatross.kube.errors import KubeError, KubeNotFound, Unreachable
from albatross.kube.events import Event, Recorder
from albatross.model.config import Config

Item = dict[str, Any]
AWAY = Unreachable("https://cluster", "connection refused")


class Cluster(Client):
    """An API server whose watches never lag: what is stored is in the cache at once."""

    def __init__(self) -> None:
        super().__init__(Access(server="http://127.0.0.1:9", source="test"))
        self.cache = Cache()
        self.objects: dict[str, Object] = {}
        self.journal: list[tuple[str, str]] = []
        self.refuse: Callable[[Request], KubeError | None] = lambda _: None

    def apply(self, *objects: Mapping[str, Any]) -> None:
        """Objects as a user applies them: finalizers and status stay."""
        for obj in objects:
            path = _path(obj)
            before = self.objects.get(path, {"metadata": {"uid": path}})
            kept = {name: value for name, value in before["metadata"].items() if name in ("finalizers", "uid", "resourceVersion")}
            own = {"status": before["status"]} if "status" in before else {}
            self._store(path, {**deepcopy(dict(obj)), **own, "metadata": {**kept, **obj["metadata"]}})

    def mark_deleted(self, kind: str, name: str, namespace: str = "shop") -> None:
        """As `kubectl delete` does while there are finalizers."""
        path = KINDS[kind].path(namespace, name)
        self._store(path, merged(self.objects[path], {"metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}}))

    def annotate(self, name: str, annotations: Mapping[str, str]) -> None:
        """More annotations of an Ingress."""
        path = KINDS["Ingress"].path("shop", name)
        self._store(path, merged(self.objects[path], {"metadata": {"annotations": dict(annotations)}}))

    def forget_status(self, name: str) -> None:
        """Somebody has emptied the status of an Ingress."""
        path = KINDS["Ingress"].path("shop", name)
        self._store(path, {**self.objects[path], "status": {}})

    def find(self, kind: str, name: str, namespace: str = "shop") -> Object | None:
        """The object as it is stored."""
        return self.objects.get(KINDS[kind].path(namespace, name))

    def finalizers(self, name: str) -> list[str]:
        """Those of an Ingress; none of one that is gone."""
        return list((self.find("Ingress", name) or {"metadata": {}})["metadata"].get("finalizers") or ())

    def writes(self, ending: str = "") -> list[str]:
        """Paths written to."""
        return [path for method, path in self.journal if method != "GET" and path.endswith(ending)]

    async def call(self, request: Request) -> Object:
        """Answer one request."""
        self.journal.append((request.method, request.path))
        if error := self.refuse(request):
            raise error
        path = request.path.removesuffix("/status")
        if request.method == "POST":
            path = _path(request.body)
            return self._store(path, {**request.body, "metadata": {**request.body["metadata"], "uid": path}})
        if path not in self.objects:
            raise KubeNotFound(request.method, path, 404, "NotFound")
        if request.method == "PATCH":
            return self._store(path, merged(self.objects[path], request.body))
        if request.method == "DELETE":
            return self._drop(path)
        return self.objects[path]

    def _store(self, path: str, obj: Object) -> Object:
        meta = obj["metadata"]
        if meta.get("deletionTimestamp") and not meta.get("finalizers"):
            return self._drop(path)
        version = str(int(self.objects.get(path, {"metadata": {}})["metadata"].get("resourceVersion", 0)) + 1)
        self.objects[path] = {**obj, "metadata": {**meta, "resourceVersion": version}}
        noun = kinds.parse(self.objects[path])
        self.cache.put(obj["kind"], kinds.key(noun), noun)
        return self.objects[path]

    def _drop(self, path: str) -> Object:
        obj = self.objects.pop(path)
        noun = kinds.parse(obj)
        self.cache.put(obj["kind"], kinds.key(noun), None)
        return obj


def _path(obj: Mapping[str, Any]) -> str:
    return KINDS[obj["kind"]].path(obj["metadata"].get("namespace", ""), obj["metadata"]["name"])


PLURALS = {"LoadBalancer": "LoadBalancers", "TargetGroup": "TargetGroups", "Listener": "Listeners", "Rule": "Rules"}
PARENTS = {"Listener": "LoadBalancerArn", "Rule": "ListenerArn"}


class Account(Session):
    """An account: what is made is described again; the network is the recorded one."""

    def __init__(self, config: Config, clock: Clock | None = None) -> None:
        super().__init__(config, clock=clock)
        self.made: dict[str, list[Item]] = {noun: [] for noun in (*PLURALS, "SecurityGroup")}
        self.journal: list[str] = []
        self.refuse: dict[str, Exception] = {}
        self.states: dict[str, str] = {}
        self.provisioning: set[str] = set()

    def writes(self) -> list[str]:
        """Operations that change something."""
        return [each for each in self.journal if not each.startswith("Describe")]

    async def call(self, service: str, operation: str, /, **request: Any) -> Item:
        """Answer one call."""
        self.journal.append(operation)
        if operation in self.refuse:
            self.tries.refused(self.refuse[operation], request if operation.startswith(READS) else None)
            raise self.refuse[operation]
        self.tries.done(operation.startswith(READS))
        for noun, plural in PLURALS.items():
            if operation == f"Create{noun}":
                return {plural: [self._make(noun, request)]}
            if operation == f"Describe{plural}":
                return {plural: self._found(noun, request)}
            if operation == f"Delete{noun}":
                self.made[noun] = [each for each in self.made[noun] if each[f"{noun}Arn"] != request[f"{noun}Arn"]]
        return self._network(operation, request)

    def _make(self, noun: str, request: Item) -> Item:
        number = len(self.journal)
        item = {key: value for key, value in request.items() if value is not None}
        item |= {f"{noun}Arn": f"arn:{noun}/{number}", f"{noun}Name": request.get("Name")}
        if noun == "LoadBalancer":
            item |= {"DNSName": f"{request['Name']}.elb", "AvailabilityZones": request["SubnetMappings"]}
        if noun == "Rule":
            item |= {"Priority": str(request["Priority"])}
        self.made[noun].append(item)
        return item

    def _found(self, noun: str, request: Item) -> list[Item]:
        parent = PARENTS.get(noun, "")
        asked = request.get(f"{noun}Arns")
        found = [each for each in self.made[noun] if not asked or each[f"{noun}Arn"] in asked]
        state = {"State": {"Code": "provisioning"}}
        found = [{**each, **(state if each[f"{noun}Arn"] in self.provisioning else {})} for each in found]
        return [each for each in found if not parent or each[parent] == request.get(parent)]

    def _tag(self, request: Item) -> None:
        given = {each["Key"] for each in request.get("Tags") or ()} | set(request.get("TagKeys") or ())
        for item in (each for noun in PLURALS for each in self.made[noun]):
            if _arn(item) in request["ResourceArns"]:
                item["Tags"] = [*(each for each in item.get("Tags") or () if each["Key"] not in given), *(request.get("Tags") or ())]

    def _network(self, operation: str, request: Item) -> Item:
        match operation:
            case "DescribeTargetHealth":
                state = self.states.get(request["TargetGroupArn"])
                found = [{"Target": {"Id": "10.0.0.1"}, "TargetHealth": {"State": state}}] if state else []
                return {"TargetHealthDescriptions": found}
            case "AddTags" | "RemoveTags":
                self._tag(request)
                return {}
            case "DescribeTags":
                items = [each for noun in PLURALS for each in self.made[noun] if _arn(each) in request["ResourceArns"]]
                return {"TagDescriptions": [{"ResourceArn": _arn(each), "Tags": each.get("Tags") or ()} for each in items]}
            case "ModifyTargetGroup":
                (group,) = (each for each in self.made["TargetGroup"] if each["TargetGroupArn"] == request["TargetGroupArn"])
                group.update(request)
                return {"TargetGroups": [group]}
            case "CreateSecurityGroup":
                tags = [tag for each in request.get("TagSpecifications") or () for tag in each["Tags"]]
                group = {"GroupId": f"sg-{len(self.journal)}", "GroupName": request["GroupName"], "Tags": tags, "VpcId": self.config.vpc_id}
                self.made["SecurityGroup"].append(group)
                return group
            case "AuthorizeSecurityGroupIngress":
                (firewall,) = (each for each in self.made["SecurityGroup"] if each["GroupId"] == request["GroupId"])
                firewall["IpPermissions"] = [*firewall.get("IpPermissions", ()), *request["IpPermissions"]]
                return {}
            case "DeleteSecurityGroup":
                self.made["SecurityGroup"] = [each for each in self.made["SecurityGroup"] if each["GroupId"] != request["GroupId"]]
                return {}
            case "DescribeSecurityGroups":
                return {"SecurityGroups": [each for each in self.made["SecurityGroup"] if _meets(each, request)]}
            case "DescribeSubnets" | "DescribeRouteTables" | "DescribeAvailabilityZones":
                return {operation.removeprefix("Describe"): ACCOUNT[f"ec2.{operation}"]}
            case _:
                return {}


def _arn(item: Item) -> str:
    return str(next(item[f"{noun}Arn"] for noun in ("Rule", "Listener", "LoadBalancer", "TargetGroup") if f"{noun}Arn" in item))


def _meets(group: Item, request: Item) -> bool:
    """Whether a security group is asked for, by id or by filters."""
    known = {f"tag:{each['Key']}": each["Value"] for each in group["Tags"]} | {"group-id": group["GroupId"], "vpc-id": group["VpcId"]}
    filters = [(each["Name"], each["Values"]) for each in request.get("Filters") or ()]
    keys = {each["Key"] for each in group["Tags"]}
    fit = (bool(keys & set(values)) if name == "tag-key" else known.get(name) in values for name, values in filters)
    return group["GroupId"] in request.get("GroupIds", [group["GroupId"]]) and all(fit)


class Heard(Recorder):
    """Keeps what is emitted."""

    def __init__(self, client: Client) -> None:
        super().__init__(client)
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def take(self) -> list[tuple[str, str]]:
        """(name, reason) of each since last asked."""
        found, self.events = [(each.metadata.name, each.reason) for each in self.events], []
        return found
