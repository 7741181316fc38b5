//! `why`: every error text of the field, in the wrappings in which people copy it, finds its meaning; other text finds none.
#![expect(clippy::disallowed_methods, reason = "tests make their own directories")]

use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use certwright::base::clock::Timestamp;
use certwright::engine::Engine;
use certwright::finding::{Code, Finding, Place, Severity};
use certwright::model::{HostDir, Placement};
use certwright::pki::Interner;
use certwright::pki::chain::Verifier;
use certwright::rules::Settings;
use certwright::rules::registry::RuleSet;
use certwright::scan::{Entry, read_host};
use certwright::why::{self, Evidence, Standing};
use proptest::prelude::*;
use serde_json::Value;

/// What docker, podman, skopeo, ctr, kubelet, nerdctl and BuildKit put around an error of the TLS handshake.
const HANDSHAKE_WRAPPINGS: [&str; 12] = [
    r#"{}"#,
    r#"Error response from daemon: Get "https://r.test:5000/v2/": {}"#,
    r#"docker: Error response from daemon: Get https://r.test:5000/v2/: {}.
See 'docker run --help'."#,
    r#"Error response from daemon: failed to resolve reference "r.test:5000/app:1": failed to do request: Head "https://r.test:5000/v2/app/manifests/1": {}"#,
    r#"Trying to pull r.test:5000/app:1...
Error: initializing source docker://r.test:5000/app:1: pinging container registry r.test:5000: Get "https://r.test:5000/v2/": {}"#,
    r#"time="2026-11-24T10:00:00Z" level=fatal msg="Error parsing image name \"docker://r.test:5000/app:1\": pinging container registry r.test:5000: Get \"https://r.test:5000/v2/\": {}""#,
    r#"ctr: failed to resolve reference "r.test:5000/app:1": failed to do request: Head "https://r.test:5000/v2/app/manifests/1": {}"#,
    r#"E1124 10:00:00.000000 1 remote_image.go:180] "PullImage from image service failed" err="rpc error: code = Unknown desc = failed to pull and unpack image \"r.test:5000/app:1\": failed to resolve reference \"r.test:5000/app:1\": failed to do request: Head \"https://r.test:5000/v2/app/manifests/1\": {}" image="r.test:5000/app:1""#,
    r#"  Warning  Failed  3s (x2 over 21s)  kubelet  Failed to pull image "r.test:5000/app:1": rpc error: code = Unknown desc = Error response from daemon: {"message":"Get https://r.test:5000/v2/: {}"}"#,
    r#"FATA[0000] failed to resolve reference "r.test:5000/app:1": failed to do request: Head "https://r.test:5000/v2/app/manifests/1": {}"#,
    r#"ERROR: failed to solve: r.test:5000/app:1: failed to resolve source metadata for r.test:5000/app:1: failed to do request: Head "https://r.test:5000/v2/app/manifests/1": {}"#,
    r#"Error: authenticating creds for "r.test:5000": pinging container registry r.test:5000: Get "https://r.test:5000/v2/": {}"#,
];

/// Errors of the handshake: row of the field study, text, symptom.
const HANDSHAKE: &[(u8, &str, &str)] = &[
    (1, "x509: certificate signed by unknown authority", "unknown-authority"),
    (7, "x509: certificate signed by unknown authority", "unknown-authority"),
    (8, "x509: certificate relies on legacy Common Name field, use SANs instead", "legacy-common-name"),
    (
        8,
        "x509: certificate relies on legacy Common Name field, use SANs or temporarily enable Common Name matching with GODEBUG=x509ignoreCN=0",
        "legacy-common-name",
    ),
    (9, "x509: cannot validate certificate for 10.0.0.1 because it doesn't contain any IP SANs", "no-ip-names"),
    (
        12,
        "x509: certificate has expired or is not yet valid: current time 2026-11-24T10:00:00Z is after 2026-11-12T12:00:00Z",
        "expired",
    ),
    (12, "x509: certificate has expired or is not yet valid", "expired"),
    (
        14,
        r#"x509: certificate signed by unknown authority (possibly because of "x509: invalid signature: parent certificate cannot sign this kind of certificate" while trying to verify candidate authority certificate "r.test")"#,
        "parent-cannot-sign",
    ),
    (20, "x509: certificate is valid for a.test, *.b.test, not c.test", "other-names"),
    (21, "x509: certificate is not valid for any names, but wanted to match r.test", "no-names"),
    (27, "remote error: tls: bad certificate", "bad-client-certificate"),
    (27, "remote error: tls: certificate required", "client-certificate-required"),
    (27, "remote error: tls: handshake failure", "handshake-failure"),
    (27, "remote error: tls: expired certificate", "expired-client-certificate"),
    (27, "remote error: tls: unknown certificate authority", "bad-client-certificate"),
    (32, "x509: certificate specifies an incompatible key usage", "incompatible-key-usage"),
    (
        34,
        r#"x509: certificate signed by unknown authority (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority certificate "Acme Root CA")"#,
        "same-name-other-key",
    ),
    (
        34,
        r#"x509: certificate signed by unknown authority (possibly because of "x509: ECDSA verification failure" while trying to verify candidate authority certificate "Acme Root CA")"#,
        "same-name-other-key",
    ),
    (
        34,
        r#"x509: certificate signed by unknown authority (possibly because of "something new" while trying to verify candidate authority certificate "Acme Root CA")"#,
        "unknown-authority",
    ),
    (43, "http: server gave HTTP response to HTTPS client", "plain-http-server"),
    (
        46,
        "x509: certificate has expired or is not yet valid: current time 2026-11-24T10:00:00Z is before 2026-11-25T00:00:00Z",
        "not-yet-valid",
    ),
    (47, "tls: failed to parse certificate from server: x509: negative serial number", "negative-serial-number"),
    (48, "x509: cannot verify signature: insecure algorithm SHA1-RSA", "insecure-signature"),
    (
        48,
        r#"x509: certificate signed by unknown authority (possibly because of "x509: cannot verify signature: insecure algorithm SHA1-RSA" while trying to verify candidate authority certificate "Old CA")"#,
        "insecure-signature",
    ),
    (
        48,
        r#"x509: certificate signed by unknown authority (possibly because of "x509: cannot verify signature: insecure algorithm SHA1-RSA (temporarily override with GODEBUG=x509sha1=1)" while trying to verify candidate authority certificate "Old CA")"#,
        "insecure-signature",
    ),
    (49, "remote error: tls: protocol version not supported", "old-protocol"),
    (
        57,
        r#"x509: a root or intermediate certificate is not authorized to sign for this name: DNS name "localhost" is not permitted by any constraint"#,
        "name-constraints",
    ),
];

