//! What Go says when it does not accept the server's certificate (`crypto/x509`, verify.go and parser.go).

use crate::engine::Engine::{Buildkit, Containerd, DockerC8d, DockerClassic};
use crate::why::symptom::{Cause, Evidence, Symptom};

const NO_DIRECTORY: Cause = Cause::in_directory(
    "no directory has exactly the name that the image reference spells: host, port and case",
    &["CW104", "CW105", "CW106", "CW107", "CW108", "CW112"],
    "name the directory exactly as the reference spells the registry: with the port where it has one, without :443 \
     where it has none",
)
.seen(Evidence::NoDirectory);

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
    &["CW109", "CW203"],
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
.hinted(&["CW402", "CW310"]);

const OTHER_ROOT: Cause = Cause::on_host(
    "the engine reads another root: rootless, a VM, a snap, or a misspelt one such as /etc/docker/cert.d",
    "put the directory where this engine looks: /etc/docker/certs.d, rootless ~/.config/docker/certs.d, Podman \
     ~/.config/containers/certs.d first, Docker Desktop ~/.docker/certs.d and a restart, snap \
     /var/snap/docker/current/etc/docker/certs.d",
);

const HIDDEN_BY_HOSTS_TOML: Cause = Cause::in_directory(
    "hosts.toml is there, so the certificate files beside it are not read",
    &[],
    "name the CA in hosts.toml: ca = \"ca.crt\"",
)
.seen(Evidence::HostsToml)
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
.only(&[Buildkit, DockerC8d]);

const REISSUE_NAMES: &str =
    "have the server's certificate issued again with every name and address that references use";

