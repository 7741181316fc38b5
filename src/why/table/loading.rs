//! What loaders say of the files of a host directory: pairs that are incomplete or do not fit, CA files without a
//! certificate.

use crate::why::symptom::{Cause, Symptom};

const CA_NAMED_CERT: Cause = Cause::in_directory(
    "a CA certificate is named .cert, which is the ending of client certificates",
    &["CW101"],
    "rename it to end in .crt",
);

const DER_OR_JUNK: &[&str] = &["CW201", "CW202", "CW203", "CW204", "CW206"];

pub(super) const SYMPTOMS: &[Symptom] = &[
    Symptom {
        id: "missing-key",
        patterns: &[
            "missing key {key} for client certificate {file}. CA certificates must use the extension .crt",
            "missing key {key} for client certificate {file}. Note that CA certificates should use the extension .crt",
            "Missing key {key} for client certificate {file}. Note that CA certificates should use the extension .crt",
            "Missing key {key} for client certificate {file}. Note that CA certificates should use the extension .crt.",
            "missing key {key} for client certificate {file:.cert}",
            "Missing key {key} for client certificate {file:.cert}",
            "Missing key {key} for certificate {file:.cert}",
        ],
        title: "a .cert has no .key of its name beside it",
        meaning: "Docker and Podman take every .cert for a client certificate and want its key under the same name. Without \
                  it they refuse the whole directory, before any connection is made.",
        causes: &[
            CA_NAMED_CERT,
            Cause::in_directory(
                "the key is missing, or has another name",
                &["CW501", "CW510"],
                "put the key beside the certificate, under its name with .key; where there is none, set the .cert aside",
            ),
            Cause::in_directory(
                "the .cert holds no certificate at all: it is empty, damaged, a link to nothing or something else",
                &["CW202", "CW203", "CW204", "CW201", "CW110", "CW112", "CW113"],
                "put the client certificate and its key there, or set the .cert aside",
            ),
        ],
        sources: &[
            "moby daemon/pkg/registry/registry.go (loadTLSConfig), 1.3 to 29",
            "containers/image pkg/tlsclientconfig (SetupCertificates)",
            "shiftstack/dev-install#30, distribution#2295, moby#19511, buildah#2507",
        ],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "missing-certificate",
        patterns: &[
            "missing client certificate {certificate} for key {file:.key}",
            "Missing client certificate {certificate} for key {file:.key}",
        ],
        title: "a .key has no .cert of its name beside it",
        meaning: "Docker and Podman want a client certificate for every .key. Without it they refuse the whole directory, \
                  before any connection is made.",
        causes: &[
            Cause::in_directory(
                "the client certificate is named .crt, which is the ending of CA certificates",
                &["CW102"],
                "rename the client certificate to end in .cert",
            ),
            Cause::in_directory(
                "the key is a CA's: it has no business on this host",
                &["CW507"],
                "move the CA's key off this host",
            ),
            Cause::in_directory(
                "the key is the registry server's own, as in a Kubernetes secret (tls.crt, tls.key) or Harbor's guide",
                &["CW506"],
                "set the server's certificate and key aside, and keep ca.crt",
            ),
            Cause::in_directory(
                "the key was left behind",
                &["CW502", "CW510", "CW508", "CW203", "CW112"],
                "set it aside under a name that does not end in .key",
            ),
        ],
        sources: &[
            "moby daemon/pkg/registry/registry.go (loadTLSConfig), 1.3 to 29",
            "containers/image#291, distribution#1371, harbor#13870, notary#1267 (there: ~/.docker/tls/HOST)",
        ],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "certificate-without-pem",
        patterns: &["tls: failed to find any PEM data in certificate input"],
        title: "a .cert holds no PEM at all",
        meaning: "Engines read PEM only. The file is empty, in DER, in UTF-16, begins with a byte-order mark or is something \
                  else. The engine names no file, unless it stands in the text before.",
        causes: &[Cause::in_directory(
            "a .cert is not PEM",
            DER_OR_JUNK,
            "write the certificate again as PEM: openssl x509 -inform DER -in OLD -out client.cert",
        )],
        sources: &["Go crypto/tls tls.go (X509KeyPair)", "zoraxy#690, 1Password/connect#38"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "key-without-pem",
        patterns: &["tls: failed to find any PEM data in key input"],
        title: "a .key holds no PEM at all",
        meaning: "Engines read PEM only. The file is empty, in DER, in UTF-16, begins with a byte-order mark or names a key in \
                  a token (pkcs11:), which engines do not know. The engine names no file, unless it stands in the text before.",
        causes: &[Cause::in_directory(
            "a .key is not PEM",
            &["CW508", "CW201", "CW202", "CW203", "CW204"],
            "write the key again as PEM: openssl pkey -inform DER -in OLD -out client.key",
        )],
        sources: &["Go crypto/tls tls.go (X509KeyPair)", "moby#48385, pumba#93"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "swapped-pair",
        patterns: &[
            "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have \
             been switched",
        ],
        title: "a .cert holds a private key",
        meaning: "Certificate and key have each other's names, or the key was copied over the certificate.",
        causes: &[Cause::in_directory("the .cert holds a key", &["CW505", "CW203"], "swap the names of the two files")],
        sources: &["Go crypto/tls tls.go (X509KeyPair)", "Portus#790"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "certificate-as-key",
        patterns: &["tls: found a certificate rather than a key in the PEM for the private key"],
        title: "where a private key should be, there is a certificate",
        meaning: "containerd and Docker's containerd store look for the key in the .cert itself where there is no .key. So this \
                  is what a CA named .cert gives there, or a client certificate without its key.",
        causes: &[
            CA_NAMED_CERT,
            Cause::in_directory(
                "the .cert has no .key beside it",
                &["CW501", "CW112"],
                "put the key beside the certificate, under its name with .key",
            ),
            Cause::in_directory("the .key holds a certificate", &["CW505", "CW203"], "put the key into the .key"),
        ],
        sources: &[
            "Go crypto/tls tls.go (X509KeyPair)",
            "containerd core/remotes/docker/config/hosts.go (loadCertFiles)",
        ],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "no-certificate-block",
        patterns: &[
            "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping PEM blocks of the following \
             types: [{labels}]",
        ],
        title: "a .cert holds PEM, but no certificate",
        meaning: "Only blocks labelled CERTIFICATE count. The labels that were found stand at the end of the text.",
        causes: &[Cause::in_directory(
            "the .cert holds something else: a request (CSR), a TRUSTED CERTIFICATE, PKCS#7",
            &["CW203", "CW206"],
            "put the issued certificate there; a TRUSTED CERTIFICATE is written again with openssl x509",
        )],
        sources: &["Go crypto/tls tls.go (X509KeyPair)"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "no-key-block",
        patterns: &[
            "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after skipping PEM blocks of the \
             following types: [{labels}]",
        ],
        title: "a .key holds PEM, but no private key",
        meaning: "Only blocks whose label ends in PRIVATE KEY count. The labels that were found stand at the end of the text.",
        causes: &[
            Cause::in_directory(
                "the .key holds something else: certificates, a public key, EC PARAMETERS alone",
                &["CW203", "CW508", "CW505"],
                "put the private key there",
            ),
            CA_NAMED_CERT,
            Cause::in_directory(
                "the .cert has no .key beside it, so containerd looks for the key in the .cert",
                &["CW501"],
                "put the key beside the certificate, under its name with .key",
            ),
        ],
        sources: &["Go crypto/tls tls.go (X509KeyPair)"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "unparsable-key",
        patterns: &[
            "tls: failed to parse private key",
            "tls: failed to parse private key: {detail…}",
            "tls: found unknown private key type in PKCS#8 wrapping",
            "Make sure the key is not encrypted",
        ],
        title: "Go cannot read a private key",
        meaning: "Most often the key has a passphrase, which no engine can ask for; the text never says so. The engine names \
                  no file, unless it stands in the text before.",
        causes: &[
            Cause::in_directory(
                "the key has a passphrase",
                &["CW504"],
                "write the key again without a passphrase, with mode 0600: openssl pkey -in client.key -out new.key",
            ),
            Cause::in_directory(
                "the key is damaged, or of a kind that Go does not know (OpenSSH, DSA, Ed448)",
                &["CW508", "CW204"],
                "write the key again as PKCS#8: openssl pkey; an OpenSSH key: ssh-keygen -p -m PKCS8",
            ),
        ],
        sources: &[
            "Go crypto/tls tls.go (parsePrivateKey); from Go 1.27 the text goes on with the parser's",
            "moby#30935, distribution#1279, docker_auth#353, for-mac#1757",
        ],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "key-mismatch",
        patterns: &[
            "tls: private key does not match public key",
            "tls: private key type does not match public key type",
        ],
        title: "a .key is not the key of its .cert",
        meaning: "Certificate and key of one name do not belong together, or the .cert begins with the CA: its first \
                  certificate must be the client's. The engine names no file, unless it stands in the text before.",
        causes: &[
            Cause::in_directory(
                "the key is another one, mostly the old one after a renewal",
                &["CW503", "CW510"],
                "put the key that the certificate was requested with beside it",
            ),
            Cause::in_directory(
                "the .cert begins with the CA's certificate",
                &["CW401"],
                "put the client's certificate first and its intermediates behind it",
            ),
        ],
        sources: &["Go crypto/tls tls.go (X509KeyPair)", "moby#14317"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "no-ca-certificate",
        patterns: &["unable to load CA cert \"{path}\"", "failed to import cert from {path:.crt}"],
        title: "a CA file holds no certificate that Go reads",
        meaning: "containerd, Docker's containerd store and regclient refuse such a file; Docker's login, BuildKit and Podman \
                  pass over it in silence and then trust the system's CAs alone.",
        causes: &[
            Cause::in_directory(
                "the file is in DER, in UTF-16, damaged, or has a foreign label or PEM headers",
                &["CW201", "CW204", "CW205", "CW206", "CW207", "CW208"],
                "write the certificate again as PEM, in a block labelled CERTIFICATE",
            ),
            Cause::in_directory(
                "the file is empty, or holds something else",
                &["CW202", "CW203", "CW505"],
                "put the CA's certificate there, or set the file aside",
            ),
        ],
        sources: &["containerd core/remotes/docker/config/hosts.go (tlsConfigFromHost)", "containerd#10144"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "hosts-toml-refused",
        patterns: &[
            "failed to decode {path:hosts.toml}",
            "failed to decode hosts.toml",
            "invalid `host` tree",
            "unknown capability {capability}",
            "unable to parse server {server}: {detail…}",
            "invalid pair {pair} for \"client\"",
            "invalid type {type} for \"client\"",
            "invalid type {type} for \"ca\"",
            "unable to cast {value} to string",
        ],
        title: "containerd refuses hosts.toml",
        meaning: "The file breaks a rule that the text names. containerd logs that and goes on as if there were no hosts.toml: \
                  mirrors are dropped, and the certificate files of the directory count again. Before 2.0 a file without a \
                  [host.\"…\"] table is refused too.",
        causes: &[Cause::in_directory(
            "hosts.toml is refused",
            &["CW702", "CW704"],
            "mend hosts.toml: ca takes a path or a list of paths, client a path or a list of pairs, capabilities pull, \
             resolve and push",
        )],
        sources: &[
            "containerd core/remotes/docker/config/hosts.go (loadHostDir, parseHostsFile)",
            "containerd#7118, containerd#13212",
        ],
        ..Symptom::PLAIN
    },
];