/// What daemons and clients put around an error of a loader.
const LOADER_WRAPPINGS: [&str; 7] = [
    "{}",
    "Error response from daemon: {}",
    "docker: Error response from daemon: {}.\nSee 'docker run --help'.",
    r#"Error response from daemon: failed to resolve reference "r.test:5000/app:1": {}"#,
    r#"time="2026-11-24T10:00:00Z" level=fatal msg="Error parsing image name \"docker://r.test:5000/app:1\": {}""#,
    r#"rpc error: code = Unknown desc = failed to pull and unpack image "r.test:5000/app:1": failed to resolve reference "r.test:5000/app:1": {}"#,
    r#"level=error msg="Handler for POST /v1.47/images/create returned error: {}""#,
];

/// Errors of the loaders: row of the field study, text, symptom, file.
const LOADERS: &[(u8, &str, &str, Option<&str>)] = &[
    (
        3,
        "missing key ca.key for client certificate ca.cert. CA certificates must use the extension .crt",
        "missing-key",
        Some("ca.cert"),
    ),
    (
        3,
        "missing key ca.key for client certificate ca.cert. Note that CA certificates should use the extension .crt",
        "missing-key",
        Some("ca.cert"),
    ),
    (
        3,
        "Missing key ca.key for client certificate ca.cert. Note that CA certificates should use the extension .crt.",
        "missing-key",
        Some("ca.cert"),
    ),
    (3, "Missing key ca.key for certificate ca.cert", "missing-key", Some("ca.cert")),
    (4, "missing client certificate ca.cert for key ca.key", "missing-certificate", Some("ca.key")),
    (4, "Missing client certificate my ca.cert for key my ca.key", "missing-certificate", Some("my ca.key")),
    (5, "missing client certificate tls.cert for key tls.key", "missing-certificate", Some("tls.key")),
    (
        13,
        "open /etc/docker/certs.d/r.test:5000: permission denied",
        "permission-denied",
        Some("/etc/docker/certs.d/r.test:5000"),
    ),
    (
        13,
        "open /etc/docker/certs.d/r.test:5000/hosts.toml: permission denied",
        "permission-denied",
        Some("/etc/docker/certs.d/r.test:5000/hosts.toml"),
    ),
    (
        22,
        r#"unable to load CA cert "/c/certs.d/r.test:5000/ca.crt""#,
        "no-ca-certificate",
        Some("/c/certs.d/r.test:5000/ca.crt"),
    ),
    (23, "tls: failed to find any PEM data in certificate input", "certificate-without-pem", None),
    (23, "tls: failed to find any PEM data in key input", "key-without-pem", None),
    (23, "failed to load X509 key pair: tls: failed to find any PEM data in key input", "key-without-pem", None),
    (
        23,
        "failed to load keypair for /c/certs.d/r.test:5000/a.cert: tls: failed to find any PEM data in key input",
        "key-without-pem",
        Some("/c/certs.d/r.test:5000/a.cert"),
    ),
    (
        26,
        "open /etc/docker/certs.d/r.test:5000/redhat-ca.crt: no such file or directory",
        "no-such-file",
        Some("/etc/docker/certs.d/r.test:5000/redhat-ca.crt"),
    ),
    (
        26,
        r#"unable to read CA cert "/c/certs.d/r.test:5000/a.crt": open /c/certs.d/r.test:5000/a.crt: no such file or directory"#,
        "no-such-file",
        Some("/c/certs.d/r.test:5000/a.crt"),
    ),
    (
        26,
        "failed to read /c/certs.d/r.test:5000/a.crt: open /c/certs.d/r.test:5000/a.crt: no such file or directory",
        "no-such-file",
        Some("/c/certs.d/r.test:5000/a.crt"),
    ),
    (
        18,
        r#"unable to read CERT file "/tmp/hosts/r.test": read /tmp/hosts/r.test: is a directory"#,
        "is-a-directory",
        Some("/tmp/hosts/r.test"),
    ),
    (
        18,
        r#"unable to read CA cert "/srv/pki/root": open /srv/pki/root: no such file or directory"#,
        "no-such-file",
        Some("/srv/pki/root"),
    ),
    (28, "tls: private key does not match public key", "key-mismatch", None),
    (28, "tls: private key type does not match public key type", "key-mismatch", None),
    (28, "failed to load X509 key pair: tls: private key does not match public key", "key-mismatch", None),
    (29, "tls: failed to parse private key", "unparsable-key", None),
    (29, "tls: failed to parse private key: asn1: structure error: tags don't match", "unparsable-key", None),
    (
        30,
        "tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched",
        "swapped-pair",
        None,
    ),
    (
        3,
        "failed to load X509 key pair: tls: found a certificate rather than a key in the PEM for the private key",
        "certificate-as-key",
        None,
    ),
    (
        63,
        r#"tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [CERTIFICATE REQUEST]"#,
        "no-certificate-block",
        None,
    ),
    (
        63,
        r#"tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [EC PARAMETERS]"#,
        "no-key-block",
        None,
    ),
    (
        60,
        "read /etc/docker/certs.d/r.test:5000/ca.crt: is a directory",
        "is-a-directory",
        Some("/etc/docker/certs.d/r.test:5000/ca.crt"),
    ),
    (
        60,
        "failed to read /c/certs.d/r.test:5000/ca.crt: read /c/certs.d/r.test:5000/ca.crt: is a directory",
        "is-a-directory",
        Some("/c/certs.d/r.test:5000/ca.crt"),
    ),
    (61, "open /c/certs.d/r.test:5000: not a directory", "not-a-directory", Some("/c/certs.d/r.test:5000")),
    (61, "readdirent /c/certs.d/r.test:5000: not a directory", "not-a-directory", Some("/c/certs.d/r.test:5000")),
    (
        64,
        "missing client certificate client-old.cert for key client-old.key",
        "missing-certificate",
        Some("client-old.key"),
    ),
    (0, "x509: malformed certificate", "refused-certificate", None),
    (0, "x509: trailing data", "refused-certificate", None),
    (0, "x509: unsupported elliptic curve", "refused-certificate", None),
    (0, "tls: unknown public key algorithm", "refused-certificate", None),
    (0, "x509: negative serial number", "negative-serial-number", None),
    (
        0,
        "open /c/certs.d/r.test:5000/a.crt: no such device or address",
        "special-file",
        Some("/c/certs.d/r.test:5000/a.crt"),
    ),
];

