//! What Go says when nothing that it trusts vouches for the server's certificate (`crypto/x509`, verify.go).

use crate::engine::Engine::{Buildkit, Containerd, DockerC8d, DockerClassic};
use crate::why::symptom::{Cause, Evidence, Symptom};

const NO_DIRECTORY: Cause = Cause::in_directory(
    "no directory has exactly the name that the image reference spells: host, port and case",
    &["CW104", "CW105", "CW106", "CW107", "CW108"],
    "name the directory exactly as the reference spells the registry: with the port where it has one, without :443 \
     where it has none",
)
.seen(Evidence::NoDirectory);

const SLIP: Cause = Cause::in_directory(
    "the name of the directory is a slip: another one is nearly the same, and one of the two has no CA",
    &["CW708"],
    "compare both names with the reference, and put the CA where the reference leads",
);

const NAME_NOT_CRT: Cause = Cause::in_directory(
    "the CA certificate is in a file that engines do not take for one: only names that end in .crt count",
    &["CW103", "CW101", "CW110"],
    "rename the CA certificate to ca.crt",
);

const NO_CERTIFICATE_READ: Cause = Cause::in_directory(
    "the .crt holds nothing that Go reads: DER, a byte-order mark, a foreign label, glued or damaged blocks",
    &["CW201", "CW204", "CW205", "CW206", "CW207", "CW203", "CW202", "CW208"],
    "write the certificate again as PEM, each block labelled CERTIFICATE and on lines of its own",
);

const NOTHING_TRUSTED: Cause = Cause::in_directory(
    "the directory gives the engine no trust anchor",
    &["CW109", "CW203", "CW601"],
    "put the certificate of the CA that issued the server's certificate into ca.crt",
)
.seen(Evidence::NoAnchor);

const PINNED_LEAF: Cause = Cause::in_directory(
    "the .crt holds an old server certificate instead of its CA, and the server has a new one",
    &["CW305", "CW304"],
    "put the issuing CA's certificate into ca.crt instead of the server's own",
);

const NO_INTERMEDIATE: Cause = Cause::on_server(
    "the server does not send its intermediate certificate; browsers fetch it, Go does not",
    "make the server send leaf and intermediate, or add the intermediate's certificate to ca.crt",
);

const OTHER_CA: Cause = Cause::on_server(
    "the server's certificate is from another CA than the one in the directory, or from a proxy in between",
    "look at the issuer that the server sends, and put that CA's certificate into ca.crt if it is to be trusted",
)
.hinted(&["CW402", "CW710", "CW310"]);

const OTHER_ROOT: Cause = Cause::on_host(
    "the engine reads another root: rootless, a VM, a snap, or a misspelt one such as /etc/docker/cert.d",
    "put the directory where this engine looks: /etc/docker/certs.d, rootless ~/.config/docker/certs.d, Podman \
     ~/.config/containers/certs.d first, Docker Desktop ~/.docker/certs.d and a restart, snap \
     /var/snap/docker/current/etc/docker/certs.d",
);

const HIDDEN_BY_HOSTS_TOML: Cause = Cause::in_directory(
    "hosts.toml is there, so the certificate files beside it are not read; or it is refused, and its CA not used",
    &["CW701", "CW702", "CW704"],
    "name the CA in hosts.toml: ca = \"ca.crt\"",
)
.only(&[DockerC8d, Containerd]);

const CRI_PATH: Cause = Cause::on_host(
    "containerd's CRI plugin is not told of the root, or the setting stands in the section of another version",
    "set config_path = \"/etc/containerd/certs.d\" (one root) under the registry table of the CRI images plugin, and \
     restart containerd",
)
.only(&[Containerd]);

const STALE_SYSTEM_STORE: Cause = Cause::on_host(
    "the CA was added to the system's store while the daemon ran: it reads the store once, when it starts",
    "restart the daemon, or put the CA into certs.d, which is read every time",
)
.only(&[DockerClassic, DockerC8d, Containerd, Buildkit]);

const INSIDE_CONTAINER: Cause = Cause::on_host(
    "the engine runs in a container or on another node, where the directory is missing or differs",
    "mount certs.d into that container, and compare the directories of the nodes",
);

