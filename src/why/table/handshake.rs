//! What the two ends of a TLS connection say to each other when it fails (`crypto/tls`, alert.go), and what a server says
//! in HTTP of a client certificate.

use crate::why::symptom::{Cause, Evidence, Symptom};

const NOT_SENT: Cause = Cause::in_directory(
    "no client certificate is loaded: the pair has the wrong names, or lies in another directory",
    &["CW102", "CW103", "CW109", "CW104", "CW106"],
    "name the pair client.cert and client.key, in the directory that is named exactly as references spell the registry",
);

const NO_DIRECTORY: Cause = Cause::in_directory(
    "no directory has exactly the name that the image reference spells, so no client certificate is sent",
    &[],
    "name the directory exactly as the reference spells the registry: with the port where it has one",
)
.seen(Evidence::NoDirectory);

const WRONG_ISSUER: Cause = Cause::on_server(
    "the server names the CAs that it takes client certificates from, and no pair is from one of them",
    "use a client certificate from a CA that the server names, with the intermediate behind it in the .cert",
)
.hinted(&["CW401"]);

const INSECURE: Cause = Cause::on_host(
    "the registry is listed as insecure, or its name leads to 127.0.0.1: then Docker with a graph driver reads no directory",
    "take it off insecure-registries, or reach it under another address",
)
.hinted(&["CW707"]);

const EXPIRED_FIRST: Cause = Cause::in_directory(
    "an expired pair comes before a good one: Go sends the first that fits, and no other after it",
    &["CW311", "CW301"],
    "set the expired pair aside",
);

const UNTRUSTED_CLIENT: Cause = Cause::on_server(
    "the server does not trust the CA of the client certificate",
    "add that CA to the server's list of client CAs, or use a client certificate from one that is on it",
);

const NO_CLIENT_AUTH: Cause = Cause::in_directory(
    "the certificate is not made for clients: clientAuth is missing",
    &["CW309", "CW506"],
    "have the client certificate issued again with extendedKeyUsage clientAuth",
);