#[test]
fn errors_of_the_handshake_are_known_in_every_wrapping() {
    for (row, error, symptom) in HANDSHAKE {
        for wrapping in HANDSHAKE_WRAPPINGS {
            for prefix in ["", "tls: failed to verify certificate: "] {
                let escaped = if wrapping.contains("\\\"") { error.replace('"', "\\\"") } else { (*error).to_owned() };
                let text = wrapping.replace("{}", &format!("{prefix}{escaped}"));
                let diagnosis = why::explain(&text).expect(&text);
                // A build is told apart where the text alone tells nothing.
                let id = diagnosis.symptom.id;
                assert_eq!(id.strip_prefix("build-").unwrap_or(id), *symptom, "row {row}: {text}");
                assert_eq!(diagnosis.verbatim, *error, "row {row}: {text}");
                if wrapping != "{}" {
                    assert_eq!(diagnosis.registry.as_deref(), Some("r.test:5000"), "row {row}: {text}");
                }
            }
        }
    }
}

#[test]
fn errors_of_loaders_are_known_in_every_wrapping() {
    for (row, error, symptom, file) in LOADERS {
        for wrapping in LOADER_WRAPPINGS {
            let escaped = if wrapping.contains("\\\"") { error.replace('"', "\\\"") } else { (*error).to_owned() };
            let text = wrapping.replace("{}", &escaped);
            let diagnosis = why::explain(&text).expect(&text);
            assert_eq!(diagnosis.symptom.id, *symptom, "row {row}: {text}");
            assert_eq!(diagnosis.verbatim.trim_end_matches('.'), error.trim_end_matches('.'), "row {row}: {text}");
            assert_eq!(diagnosis.path.as_deref().and_then(|path| path.to_str()), *file, "row {row}: {text}");
        }
    }
}