const LOST_IN_BUILDER: Cause = Cause::on_host(
    "the builder runs in a container of its own (driver docker-container) and does not read this host's certs.d",
    "name ca and keypair for the registry in buildkitd.toml, and create the builder again with --buildkitd-config",
)
.only(&[Buildkit]);

const CAUSES_OF_DISTRUST: &[Cause] = &[
    NO_DIRECTORY,
    SLIP,
    NAME_NOT_CRT,
    NO_INTERMEDIATE,
    NO_CERTIFICATE_READ,
    PINNED_LEAF,
    NOTHING_TRUSTED,
    HIDDEN_BY_HOSTS_TOML,
    LOST_IN_BUILDER,
    CRI_PATH,
    OTHER_ROOT,
    OTHER_CA,
    STALE_SYSTEM_STORE,
    INSIDE_CONTAINER,
];

const UNKNOWN_AUTHORITY: &[&str] = &[
    "x509: certificate signed by unknown authority",
    "x509: certificate signed by unknown authority (possibly because of \"{reason}\" while trying to verify candidate \
     authority certificate \"{authority}\")",
    // As people write it down.
    "certificate signed by unknown authority",
];

pub(super) const SYMPTOMS: &[Symptom] = &[
    Symptom {
        id: "notary-unknown-authority",
        patterns: UNKNOWN_AUTHORITY,
        within: &["notary server", "trust server", "trust data for"],
        title: "the server for image signatures is not trusted",
        meaning: "Docker Content Trust talks to a notary server of its own and has its own directory for that server's CA: \
                  ~/.docker/tls/HOST, not certs.d.",
        causes: &[Cause::on_host(
            "the CA is missing from ~/.docker/tls",
            "copy ca.crt to ~/.docker/tls/HOST:PORT/ca.crt of the user that runs docker trust",
        )],
        sources: &["docker/cli cli/trust/trust.go", "moby#24402, notary#1267"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "mirror-unknown-authority",
        patterns: UNKNOWN_AUTHORITY,
        within: &["?ns=", "&ns="],
        is_elsewhere: false,
        title: "a mirror of the registry is not trusted",
        meaning: "The engine asked a mirror, which the host in the URL names, on behalf of the registry that ns= names. \
                  Docker's containerd store and containerd use the settings of the registry's directory for its mirrors, \
                  never a directory that is named after the mirror.",
        causes: &[
            Cause::on_host(
                "the mirror's CA is not among the settings of the registry that it mirrors",
                "put the mirror's CA into the registry's directory (certs.d/docker.io for Docker Hub), or name it with ca = \
                 in the [host.\"https://MIRROR\"] table of that directory's hosts.toml",
            ),
            NAME_NOT_CRT,
            NO_CERTIFICATE_READ,
            NO_INTERMEDIATE,
            OTHER_CA,
        ],
        sources: &["containerd core/remotes/docker/resolver.go (ns=)", "for-linux#1031, distribution#2295"],
    },
    Symptom {
        id: "hub-unknown-authority",
        patterns: UNKNOWN_AUTHORITY,
        within: &[
            "://registry-1.docker.io",
            "://auth.docker.io",
            "://index.docker.io",
            "https://docker.io",
            "docker.com/",
            "cloudfront.net/",
        ],
        title: "something between this host and Docker Hub answers in its place",
        meaning: "Docker Hub has a public certificate. Where it is signed by an unknown authority, a proxy of the company \
                  opens the connection, or this host's store of public CAs is old. Docker with a graph driver never reads \
                  certs.d for Docker Hub.",
        causes: &[
            Cause::on_server(
                "a TLS-inspecting proxy answers with a certificate of its own",
                "add the proxy's CA to the system's store and restart the daemon, or exempt the registry from \
                 inspection (NO_PROXY)",
            )
            .hinted(&["CW706"]),
            Cause::on_host(
                "the system's store of CAs is old or missing",
                "install or update ca-certificates, and restart the daemon",
            ),
            STALE_SYSTEM_STORE,
        ],
        sources: &["moby daemon/pkg/registry/service_v2.go (lookupV2Endpoints)", "moby#36820, colima#624, toolbox#603"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "token-unknown-authority",
        patterns: UNKNOWN_AUTHORITY,
        within: &[
            "failed to fetch anonymous token",
            "failed to fetch oauth token",
            "failed to authorize",
            "retrieve auth token",
            "/token?",
            "/jwt/auth?",
        ],
        is_elsewhere: true,
        title: "the server that hands out tokens is not trusted",
        meaning: "The registry sent the engine to a token server. Engines use the registry's own directory for that \
                  connection too, never one named after the token server.",
        causes: &[
            Cause::on_server(
                "the token server's certificate is from a CA that the registry's directory does not hold",
                "add the token server's CA to the .crt files of the registry's directory",
            ),
            Cause::on_host(
                "Docker 29.0 to 29.4 with the containerd store does not use certs.d for tokens",
                "upgrade Docker to 29.5, or add the CA to the system's store and restart the daemon",
            )
            .only(&[DockerC8d]),
            Cause::on_host(
                "in a build the command line fetches the token itself, with the system's CAs alone",
                "add the CA to the system's store of the machine that runs the client",
            )
            .only(&[Buildkit]),
            NO_DIRECTORY,
            NAME_NOT_CRT,
            NO_CERTIFICATE_READ,
            NO_INTERMEDIATE,
        ],
        sources: &["moby c2075797fa (29.5.0)", "moby#51662, moby#13584, harbor#14483, docker_auth#128"],
    },
    Symptom {
        id: "storage-unknown-authority",
        patterns: UNKNOWN_AUTHORITY,
        within: &[
            "/docker/registry/v2/blobs/",
            "X-Amz-",
            "amazonaws.com",
            "blob.core.windows.net",
            "storage.googleapis.com",
            "error pulling image configuration",
        ],
        is_elsewhere: true,
        title: "the storage behind the registry is not trusted",
        meaning: "The registry redirected the download to its storage. Engines use the registry's own directory for that \
                  connection too, never one named after the storage.",
        causes: &[
            Cause::on_server(
                "the storage's certificate is from a CA that the registry's directory does not hold",
                "add the storage's CA to the registry's directory, or turn redirects off in the registry \
                 (storage: redirect: disable: true)",
            ),
            Cause::on_server(
                "a TLS-inspecting proxy answers for the storage",
                "add the proxy's CA to the system's store and restart the daemon",
            ),
        ],
        sources: &["moby#8045, distribution#426, distribution#1397"],
    },
    Symptom {
        id: "build-unknown-authority",
        patterns: UNKNOWN_AUTHORITY,
        within: &["failed to solve", "failed to resolve source metadata"],
        title: "the builder trusts nothing that vouches for the server's certificate",
        meaning: "A build asks the registry through BuildKit. The builder that is built into Docker reads certs.d; one in a \
                  container of its own (buildx, driver docker-container) and buildkitd itself read only what \
                  buildkitd.toml names. That is why docker pull may work and the build not.",
        causes: &[
            LOST_IN_BUILDER,
            Cause::on_host(
                "buildkitd runs rootless, or nerdctl uses it: it reads ~/.config/buildkit/buildkitd.toml",
                "name ca and keypair for the registry in ~/.config/buildkit/buildkitd.toml, and restart buildkitd",
            ),
            NO_DIRECTORY,
            NAME_NOT_CRT,
            NO_INTERMEDIATE,
            NO_CERTIFICATE_READ,
            PINNED_LEAF,
            NOTHING_TRUSTED,
            Cause::on_host(
                "the CA was replaced a moment ago: BuildKit remembers what it loaded for 5 to 15 minutes",
                "wait, or restart the builder (for Docker's own, the daemon)",
            ),
            OTHER_CA,
        ],
        sources: &[
            "buildkit util/resolver/resolver.go (loadTLSConfig), pool.go",
            "buildx util/confutil/container.go",
            "buildx#80, buildkit#1055, buildkit#4149, nerdctl#4770",
        ],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "unknown-authority",
        patterns: UNKNOWN_AUTHORITY,
        title: "nothing that the engine trusts vouches for the server's certificate",
        meaning: "The engine looked through the system's CAs and those of the registry's directory, and none of them signed \
                  the certificate that the server sent. The text is the same whether the directory is not found, its CA is \
                  not read, or the CA is the wrong one.",
        causes: CAUSES_OF_DISTRUST,
        sources: &[
            "Go crypto/x509 verify.go (UnknownAuthorityError)",
            "harbor#13870, podman#26567, buildah#2507, moby#31602",
        ],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "parent-cannot-sign",
        patterns: &[
            "x509: certificate signed by unknown authority (possibly because of \"x509: invalid signature: parent \
             certificate cannot sign this kind of certificate\" while trying to verify candidate authority certificate \
             \"{authority}\")",
            "x509: invalid signature: parent certificate cannot sign this kind of certificate",
            "parent certificate cannot sign this kind of certificate",
            "x509: certificate is not authorized to sign other certificates",
        ],
        title: "the certificate that should be the CA may not sign others",
        meaning: "A certificate of the issuer's name is trusted here, but it says that it is no CA: CA:TRUE is missing, or its \
                  key usage lacks keyCertSign.",
        causes: &[
            Cause::in_directory(
                "the .crt holds a certificate that is no CA",
                &["CW304", "CW305"],
                "make the CA again with basicConstraints CA:TRUE and keyUsage keyCertSign, and issue the server's \
                 certificate from it",
            ),
            Cause::on_server(
                "an intermediate that the server sends is no CA",
                "have the intermediate issued again with CA:TRUE and keyCertSign",
            ),
        ],
        sources: &["Go crypto/x509 x509.go (CheckSignatureFrom)", "distribution#954, moby#40203, istio#25872"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "same-name-other-key",
        patterns: &[
            "x509: certificate signed by unknown authority (possibly because of \"crypto/rsa: verification error\" while \
             trying to verify candidate authority certificate \"{authority}\")",
            "x509: certificate signed by unknown authority (possibly because of \"x509: ECDSA verification failure\" while \
             trying to verify candidate authority certificate \"{authority}\")",
            "x509: certificate signed by unknown authority (possibly because of \"x509: Ed25519 verification failure\" while \
             trying to verify candidate authority certificate \"{authority}\")",
            "crypto/rsa: verification error",
            "x509: ECDSA verification failure",
            "x509: Ed25519 verification failure",
        ],
        title: "the CA that is trusted here has the right name and the wrong key",
        meaning: "The CA was made anew under its old name. The server's certificate is signed with the new key; the file here \
                  holds the old one.",
        causes: &[
            Cause::in_directory(
                "two CAs of one name with different keys lie here",
                &["CW402"],
                "keep the CA whose key signed the server's certificate, and set the other aside",
            ),
            Cause::on_server(
                "the CA here is the old one",
                "compare fingerprints, and replace the CA in the directory by the one that the server's certificate is \
                 from",
            )
            .hinted(&["CW710"]),
        ],
        sources: &["Go crypto/x509 verify.go (UnknownAuthorityError)", "docker_auth#128, hub-feedback#1724"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "insecure-signature",
        patterns: &[
            "x509: certificate signed by unknown authority (possibly because of \"x509: cannot verify signature: insecure \
             algorithm {algorithm}\" while trying to verify candidate authority certificate \"{authority}\")",
            "x509: certificate signed by unknown authority (possibly because of \"x509: cannot verify signature: insecure \
             algorithm {algorithm} (temporarily override with GODEBUG=x509sha1=1)\" while trying to verify candidate \
             authority certificate \"{authority}\")",
            "x509: cannot verify signature: insecure algorithm {algorithm}",
        ],
        title: "the server's certificate is signed with SHA-1 or MD5",
        meaning: "Go refuses such signatures since 1.18, and since 1.24 without a way round. The signature of a self-signed \
                  root does not matter, those of the server's and of intermediate certificates do.",
        causes: &[
            Cause::in_directory(
                "a certificate here is signed so",
                &["CW306"],
                "have the certificates issued again with SHA-256",
            ),
            Cause::on_server(
                "the server's certificate or an intermediate is signed so",
                "have them issued again with SHA-256",
            ),
        ],
        sources: &["Go 1.18 and 1.24 release notes", "portieris#374, kubernetes/website#48037"],
        ..Symptom::PLAIN
    },
];
