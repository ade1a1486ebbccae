"""The tree of exceptions, for bugs and for errors of AWS. What a user can correct is a Problem instead.

AlbatrossError
  RecordingError              aws.read.recorded
  AwsError                    aws.session.errors
    Throttled                 aws.session.errors
    Denied                    aws.session.errors
    NotFound                  aws.session.errors
    Conflict                  aws.session.errors
    Limit                     aws.session.errors
    Busy                      aws.session.errors
    Invalid                   aws.session.errors
    Unavailable               aws.session.errors
    Unknown                   aws.session.errors
  NotReady                    aws.session.errors
  IdentityError               aws.session.errors
    RoleError                 aws.session.errors
  RateError                   aws.session.throttle
  UnresolvedError             aws.wire.action
  ZoneError                   aws.wire.certificate
  Wrong                       catalog.settings.value
  Malformed                   catalog.shape
  Unusable                    cli.decision
  Stuck                       cli.demo.stage
  HandoverError               cli.handover
  Missing                     cli.live
  Unready                     cli.ready
  Late                        cli.wait
  Unplaced                    controller.place
  Fenced                      errors
  KubeError                   kube.errors
    BindingStuck              kube.bindings
    Unconfigured              kube.errors
    Unreachable               kube.errors
      Silent                  kube.errors
    Refused                   kube.errors
      Unauthorized            kube.errors
      Forbidden               kube.errors
      KubeNotFound            kube.errors
      KubeConflict            kube.errors
      Gone                    kube.errors
      KubeInvalid             kube.errors
      KubeThrottled           kube.errors
  Broken                      manifests.compose
  Unfit                       manifests.edit
"""


class AlbatrossError(Exception):
    """Any exception that this program raises on purpose. Its text is lower case, names the object and gives the next step."""


class Fenced(AlbatrossError):
    """A write that was not sent, because the lease of this process has expired and another process may lead."""
