//! What is said around certificates: configuration of the daemon, the system's store, answers of the registry.

use crate::engine::Engine::DockerC8d;
use crate::why::symptom::{Cause, Symptom};

pub(super) const SYMPTOMS: &[Symptom] = &[
    Symptom {
        id: "insecure-entry-with-scheme",
        patterns: &[
            "insecure registry {entry} should not contain '://'",
            "insecure registry {entry} should not contain 'https://'",
            "insecure registry {entry} should not contain 'http://'",
            "insecure registry {entry} is not valid: invalid host \"{host}\"",
        ],
        title: "an entry of insecure-registries is no host",
        meaning: "The list holds hosts (registry.example.com:5000) and networks (10.0.0.0/8). Of https:// and http:// dockerd \
                  warns and takes them away; anything else stops it at its start. For a host on the list, Docker with a \
                  graph driver reads no certs.d at all: neither CA nor client certificate.",
        causes: &[Cause::on_host(
            "daemon.json or --insecure-registry names a URL, or a host with a path",
            "write the host without scheme and path; where the registry has a certificate, take it off the list and put its \
             CA into certs.d",
        )],
        sources: &[
            "moby daemon/pkg/registry/config.go (loadInsecureRegistries)",
            "docker-registry#945, distribution#954",
        ],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "blocked-registry",
        patterns: &["registry {prefix} is blocked in {file} or {directory}"],
        title: "registries.conf forbids this registry",
        meaning: "No connection was made: a [[registry]] table of Podman's configuration that matches the image says \
                  blocked = true. Certificates have no part in it.",
        causes: &[Cause::on_host(
            "registries.conf, or a file in registries.conf.d beside it, blocks the registry",
            "take blocked = true out of its table, or pull from another registry",
        )],
        sources: &["containers/image docker/docker_client.go (newDockerClient)"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "not-one-certificate",
        patterns: &["does not contain exactly one certificate"],
        title: "update-ca-certificates passes over a file",
        meaning: "The system's store wants one certificate a file, with a name that ends in .crt; this file holds none or \
                  several. Directories under certs.d know no such limit.",
        causes: &[
            Cause::on_host(
                "a bundle, or no certificate, lies in /usr/local/share/ca-certificates",
                "split the bundle into one .crt file a certificate, and restart the daemon afterwards",
            ),
            Cause::on_host(
                "the CA is needed for one registry alone",
                "put it into certs.d/HOST:PORT/ca.crt instead, which takes bundles and needs no restart",
            ),
        ],
        sources: &["openssl rehash", "for-aws#75, saltstack cert-formula#14, getsentry/develop#1334"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "pull-access-denied",
        patterns: &["pull access denied for {repository}", "pull access denied"],
        title: "the registry says no, or the wrong registry was asked",
        meaning: "TLS succeeded. Mostly the name is wrong or a login is missing; a name without a dot or port means Docker Hub. \
                  On Docker 29 with the containerd store it may also follow from settings made for another engine.",
        causes: &[
            Cause::on_server(
                "the repository does not exist there, or needs a login",
                "check the name, with its registry in front, and docker login REGISTRY",
            ),
            Cause::on_host(
                "mirrors or certificates were set up in /etc/containerd/certs.d, which dockerd does not read",
                "put hosts.toml and certificates under /etc/docker/certs.d",
            )
            .only(&[DockerC8d]),
        ],
        sources: &["moby#51080, docker/cli#6748"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "invalid-reference",
        patterns: &["invalid reference format"],
        title: "the image reference is not one",
        meaning: "No connection was made. A reference has no scheme, its registry no trailing dot and no underscore, its \
                  repository no capitals; Podman and Skopeo take no IPv6 address in it.",
        causes: &[Cause::on_host(
            "the reference is misspelt",
            "write HOST[:PORT]/repository:tag, without https://; give an IPv6 host a name",
        )],
        sources: &["distribution/reference regexp.go"],
        ..Symptom::PLAIN
    },
];