#[test]
fn what_stands_around_an_error_may_change_its_meaning() {
    let cases = [
        // 10: builds
        (
            r#"ERROR: failed to solve: failed to fetch anonymous token: Get "https://r.test/v2/token?scope=a": tls: failed to verify certificate: x509: certificate signed by unknown authority"#,
            "token-unknown-authority",
        ),
        (
            r#"ERROR: failed to solve: r.test/a:1: failed to resolve source metadata for r.test/a:1: failed to do request: Head "https://r.test/v2/a/manifests/1": tls: failed to verify certificate: x509: certificate signed by unknown authority"#,
            "build-unknown-authority",
        ),
        // 17, 35
        (
            r#"Error response from daemon: failed to resolve reference "r.test/a:1": failed to authorize: failed to fetch oauth token: Post "https://auth.test/token": tls: failed to verify certificate: x509: certificate signed by unknown authority"#,
            "token-unknown-authority",
        ),
        (
            "Error response from daemon: Get https://r.test/v2/: Get https://auth.test:5001/token?account=a&service=r: x509: certificate signed by unknown authority",
            "token-unknown-authority",
        ),
        ("Error response from daemon: pull access denied for app, repository does not exist", "pull-access-denied"),
        ("pull access denied", "pull-access-denied"),
        // As people write it down, without what stands before it.
        ("docker login says certificate signed by unknown authority", "unknown-authority"),
        ("parent certificate cannot sign this kind of certificate", "parent-cannot-sign"),
        // 44
        (r#"insecure registry r.test/v2 is not valid: invalid host "r.test/v2""#, "insecure-entry-with-scheme"),
        (
            "Error: initializing source docker://r.test/a:1: registry r.test is blocked in /etc/containers/registries.conf or /etc/containers/registries.conf.d",
            "blocked-registry",
        ),
        (
            "failed to load X509 key pair: x509: authority key identifier incorrectly marked critical",
            "refused-certificate",
        ),
        // 18
        (
            r#"level=error msg="failed to decode /etc/containerd/certs.d/r.test/hosts.toml" error="toml: invalid character at start of key: U+00EF" host=r.test"#,
            "hosts-toml-refused",
        ),
        ("level=error msg=\"failed to decode hosts.toml\" error=\"invalid `host` tree\"", "hosts-toml-refused"),
        (r#"ctr: invalid type 5 for "ca""#, "hosts-toml-refused"),
        ("failed to import cert from /etc/docker/certs.d/r.test/ca.crt", "no-ca-certificate"),
        ("unable to get system cert pool: open /etc/ssl/certs/x.pem: permission denied", "system-store-unreadable"),
        // 27: a server's log
        (
            "http: TLS handshake error from 10.0.0.9:41022: remote error: tls: bad certificate",
            "server-log-client-distrusts",
        ),
        (
            "http: TLS handshake error from 10.0.0.9:41022: tls: failed to verify certificate: x509: certificate signed by unknown authority",
            "server-log-distrusts-client",
        ),
        (
            "http: TLS handshake error from 10.0.0.9:41022: tls: client didn't provide a certificate",
            "client-certificate-required",
        ),
        (
            "error parsing HTTP 400 response body: invalid character '<' looking for beginning of value: \"<html>400 No required SSL certificate was sent</html>\"",
            "client-certificate-required",
        ),
        // 36
        (
            r#"error pulling image configuration: Get "https://storage.googleapis.com/b/containers/images/sha256:a9": x509: certificate signed by unknown authority"#,
            "storage-unknown-authority",
        ),
        (
            r#"failed to copy: httpReadSeeker: failed open: failed to do request: Get "https://minio.test:9000/b/docker/registry/v2/blobs/sha256/a9/data?X-Amz-Date=1": x509: certificate signed by unknown authority"#,
            "storage-unknown-authority",
        ),
        // 38
        (
            "error pulling image configuration: Get https://dseasb33srnrn.cloudfront.net/registry-v2/docker/registry/v2/blobs/sha256/1d/data?Expires=1: x509: certificate signed by unknown authority",
            "hub-unknown-authority",
        ),
        (
            r#"Error response from daemon: Get "https://registry-1.docker.io/v2/": tls: failed to verify certificate: x509: certificate signed by unknown authority"#,
            "hub-unknown-authority",
        ),
        // 44
        (
            "insecure registry https://r.test:5000 should not contain 'https://' and 'https://' has been removed from the insecure registry config",
            "insecure-entry-with-scheme",
        ),
        // 49
        (r#"Error response from daemon: Get "https://r.test/v2/": EOF"#, "connection-closed"),
        // 58
        (
            "rehash: warning: skipping acme.pem,it does not contain exactly one certificate or CRL",
            "not-one-certificate",
        ),
        // 59
        (
            "Error: error contacting notary server: x509: certificate signed by unknown authority",
            "notary-unknown-authority",
        ),
    ];
    for (text, symptom) in cases {
        assert_eq!(why::explain(text).expect(text).symptom.id, symptom, "{text}");
    }
}

#[test]
fn unknown_text_is_not_guessed_at() {
    let unknown = [
        "",
        "Error response from daemon: manifest for r.test/app:1 not found: manifest unknown",
        r#"Get "https://r.test/v2/": dial tcp: lookup r.test: no such host"#,
        r#"Get "https://r.test/v2/": dial tcp 10.0.0.1:443: connect: connection refused"#,
        "open /var/run/docker.sock: permission denied",
        "unexpected EOF",
        "x509: certificate",
        "no space left on device",
        "x509: certificate signed by unknown authorityX",
    ];
    for text in unknown {
        assert_eq!(why::explain(text).map(|diagnosis| diagnosis.symptom.id), None, "{text}");
    }
}

#[test]
fn engines_are_told_by_their_words() {
    let unknown = "x509: certificate signed by unknown authority";
    let engines = [
        (1, Engine::DockerClassic),
        (3, Engine::DockerC8d),
        (4, Engine::ContainersImage),
        (5, Engine::ContainersImage),
        (6, Engine::Containerd),
        (7, Engine::Containerd),
        (9, Engine::Containerd),
        (10, Engine::Buildkit),
        (11, Engine::ContainersImage),
    ];
    for (wrapping, engine) in engines {
        let text = HANDSHAKE_WRAPPINGS[wrapping].replace("{}", unknown);
        assert_eq!(why::explain(&text).expect(&text).engine, Some(engine), "{text}");
    }
    assert_eq!(why::explain(unknown).expect(unknown).engine, None);
}

/// Reads a directory as a scan does.
fn read(path: &Path) -> HostDir {
    read_host(&Entry::new(path.to_owned(), Placement::UnderRoot), &Interner::default())
}

/// What the rules find in a host directory.
fn found(host: &HostDir) -> Vec<Finding> {
    let settings = Settings { now: Timestamp(1_795_000_000), expires_within: 30 };
    RuleSet::default().check_host(host, settings, &Verifier::default())
}

/// Builds the directory of a vector, where that takes no other rights than ours.
fn build(vector: &Value, root: &Path) -> io::Result<Option<PathBuf>> {
    let is_plain = vector["dir_kind"].is_null() && vector["dir_mode"].is_null() && vector["run_as"] != "nobody";
    let path = root.join(vector["host_dir"].as_str().unwrap_or_default());
    std::fs::create_dir(&path)?;
    for file in vector["files"].as_array().into_iter().flatten() {
        let (Some(name), true) = (file["name"].as_str(), file["mode"].is_null() && is_plain) else { return Ok(None) };
        let path = path.join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(root))?;
        match file["kind"].as_str() {
            Some("file") => {
                let text = file["base64"].as_str().unwrap_or_default();
                let bytes = base64::engine::general_purpose::STANDARD.decode(text).map_err(io::Error::other)?;
                std::fs::write(path, bytes)?;
            }
            Some("dir") => std::fs::create_dir(path)?,
            Some("symlink") => symlink(file["target"].as_str().unwrap_or_default(), path)?,
            _ => return Ok(None),
        }
    }
    Ok(is_plain.then_some(path))
}

/// What was observed of real loaders: each of their texts is known, and found whole in its wrapping. From the directory (a
/// copy, under another root) it is traced back to the engine, and the rules confirm a cause.
#[test]
fn observed_errors_are_traced_back_to_engine_and_cause() {
    let vectors = [include_str!("vectors/curated.json"), include_str!("vectors/random.json")];
    let vectors = vectors.map(|text| serde_json::from_str::<Vec<Value>>(text).unwrap()).concat();
    let mut texts = 0;
    let mut traced = 0;
    let mut wrong = Vec::new();
    for vector in &vectors {
        let root = tempfile::tempdir().unwrap();
        let host = build(vector, root.path()).unwrap().map(|path| read(&path));
        let findings = host.as_ref().map(found).unwrap_or_default();
        let directory = format!("/etc/docker/certs.d/{}", vector["host_dir"].as_str().unwrap());
        for (name, expected) in vector["expected"].as_object().unwrap() {
            let Some(error) = expected["error"].as_str() else { continue };
            let error = error.replace("$DIR", &directory);
            let copied = format!("Error response from daemon: failed to resolve reference \"r.test/a:1\": {error}");
            let diagnosis = why::explain(&copied).expect(&copied);
            assert_eq!(diagnosis.verbatim, error);
            assert!(diagnosis.path.is_some() || !error.contains(&directory), "no path out of {error}");
            texts += 1;
            let engine = Engine::ALL.into_iter().find(|engine| engine.name() == name);
            let (Some(host), Some(engine)) = (&host, engine) else { continue };
            let verdict = why::confirm(&diagnosis, Some(host), &findings);
            let is_replayed = verdict.replays.iter().any(|replay| replay.judge.engine == engine);
            if !is_replayed || verdict.causes[0].standing != Standing::Confirmed {
                wrong.push(format!("{} {name} (replayed: {is_replayed}): {error}", vector["name"]));
            }
            traced += 1;
        }
    }
    assert!(wrong.is_empty(), "{} of {traced}\n{}", wrong.len(), wrong.join("\n"));
    assert!(texts > 500 && traced > 500, "{texts} texts, {traced} traced back");
}

/// What the real skopeo and ctr printed, with their wrappers.
#[test]
fn observed_wrappings_are_known() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("vectors/curated.json")).unwrap();
    let other = [": not found", "no such host", "TIMEOUT", "auth.json", "404"];
    let mut known = 0;
    for vector in &vectors {
        for (tool, text) in vector["e2e"].as_object().into_iter().flatten() {
            let Some(text) = text.as_str().filter(|text| !other.iter().any(|words| text.contains(words))) else {
                continue;
            };
            let text =
                text.replace("$DIR", "/c/certs.d/r.test:5000").replace("PORT", "5000").replace("$ADDR", "vm:5000");
            let diagnosis = why::explain(&text).expect(&text);
            assert!(text.ends_with(&diagnosis.verbatim), "{tool}: {text}\n{}", diagnosis.verbatim);
            known += 1;
        }
    }
    assert!(known > 50, "{known}");
}

