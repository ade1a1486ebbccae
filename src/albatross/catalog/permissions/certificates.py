"""Certificates."""

from albatross.catalog.permissions.call import TAGGED_REQUEST, TAGGED_RESOURCE, implied, rows

ROWS = (
    *rows(
        "FindCertificates", "acm", "discovery of certificates by host", "DescribeCertificate", "ListCertificates", feature="certificates"
    ),
    *implied(
        "FindServerCertificates",
        "certificates in IAM",
        "iam:GetServerCertificate",
        "iam:ListServerCertificates",
        feature="certificates",
    ),
    *rows(
        "TagCertificates",
        "acm",
        "tags of our certificates",
        "AddTagsToCertificate",
        "ListTagsForCertificate",
        feature="certificate-creation",
    ),
    *rows(
        "RequestCertificates", "acm", "only with our tag", "RequestCertificate", feature="certificate-creation", condition=TAGGED_REQUEST
    ),
    *rows(
        "DeleteCertificates",
        "acm",
        "only for resources with our tag",
        "DeleteCertificate",
        feature="certificate-creation",
        condition=TAGGED_RESOURCE,
    ),
    *rows(
        "ProveDomains",
        "route53",
        "DNS records that validate a domain",
        "ChangeResourceRecordSets",
        "ListHostedZones",
        feature="certificate-creation",
    ),
    *implied(
        "IssuePrivateCertificates",
        "ACM needs these for certificates of a private CA",
        "acm-pca:GetCertificate",
        "acm-pca:IssueCertificate",
        "acm-pca:ListPermissions",
        feature="certificate-creation",
    ),
)
