//! What Go says when it does not accept a certificate for its names, dates, uses or form (`crypto/x509`, verify.go and
//! parser.go).

use crate::why::symptom::{Cause, Symptom};

const REISSUE_NAMES: &str =
    "have the server's certificate issued again with every name and address that references use";

const EXPIRED_HERE: Cause = Cause::in_directory(
    "a certificate in the directory has expired: a CA, or a pinned server certificate",
    &["CW310", "CW301", "CW305"],
    "replace it by the CA's current certificate",
);

pub(super) const SYMPTOMS: &[Symptom] = &[
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
            "x509: authority key identifier incorrectly marked critical",
            "x509: subject key identifier incorrectly marked critical",
            "x509: authority info access incorrectly marked critical",
        ],
        title: "Go cannot read the client certificate",
        meaning: "The .cert holds a PEM block whose content is broken, or uses a key that Go does not know. The engine names \
                  no file.",
        causes: &[Cause::in_directory(
            "a .cert holds a certificate that Go refuses",
            &["CW208", "CW204", "CW503"],
            "copy the certificate again from where it was issued, or have it issued anew",
        )],
        sources: &["Go crypto/x509 parser.go"],
        ..Symptom::PLAIN
    },
];