/// A self-signed CA of this name, valid for the years given.
fn authority(name: &str, years: (i32, i32)) -> String {
    let mut parameters = rcgen::CertificateParams::default();
    parameters.distinguished_name.push(rcgen::DnType::CommonName, name);
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    parameters.not_before = rcgen::date_time_ymd(years.0, 1, 1);
    parameters.not_after = rcgen::date_time_ymd(years.1, 1, 1);
    let signed = rcgen::KeyPair::generate().and_then(|key| parameters.self_signed(&key));
    signed.map(|certificate| certificate.pem()).unwrap_or_default()
}

/// A host directory with these files, and what the rules find there.
fn host_of(root: &Path, files: &[(&str, &str)]) -> io::Result<(HostDir, Vec<Finding>)> {
    let path = root.join("r.test:5000");
    std::fs::create_dir(&path)?;
    for (name, content) in files {
        std::fs::write(path.join(name), content)?;
    }
    let host = read(&path);
    let findings = found(&host);
    Ok((host, findings))
}

fn finding(number: &'static str, directory: &Path, file: Option<&str>) -> Finding {
    Finding {
        code: Code { number, name: "a-rule" },
        severity: Severity::Error,
        place: Place { directory: Arc::from(directory), file: file.map(Into::into), certificate: None },
        message: "it is so".to_owned(),
        consequences: Vec::new(),
        advice: "mend it".to_owned(),
        fixes: Vec::new(),
    }
}