const CAUSES_OF_DISTRUST: &[Cause] = &[
    NO_DIRECTORY,
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

const EXPIRED_HERE: Cause = Cause::in_directory(
    "a certificate in the directory has expired: a CA, or a pinned server certificate",
    &["CW310", "CW301", "CW305"],
    "replace it by the CA's current certificate",
);

const UNKNOWN_AUTHORITY: &[&str] = &[
    "x509: certificate signed by unknown authority",
    "x509: certificate signed by unknown authority (possibly because of \"{reason}\" while trying to verify candidate \
     authority certificate \"{authority}\")",
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
            "://docker.io",
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
            ),
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
            ),
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
    Symptom {
        id: "legacy-common-name",
        patterns: &[
            "x509: certificate relies on legacy Common Name field, use SANs instead",
            "x509: certificate relies on legacy Common Name field, use SANs or temporarily enable Common Name matching \
             with GODEBUG=x509ignoreCN=0",
        ],
        title: "the server's certificate has its name in the common name alone",
        meaning: "Go looks at subject alternative names only: since 1.15 by default, since 1.17 without a way round.",
        causes: &[Cause::on_server("the server's certificate has no subject alternative name", REISSUE_NAMES)
            .hinted(&["CW308"])],
        sources: &["Go crypto/x509 verify.go (HostnameError)", "harbor#16971, rke2#775, docker/docs#16652"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "no-ip-names",
        patterns: &["x509: cannot validate certificate for {host} because it doesn't contain any IP SANs"],
        title: "the reference names an address, the server's certificate does not",
        meaning: "An address must stand in the certificate as an IP subject alternative name. In the common name, or as a DNS \
                  name, it does not count.",
        causes: &[Cause::on_server(
            "the server's certificate has no IP subject alternative name",
            "have it issued again with subjectAltName=IP:ADDRESS, or use a name that it holds",
        )
        .hinted(&["CW308"])],
        sources: &["Go crypto/x509 verify.go (HostnameError)", "distribution#948, harbor#14483, harbor#17502"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "other-names",
        patterns: &[
            "x509: certificate is valid for {names}, not {host}",
            "x509: certificate is valid for {names} names, but none matched {host}",
        ],
        title: "the server's certificate is for other names",
        meaning: "The server was reached under a name that its certificate does not hold. A wildcard stands for one label; a \
                  port has no place in a certificate.",
        causes: &[
            Cause::on_server("the name that the reference uses is missing from the certificate", REISSUE_NAMES)
                .hinted(&["CW308"]),
            Cause::on_server(
                "another server answers: a default host of the load balancer, or another port",
                "look at which certificate that port serves, and use a name that it holds",
            ),
        ],
        sources: &["Go crypto/x509 verify.go (HostnameError)", "jfrog/charts#618, linphone-sdk#280"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "no-names",
        patterns: &["x509: certificate is not valid for any names, but wanted to match {host}"],
        title: "the server's certificate holds no name at all",
        meaning: "It has no DNS name among its subject alternative names, and its common name is not the host's either.",
        causes: &[Cause::on_server("the certificate was made without names", REISSUE_NAMES).hinted(&["CW308"])],
        sources: &["Go crypto/x509 verify.go (HostnameError)", "for-linux#248, moby#51080"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "expired",
        patterns: &[
            "x509: certificate has expired or is not yet valid: current time {now} is after {end}",
            "x509: certificate has expired or is not yet valid",
            "x509: certificate has expired or is not yet valid: {detail…}",
        ],
        title: "a certificate of the chain has expired",
        meaning: "The text is the same for the server's certificate, an intermediate and the CA, and names no file. The date \
                  after which it is not valid tells them apart.",
        causes: &[
            Cause::on_server(
                "the server's certificate has expired",
                "renew the server's certificate, on every port that serves it",
            ),
            EXPIRED_HERE,
            Cause::on_host(
                "the clock of this host is ahead",
                "compare the time in the text with the right time, and set the clock (NTP)",
            ),
        ],
        sources: &["Go crypto/x509 verify.go (CertificateInvalidError, Expired)", "moby#37591, desktop-linux#207"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "not-yet-valid",
        patterns: &["x509: certificate has expired or is not yet valid: current time {now} is before {start}"],
        title: "a certificate of the chain is not valid yet",
        meaning: "By this host's clock the certificate begins in the future. Just after it was issued that is a clock that \
                  runs late, often a virtual machine that slept.",
        causes: &[
            Cause::on_host(
                "the clock of this host is late",
                "compare the time in the text with the right time, and set the clock (NTP)",
            ),
            Cause::in_directory(
                "a certificate in the directory is not valid yet",
                &["CW302"],
                "wait, or have it issued again with an earlier beginning",
            ),
            Cause::on_server(
                "the server's certificate is not valid yet",
                "wait, or have it issued again with an earlier beginning",
            ),
        ],
        sources: &["Go crypto/x509 verify.go (CertificateInvalidError, Expired)", "moby#11534, moby#18632"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "incompatible-key-usage",
        patterns: &[
            "x509: certificate specifies an incompatible key usage",
            "x509: certificate specifies an incompatible key usage: {detail…}",
            "x509: a root or intermediate certificate is not authorized for an extended key usage: {detail…}",
        ],
        title: "the certificate is not made for this use",
        meaning: "Its extended key usage lacks server authentication (or, in a server's log, client authentication); that of a \
                  CA limits what it may sign for.",
        causes: &[
            Cause::on_server(
                "the server's certificate lacks serverAuth",
                "have it issued again with extendedKeyUsage serverAuth",
            ),
            Cause::in_directory(
                "the client certificate lacks clientAuth: the server says so in its log",
                &["CW309", "CW506"],
                "have the client certificate issued again with extendedKeyUsage clientAuth",
            ),
        ],
        sources: &["Go crypto/x509 verify.go (IncompatibleUsage)", "docker-py#2871"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "name-constraints",
        patterns: &[
            "x509: a root or intermediate certificate is not authorized to sign for this name: {detail} is not permitted by \
             any constraint",
            "x509: a root or intermediate certificate is not authorized to sign for this name: {detail…}",
            "x509: issuer has name constraints but leaf contains unknown or unconstrained name: {detail…}",
            "x509: issuer has name constraints but leaf doesn't have a SAN extension",
        ],
        title: "the CA may not sign for a name of the server's certificate",
        meaning: "The CA is limited to certain names (name constraints). Go checks all names of the server's certificate, not \
                  only the one that is used.",
        causes: &[Cause::on_server(
            "a name of the server's certificate is outside what its CA may sign for",
            "have the certificate issued again without that name, or by another CA",
        )],
        sources: &["Go crypto/x509 verify.go (CANotAuthorizedForThisName)", "moby#25031"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "path-too-long",
        patterns: &["x509: too many intermediates for path length constraint"],
        title: "the chain is longer than its CA allows",
        meaning: "The CA limits how many intermediates may follow it, and the server's chain has more.",
        causes: &[Cause::on_server(
            "a CA of the chain has too small a path length",
            "have the intermediate issued again by a CA that allows it",
        )],
        sources: &["Go crypto/x509 verify.go (TooManyIntermediates)"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "critical-extension",
        patterns: &["x509: unhandled critical extension"],
        title: "the certificate has a critical extension that Go does not know",
        meaning: "An engine trusts no chain through such a certificate.",
        causes: &[Cause::on_server(
            "a certificate of the chain has an unknown critical extension",
            "have it issued again without that extension, or with the extension not critical",
        )],
        sources: &["Go crypto/x509 verify.go (UnhandledCriticalExtension)"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "negative-serial-number",
        patterns: &[
            "tls: failed to parse certificate from server: x509: negative serial number",
            "x509: negative serial number",
        ],
        title: "a certificate has a negative serial number",
        meaning: "Go refuses it since 1.23. Old internal CAs and inspecting proxies make such numbers.",
        causes: &[
            Cause::on_server(
                "the server, or a proxy in between, sends such a certificate",
                "have it issued again; until then set GODEBUG=x509negativeserial=1 for the daemon",
            ),
            Cause::in_directory(
                "a certificate in the directory has one",
                &["CW208"],
                "have it issued again with a positive serial number",
            ),
        ],
        sources: &["Go 1.23 release notes", "for-win#14803, distribution#1299"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "unparsable-server-certificate",
        patterns: &["tls: failed to parse certificate from server: {detail…}"],
        title: "Go cannot read the certificate that the server sends",
        meaning: "It breaks a rule that Go enforces; other programs may be laxer. The rest of the text names the rule.",
        causes: &[Cause::on_server(
            "the server's certificate is malformed",
            "have it issued again by a tool that follows RFC 5280",
        )],
        sources: &["Go crypto/tls handshake_client.go"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "refused-certificate",
        patterns: &[
            "x509: malformed certificate",
            "x509: trailing data",
            "x509: unsupported elliptic curve",
            "tls: unknown public key algorithm",
            "x509: malformed {detail…}",
            "x509: invalid {detail…}",
            "x509: failed to parse {detail…}",
            "x509: inner and outer signature algorithm identifiers don't match",
            "x509: certificate contains duplicate extension with OID {oid}",
            "x509: RSA key missing NULL parameters",
            "x509: SAN {detail…}",
            "x509: cannot parse IP address of length {length}",
            "x509: unsupported time format",
        ],
        title: "Go cannot read the client certificate",
        meaning: "The .cert holds a PEM block whose content is broken, or uses a key that Go does not know. The engine names \
                  no file.",
        causes: &[Cause::in_directory(
            "a .cert holds a certificate that Go refuses",
            &["CW208", "CW204"],
            "copy the certificate again from where it was issued, or have it issued anew",
        )],
        sources: &["Go crypto/x509 parser.go"],
        ..Symptom::PLAIN
    },
];