pub(super) const SYMPTOMS: &[Symptom] = &[
    Symptom {
        id: "server-log-client-distrusts",
        patterns: &[
            "remote error: tls: bad certificate",
            "remote error: tls: unknown certificate authority",
            "remote error: tls: unknown certificate",
        ],
        within: &["TLS handshake error from"],
        title: "a client did not accept the server's certificate",
        meaning: "This is from a server's log: here the remote end is the client, and it refused what the server sent. The \
                  client's own message says why.",
        causes: &[Cause::on_host(
            "the client does not trust the server's certificate",
            "look at the message on the client at that address, most often x509: certificate signed by unknown authority",
        )],
        sources: &["Go net/http server.go", "moby#35534"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "server-log-distrusts-client",
        patterns: &[
            "x509: certificate signed by unknown authority",
            "x509: certificate has expired or is not yet valid",
            "x509: certificate has expired or is not yet valid: current time {now} is after {end}",
            "x509: certificate specifies an incompatible key usage",
        ],
        within: &["TLS handshake error from"],
        title: "the server does not accept a client's certificate",
        meaning: "This is from a server's log: here the certificate that is judged is the client's, and the CAs are those that \
                  the server takes client certificates from.",
        causes: &[
            UNTRUSTED_CLIENT,
            Cause::in_directory(
                "the client certificate has expired",
                &["CW311", "CW301"],
                "renew the client certificate on the client at that address",
            ),
            NO_CLIENT_AUTH,
        ],
        sources: &["Go net/http server.go, crypto/tls handshake_server.go"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "client-certificate-required",
        patterns: &[
            "remote error: tls: certificate required",
            "tls: client didn't provide a certificate",
            "No required SSL certificate was sent",
        ],
        title: "the server wants a client certificate and got none",
        meaning: "Either no pair was loaded, or none is from a CA that the server names: then Go sends nothing and says \
                  nothing.",
        causes: &[NO_DIRECTORY, NOT_SENT, WRONG_ISSUER, INSECURE],
        sources: &["Go crypto/tls handshake_client_tls13.go", "moby#35534, moby#33432, for-mac#985"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "bad-client-certificate",
        patterns: &[
            "remote error: tls: bad certificate",
            "remote error: tls: unknown certificate authority",
            "remote error: tls: unknown certificate",
            "remote error: tls: unsupported certificate",
            "remote error: tls: revoked certificate",
            "remote error: tls: access denied",
            "The SSL certificate error",
        ],
        title: "the server does not accept the client certificate",
        meaning: "The connection got as far as the client certificate. Older servers use this text as well where no \
                  certificate was sent at all.",
        causes: &[NOT_SENT, UNTRUSTED_CLIENT, EXPIRED_FIRST, NO_CLIENT_AUTH, WRONG_ISSUER, INSECURE],
        sources: &["Go crypto/tls alert.go", "moby#35534, buildah#2507"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "expired-client-certificate",
        patterns: &["remote error: tls: expired certificate"],
        title: "the server says that the client certificate has expired",
        meaning: "Go sends the first pair that fits the server's list of CAs, expired or not, and never tries the next one.",
        causes: &[EXPIRED_FIRST, Cause::on_server("the server's clock is wrong", "set the server's clock (NTP)")],
        sources: &["Go crypto/tls alert.go"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "handshake-failure",
        patterns: &["remote error: tls: handshake failure", "remote error: tls: insufficient security level"],
        title: "client and server have no way of speaking in common, or a client certificate is missing",
        meaning: "With TLS 1.2 servers use this text for two things: no cipher suite in common, and a client certificate that \
                  is required and was not sent.",
        causes: &[
            NO_DIRECTORY,
            NOT_SENT,
            Cause::on_server(
                "the server or load balancer offers no ECDHE suite with AES-GCM, which Docker's own loader and Podman want",
                "turn on TLS 1.2 with ECDHE and AES-GCM, or TLS 1.3, at the server or load balancer",
            ),
            WRONG_ISSUER,
            INSECURE,
        ],
        sources: &[
            "Go crypto/tls alert.go",
            "docker/go-connections tlsconfig",
            "for-linux#487, docker/cli#2127, golang#66512",
        ],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "old-protocol",
        patterns: &[
            "remote error: tls: protocol version not supported",
            "tls: server selected unsupported protocol version {version}",
            "tls: no supported versions satisfy MinVersion and MaxVersion",
        ],
        title: "the server speaks only old versions of TLS",
        meaning: "Engines want TLS 1.2 or later.",
        causes: &[Cause::on_server(
            "the server or load balancer offers TLS 1.1 at most",
            "turn on TLS 1.2 or 1.3 at the server or load balancer",
        )],
        sources: &["docker/go-connections tlsconfig", "for-linux#487, c/image#1963"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "connection-closed",
        patterns: &["EOF"],
        within: &["\": EOF", "/: EOF"],
        title: "the server closed the connection without a word",
        meaning: "Mostly a load balancer that has no protocol or cipher suite in common with the engine, or no certificate for \
                  this name. It may have nothing to do with certificates.",
        causes: &[
            Cause::on_server(
                "the load balancer speaks TLS 1.1 or RSA key exchange only",
                "turn on TLS 1.2 with ECDHE suites at the load balancer",
            ),
            Cause::on_server(
                "a proxy cuts the connection, or nothing is behind the load balancer",
                "look at the log of the load balancer or proxy",
            ),
        ],
        sources: &["for-linux#487, docker/cli#2127"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "plain-http-server",
        patterns: &[
            "http: server gave HTTP response to HTTPS client",
            "tls: first record does not look like a TLS handshake",
        ],
        title: "the registry speaks plain HTTP where HTTPS is expected",
        meaning: "No certificate is involved: the port answers without TLS.",
        causes: &[
            Cause::on_server(
                "TLS is not turned on at that port",
                "turn TLS on at the registry, or name its HTTPS port in the reference",
            ),
            Cause::on_host(
                "it is meant to be plain HTTP, and the engine is not told",
                "list it under insecure-registries in daemon.json, or as insecure = true in registries.conf, or with \
                 http:// in hosts.toml",
            ),
        ],
        sources: &["Go net/http transport.go", "distribution#1874, harbor#3624, regclient#268"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "plain-http-client",
        patterns: &["Client sent an HTTP request to an HTTPS server", "The plain HTTP request was sent to HTTPS port"],
        title: "the engine speaks plain HTTP where the registry expects HTTPS",
        meaning: "The engine takes the registry for an insecure one, or was told so.",
        causes: &[Cause::on_host(
            "the registry is set up with http://, or as insecure",
            "take http:// out of hosts.toml or the mirror's URL, and the registry off the insecure ones",
        )],
        sources: &["Go net/http server.go"],
        ..Symptom::PLAIN
    },
];