#[test]
fn a_finding_confirms_its_cause_and_a_replay_names_the_file() {
    let root = tempfile::tempdir().unwrap();
    let (host, findings) = host_of(root.path(), &[("ca.cert", &authority("Acme", (2020, 2040)))]).unwrap();
    let text = "Error response from daemon: missing key ca.key for client certificate ca.cert. CA certificates must use the extension .crt";
    let diagnosis = why::explain(text).unwrap();
    let verdict = why::confirm(&diagnosis, Some(&host), &findings);
    let first = &verdict.causes[0];
    assert_eq!((first.standing, first.findings[0].code.number), (Standing::Confirmed, "CW101"));
    assert_eq!(first.findings[0].advice, "rename ca.cert to ca.crt");
    let replays: Vec<String> = verdict.replays.iter().map(ToString::to_string).collect();
    assert_eq!(replays, ["docker-classic stops at ca.cert with exactly this text"]);
}

#[test]
fn older_versions_are_told_by_their_spelling() {
    let root = tempfile::tempdir().unwrap();
    let (host, _) = host_of(root.path(), &[("a.key", "")]).unwrap();
    let replay = |text: &str| {
        let verdict = why::confirm(&why::explain(text).unwrap(), Some(&host), &[]);
        verdict.replays.iter().map(|replay| replay.judge.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(replay("missing client certificate a.cert for key a.key"), ["docker-classic", "containers-image"]);
    assert_eq!(replay("Missing client certificate a.cert for key a.key"), ["docker-classic@20.10"]);
    let podman = "Error: initializing source docker://r.test/a:1: missing client certificate a.cert for key a.key";
    assert_eq!(replay(podman), ["containers-image", "docker-classic"]);
}

#[test]
fn the_certificate_that_a_text_means_is_found_by_date_and_name() {
    let root = tempfile::tempdir().unwrap();
    let files = [("new.crt", authority("Acme", (2024, 2040))), ("old.crt", authority("Acme Root CA", (2000, 2010)))];
    let files = files.each_ref().map(|(name, content)| (*name, content.as_str()));
    let (host, _) = host_of(root.path(), &files).unwrap();
    let meant = |text: &str| {
        let verdict = why::confirm(&why::explain(text).unwrap(), Some(&host), &[]);
        verdict.suspects.into_iter().map(|suspect| (suspect.path, suspect.reason)).collect::<Vec<_>>()
    };
    let expired = meant(
        r#"Get "https://r.test:5000/v2/": x509: certificate has expired or is not yet valid: current time 2026-11-24T10:00:00Z is after 2010-01-01T00:00:00Z"#,
    );
    assert_eq!(
        expired,
        [(host.path.join("old.crt"), "it expired at 2010-01-01T00:00:00Z, as the text says".to_owned())]
    );
    let other_key = meant(
        r#"x509: certificate signed by unknown authority (possibly because of "crypto/rsa: verification error" while trying to verify candidate authority certificate "Acme")"#,
    );
    assert_eq!(other_key, [(host.path.join("new.crt"), "it is the authority Acme that the text names".to_owned())]);
}

#[test]
fn a_missing_directory_is_a_cause_and_its_near_miss_is_shown() {
    let root = tempfile::tempdir().unwrap();
    let host = read(&root.path().join("r.test"));
    let diagnosis = why::explain("Get \"https://r.test/v2/\": x509: certificate signed by unknown authority").unwrap();
    let near = root.path().join("R.test:443");
    let findings = [finding("CW106", &near, None), finding("CW106", &root.path().join("other.test:443"), None)];
    let verdict = why::confirm(&diagnosis, Some(&host), &findings);
    let first = &verdict.causes[0];
    assert_eq!((first.standing, first.cause.evidence), (Standing::Confirmed, Evidence::NoDirectory));
    assert_eq!(first.findings, [&findings[0]]);
    assert!(verdict.causes[1..].iter().all(|candidate| candidate.standing != Standing::Confirmed));
    let standings: Vec<Standing> = verdict.causes.iter().map(|candidate| candidate.standing).collect();
    assert!(standings.is_sorted(), "{standings:?}");
}

#[test]
fn directories_are_located_by_name_by_path_and_by_replay() {
    let root = tempfile::tempdir().unwrap();
    let (broken, _) = host_of(root.path(), &[("a.key", "")]).unwrap();
    let expired = root.path().join("expired.test_5000_");
    std::fs::create_dir(&expired).unwrap();
    std::fs::write(expired.join("ca.crt"), authority("Old CA", (2000, 2010))).unwrap();
    let hosts = [broken, read(&expired)];
    let located = |text: &str| {
        let diagnosis = why::explain(text).expect(text);
        why::locate(&diagnosis, &hosts).iter().map(|host| host.name.to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    let unknown = "x509: certificate signed by unknown authority";
    assert_eq!(located(&format!("Get \"https://r.test:5000/v2/\": {unknown}")), ["r.test:5000"]);
    assert_eq!(located(&format!("Get \"https://expired.test:5000/v2/\": {unknown}")), ["expired.test_5000_"]);
    assert!(located(&format!("Get \"https://other.test/v2/\": {unknown}")).is_empty());
    assert!(located(unknown).is_empty());
    assert_eq!(located("missing client certificate a.cert for key a.key"), ["r.test:5000"]);
    assert!(located("missing client certificate b.cert for key b.key").is_empty());
    let date = "x509: certificate has expired or is not yet valid: current time 2026-11-24T10:00:00Z is after 2010-01-01T00:00:00Z";
    assert_eq!(located(date), ["expired.test_5000_"]);
    assert_eq!(located("open /etc/docker/certs.d/r.test:5000/x.crt: permission denied"), ["r.test:5000"]);
}

#[test]
fn without_a_directory_nothing_is_ruled_out() {
    let diagnosis = why::explain("Get \"https://r.test/v2/\": x509: certificate signed by unknown authority").unwrap();
    let findings = [finding("CW103", Path::new("/etc/docker/certs.d/other.test"), Some("ca.pem"))];
    let verdict = why::confirm(&diagnosis, None, &findings);
    assert!(verdict.causes.len() > 8 && verdict.replays.is_empty() && verdict.suspects.is_empty());
    assert!(verdict.causes.iter().all(|candidate| candidate.standing == Standing::Open));
}

#[test]
fn a_directory_whose_ca_is_not_read_says_so() {
    let root = tempfile::tempdir().unwrap();
    let (host, _) = host_of(root.path(), &[("ca.pem", &authority("Acme", (2020, 2040)))]).unwrap();
    let text =
        "Error response from daemon: Get \"https://r.test:5000/v2/\": x509: certificate signed by unknown authority";
    let findings = [finding("CW103", &host.path, Some("ca.pem"))];
    let verdict = why::confirm(&why::explain(text).unwrap(), Some(&host), &findings);
    let confirmed: Vec<_> = verdict
        .causes
        .iter()
        .filter(|candidate| candidate.standing == Standing::Confirmed)
        .map(|candidate| (candidate.cause.evidence, candidate.findings.len()))
        .collect();
    assert_eq!(confirmed, [(Evidence::Directory, 1), (Evidence::NoAnchor, 0)]);
}

#[test]
fn a_line_broken_by_a_terminal_is_read_as_one() {
    let text = "Error response from daemon: Get \"https://registry.example.com:5000/v2/\": tls: fai\nled to verify certificate: x509: certificate signed by unk\nnown authority\n";
    let diagnosis = why::explain(text).unwrap();
    assert_eq!(diagnosis.symptom.id, "unknown-authority");
    assert_eq!(diagnosis.registry.as_deref(), Some("registry.example.com:5000"));
    let possibly = "x509: certificate signed by unknown authority (possibly because of \"crypto/rsa:\n verification error\" while trying to verify candidate authority certificate \"A\")";
    assert_eq!(why::explain(possibly).unwrap().symptom.id, "same-name-other-key");
}

#[test]
fn mirrors_and_their_registries_are_told_apart() {
    let containerd = r#"failed to pull and unpack image "docker.io/library/a:1": failed to resolve reference "docker.io/library/a:1": failed to do request: Head "https://mirror.test:5000/v2/library/a/manifests/1?ns=docker.io": x509: certificate signed by unknown authority"#;
    let diagnosis = why::explain(containerd).unwrap();
    assert_eq!(diagnosis.symptom.id, "mirror-unknown-authority");
    assert_eq!(diagnosis.registry.as_deref(), Some("docker.io"));
    assert_eq!(diagnosis.server.as_deref(), Some("mirror.test:5000"));
    let podman = r#"Error: initializing source docker://docker.io/library/a:1: pinging container registry mirror.test:9443: Get "https://mirror.test:9443/v2/": x509: certificate signed by unknown authority"#;
    let diagnosis = why::explain(podman).unwrap();
    assert_eq!(diagnosis.symptom.id, "unknown-authority");
    assert_eq!(diagnosis.registry.as_deref(), Some("mirror.test:9443"));
    let storage = r#"Get "https://minio.test/docker/registry/v2/blobs/sha256/a9/data": x509: certificate signed by unknown authority"#;
    let diagnosis = why::explain(storage).unwrap();
    assert_eq!((diagnosis.registry.as_deref(), diagnosis.server.as_deref()), (None, Some("minio.test")));
}

/// Long texts that begin known texts without ending them: each takes a time in proportion to its length.
#[test]
fn megabytes_are_read_and_survived() {
    let beginnings =
        ["open ", "missing key ", "x509: certificate is valid for ", "read /a.crt: ", "\\\"", "\u{1b}[", "://", "\n"];
    assert!(why::explain(&"it works on my machine; ".repeat(200_000)).is_none());
    for beginning in beginnings {
        let text = beginning.repeat((256 << 10) / beginning.len());
        assert!(why::explain(&text).is_none(), "{beginning}");
        let text = format!("{text}\nx509: certificate signed by unknown authority\n{text}");
        assert_eq!(why::explain(&text).unwrap().symptom.id, "unknown-authority");
    }
}

/// Pieces of real messages, to be put together in any way.
fn pieces() -> impl Strategy<Value = String> {
    let patterns = why::symptoms().flat_map(|symptom| symptom.patterns.iter().copied());
    let words = HANDSHAKE_WRAPPINGS.into_iter().chain(LOADER_WRAPPINGS).flat_map(|text| text.split_inclusive(' '));
    let known: Vec<&'static str> = patterns.chain(words).collect();
    let piece = prop_oneof![
        proptest::sample::select(known).prop_map(str::to_owned),
        any::<String>(),
        "[a-z/.:\"\\\\ \n\u{1b}\u{202e}é]{0,12}",
        Just("/etc/docker/certs.d/r.test:5000/é.crt".to_owned()),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_survived(text in pieces()) {
        if let Some(diagnosis) = why::explain(&text) {
            prop_assert!(!diagnosis.verbatim.is_empty());
            let escapes = diagnosis.verbatim.contains('\u{1b}');
            prop_assert!(!escapes);
            let missing = read(Path::new("/nonexistent/certs.d/r.test:5000"));
            let verdict = why::confirm(&diagnosis, Some(&missing), &[]);
            prop_assert!(verdict.replays.is_empty());
            prop_assert!(verdict.causes.len() <= diagnosis.symptom.causes.len());
            // What was found is found again in its own words.
            let symptom = why::explain(&diagnosis.verbatim).map(|again| again.symptom.patterns);
            prop_assert!(symptom.is_some() || !diagnosis.symptom.within.is_empty());
        }
    }
}
