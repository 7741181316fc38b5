//! Every observed host directory of `tests/vectors`, replayed: outcome, error byte for byte, trust anchors, client pairs.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test makes its own files and fails by panicking"
)]

#[path = "support/vector.rs"]
mod vector;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use certwright::engine::select::{DaemonConfig, Endpoint};
use certwright::engine::{Connection, Engine, Judge, Load, Roots};
use certwright::model::{HostDir, Placement};
use certwright::pki::{Certificate, Interner};
use certwright::scan::{Entry, read_host};
use serde_json::Value;
use vector::{build, set_mode, text, vectors};

/// The engines that are judged here, with the names that the vectors know them by.
const ENGINES: [(&str, Engine); 6] = [
    ("docker-classic", Engine::DockerClassic),
    ("docker-c8d", Engine::DockerC8d),
    ("containerd", Engine::Containerd),
    ("containerd-2", Engine::Containerd),
    ("buildkit", Engine::Buildkit),
    ("containers-image", Engine::ContainersImage),
];

/// What differs between a load and what was observed.
fn differences(load: &Load, expected: &Value, directory: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            found.push(format!("{what}\n      ours   {ours}\n      theirs {theirs}"));
        }
    };
    compare("outcome", load.outcome().into(), text(expected, "outcome").unwrap().into());
    if let Some(error) = text(expected, "error") {
        let ours = load.error().map(|error| error.verbatim.clone()).unwrap_or_default();
        compare("error", ours.replace(&*directory.to_string_lossy(), "$DIR"), error.into());
    }
    if let Some(logged) = expected.get("logs_decode_failure").or(expected.get("log")) {
        compare("logged", (!load.log.is_empty()).to_string(), (logged != &Value::Bool(false)).to_string());
    }
    if load.is_ok() {
        let registry = directory.file_name().unwrap().to_string_lossy().into_owned();
        let endpoint = Endpoint::of(load.engine, &registry);
        let ours: Vec<Value> = load.connections().iter().map(|connection| describe(connection, &endpoint)).collect();
        let theirs = match expected.get("endpoints").and_then(Value::as_array) {
            Some(list) if list.iter().all(Value::is_object) => list.clone(),
            Some(list) => vec![with(expected, "url", list[0].clone())],
            None => vec![expected.clone()],
        };
        compare("number of endpoints", ours.len().to_string(), theirs.len().to_string());
        for (ours, theirs) in ours.iter().zip(&theirs) {
            for key in ["url", "verify", "roots", "ca_subjects", "client_subjects", "client_chain_lengths"] {
                if let Some(theirs) = theirs.get(key) {
                    let theirs = theirs.to_string().replace("system-default", "system");
                    compare(key, ours[key].to_string(), theirs);
                }
            }
        }
    }
    found
}

fn with(value: &Value, key: &str, field: Value) -> Value {
    let mut value = value.clone();
    value[key] = field;
    value
}

/// A connection in the words of the vectors.
fn describe(connection: &Connection, endpoint: &Endpoint) -> Value {
    let name = |certificate: &Certificate| certificate.subject().common_name().unwrap_or_default().into_owned();
    let material = &connection.material;
    serde_json::json!({
        "url": connection.url.as_deref().unwrap_or(&endpoint.url),
        "verify": connection.verify.unwrap_or(endpoint.verify),
        "roots": match material.roots {
            Roots::System => "system",
            Roots::SystemAndDirectory => "system+dir",
        },
        "ca_subjects": material.anchors.iter().map(|anchor| name(&anchor.certificate)).collect::<Vec<_>>(),
        "client_subjects": material.pairs.iter().map(|pair| name(pair.leaf().unwrap())).collect::<Vec<_>>(),
        "client_chain_lengths": material.pairs.iter().map(|pair| pair.chain.len()).collect::<Vec<_>>(),
    })
}

/// The names of the files that a load takes certificates from.
fn files_used(load: &Load, host: &HostDir) -> Value {
    let name = |index| host.entry(index).unwrap().name.to_string_lossy().into_owned();
    let material = load.material().unwrap();
    let pairs = material.pairs.iter().map(|pair| [name(pair.certificate_file), name(pair.key_file)]);
    serde_json::json!({
        "ca_files": material.anchors.iter().map(|anchor| name(anchor.file)).collect::<BTreeSet<_>>(),
        "client_pairs": pairs.collect::<Vec<_>>(),
    })
}

/// Where containerd 1 differs, only the files were observed.
#[test]
fn containerd_1_as_observed() {
    let mut checked = 0;
    for vector in vectors("curated.json") {
        let Some(expected) = vector["expected"].get("containerd-1.5..1.7") else { continue };
        let root = tempfile::tempdir().unwrap();
        let directory = build(&vector, root.path());
        let host = read_host(&Entry::new(directory, Placement::UnderRoot), &Interner::default());
        for version in ["1.5", "1.6", "1.7"] {
            let judge = Judge::parse(&format!("containerd@{version}")).unwrap()[0];
            let load = judge.load(&host);
            assert_eq!(load.outcome(), text(expected, "outcome").unwrap(), "{} {version}", vector["name"]);
            let used = files_used(&load, &host);
            for key in ["ca_files", "client_pairs"] {
                assert_eq!(used[key], expected[key], "{} {version} {key}", vector["name"]);
            }
            assert!(load.log.iter().any(|line| line.contains("invalid `host` tree")), "{:?}", load.log);
            checked += 1;
        }
    }
    assert_eq!(checked, 9);
}

fn check(file: &str) {
    let mut wrong = Vec::new();
    let mut checked = 0;
    for vector in vectors(file) {
        if text(&vector, "run_as") == Some("nobody") {
            continue;
        }
        let root = tempfile::tempdir().unwrap();
        let directory = build(&vector, root.path());
        let entry = Entry::new(directory.clone(), Placement::UnderRoot);
        let host = read_host(&entry, &Interner::default());
        for (name, engine) in ENGINES {
            let Some(expected) = vector["expected"].get(name) else { continue };
            checked += 1;
            for difference in differences(&engine.load(&host), expected, &directory) {
                wrong.push(format!("{} {name}: {difference}", vector["name"]));
            }
        }
    }
    assert!(checked > 0);
    assert!(wrong.is_empty(), "{} of {checked} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn curated_directories() {
    check("curated.json");
}

#[test]
fn random_directories() {
    check("random.json");
}

/// The vectors observed as a user who may not read everything. Root reads everything, so root runs this test once more as
/// `nobody`, who reports on standard output.
#[test]
fn directories_that_another_user_may_not_read() {
    const REPORT: &str = "CERTWRIGHT_TEST_REPORT_ON";
    if let Some(directory) = std::env::var_os(REPORT) {
        let entry = Entry::new(PathBuf::from(directory), Placement::UnderRoot);
        let host = read_host(&entry, &Interner::default());
        for (name, engine) in ENGINES {
            let load = engine.load(&host);
            println!("report\t{name}\t{}\t{}", load.outcome(), load.error().map_or("", |error| &error.verbatim));
        }
        return;
    }
    let mut checked = 0;
    for vector in vectors("curated.json").iter().filter(|vector| text(vector, "run_as") == Some("nobody")) {
        let root = tempfile::tempdir().unwrap();
        set_mode(root.path(), "0755");
        let directory = build(vector, root.path());
        // The build folder may lie where the other user may not go.
        let runner = root.path().join("runner");
        // Not by this process: what another thread begins meanwhile would hold the copy open, and it could not be run.
        let mut copy = std::process::Command::new("cp");
        assert!(copy.arg(std::env::current_exe().unwrap()).arg(&runner).status().unwrap().success());
        let mut child = std::process::Command::new(runner);
        child.current_dir("/");
        child.args(["--exact", "directories_that_another_user_may_not_read", "--nocapture"]);
        child.env(REPORT, &directory);
        if rustix::process::geteuid().is_root() {
            std::os::unix::process::CommandExt::uid(&mut child, 65534);
        }
        let output = child.output().unwrap();
        let output = String::from_utf8(output.stdout).unwrap();
        let expected = vector["expected"].as_object().unwrap();
        for line in output.lines().filter_map(|line| line.split_once("report\t")).map(|(_, line)| line) {
            let [name, outcome, error] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let Some(expected) = expected.get(name) else { continue };
            checked += 1;
            assert_eq!(outcome, text(expected, "outcome").unwrap(), "{} {name}", vector["name"]);
            let error = error.replace(&*directory.to_string_lossy(), "$DIR");
            assert_eq!(error, text(expected, "error").unwrap_or_default(), "{} {name}", vector["name"]);
        }
    }
    assert_eq!(checked, 3 * 5, "three directories, five engines");
}

/// What older versions say, as the vectors tell in prose (`variants`).
#[test]
fn older_versions_speak_their_own_words() {
    let said = |vector: &str, judge: &str| {
        let all = vectors("curated.json");
        let vector = all.iter().find(|known| text(known, "name") == Some(vector)).unwrap();
        let root = tempfile::tempdir().unwrap();
        let directory = build(vector, root.path());
        let host = read_host(&Entry::new(directory, Placement::UnderRoot), &Interner::default());
        let load = Judge::parse(judge).unwrap()[0].load(&host);
        match load.error() {
            Some(error) => error.verbatim.replace(&*root.path().to_string_lossy(), "$ROOT"),
            None => format!("{} anchors, {} logged", load.material().unwrap().anchors.len(), load.log.len()),
        }
    };
    let hint = "Note that CA certificates should use the extension .crt";
    let missing = |first: &str, end: &str| {
        format!("{first}issing key client.key for client certificate client.cert. {hint}{end}")
    };
    assert_eq!(said("cert-without-key", "docker@20.10.24"), missing("m", ""));
    assert_eq!(said("cert-without-key", "docker@17.05"), missing("M", "."));
    assert_eq!(said("cert-without-key", "docker@1.9"), "Missing key client.key for certificate client.cert");
    assert_eq!(said("client-as-crt", "docker@20.10"), "Missing client certificate client.cert for key client.key");
    assert_eq!(said("client-as-crt", "docker@23.0"), "missing client certificate client.cert for key client.key");
    assert_eq!(said("dir-is-file", "docker@20.10"), "readdirent $ROOT/registry.test:5000: not a directory");
    assert_eq!(said("dir-is-file", "skopeo@5.22"), "readdirent $ROOT/registry.test:5000: not a directory");
    assert_eq!(said("ca-negative-serial", "docker@20.10"), "1 anchors, 0 logged");
    assert_eq!(said("ca-negative-serial", "docker-classic"), "0 anchors, 0 logged");
    assert_eq!(said("hosts-toml-valid-plus-ca", "containerd@1.7"), "1 anchors, 1 logged");
    assert_eq!(said("hosts-toml-valid-plus-ca", "containerd@2.0"), "0 anchors, 0 logged");
}

/// `map.json`: the directory that each engine takes for a host among those of `layout`, and whom it talks to.
#[test]
fn hosts_lead_to_directories() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/map.json");
    let map: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let layout: Vec<&str> =
        map["layout"].as_array().unwrap().iter().map(|entry| text(entry, "name").unwrap()).collect();
    let exists = |name: &String| layout.iter().any(|entry| entry.split('/').next() == Some(name));
    let mut wrong = Vec::new();
    for vector in map["vectors"].as_array().unwrap() {
        let registry = text(vector, "host").unwrap();
        let daemon = daemon_config(&vector["config"]);
        for (name, expected) in vector["expected"].as_object().unwrap() {
            let engine = ENGINES.iter().find(|(known, _)| known == name).unwrap().1;
            let endpoints = Endpoint::all(Judge::newest(engine), registry, &daemon);
            let ours = match endpoints {
                Err(error) => serde_json::json!({ "error": error, "outcome": "error" }),
                Ok(endpoints) if expected.is_array() => endpoints
                    .iter()
                    .map(|endpoint| {
                        let directory = endpoint.directory_names.iter().find(|name| exists(name));
                        let mut ours = serde_json::json!({
                            "url": endpoint.url, "dir": directory, "tls_verify": endpoint.verify,
                        });
                        if endpoint.http_fallback {
                            ours["http_fallback"] = true.into();
                        }
                        ours
                    })
                    .collect(),
                Ok(endpoints) => serde_json::json!({ "dir": endpoints[0].directory_names[0] }),
            };
            let mut theirs = expected.clone();
            if let Some(object) = theirs.as_object_mut() {
                object.remove("note");
            }
            if ours != theirs {
                wrong.push(format!("{registry} {name}\n  ours   {ours}\n  theirs {theirs}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn daemon_config(config: &Value) -> DaemonConfig {
    let list = |key: &str| {
        let items = config.get(key).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        items.iter().map(|item| item.as_str().unwrap().to_owned()).collect()
    };
    DaemonConfig { mirrors: list("registry-mirrors"), insecure: list("insecure-registries"), ..DaemonConfig::default() }
}

/// What containerd 1.6.20 and other programs built with Go 1.19 were seen to do where today's do otherwise.
#[test]
fn containerd_1_and_go_1_19_have_ways_of_their_own() {
    let load = |files: &[(&str, &str)], judge: &str| {
        let root = tempfile::tempdir().unwrap();
        files.iter().for_each(|(name, content)| fs::write(root.path().join(name), content).unwrap());
        let host = read_host(&Entry::new(root.path().to_owned(), Placement::UnderRoot), &Interner::default());
        Judge::parse(judge).unwrap()[0].load(&host)
    };
    let inline = [("hosts.toml", "host = { \"https://mirror.test\" = { skip_verify = true } }")];
    assert_eq!(load(&inline, "containerd@1.6").connections().len(), 2);
    assert_eq!(load(&inline, "containerd@1.6").connections()[0].verify, Some(false));
    assert_eq!(load(&inline, "containerd@2.0").connections().len(), 1);
    let wrong = [("hosts.toml", "ca = 5")];
    assert_eq!(load(&wrong, "containerd@1.6").log, ["failed to decode hosts.toml: invalid `host` tree"]);
    assert!(load(&wrong, "containerd@2.0").log[0].ends_with("hosts.toml: invalid type 5 for \"ca\""));

    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(Vec::new()).unwrap().self_signed(&key).unwrap().pem();
    let x25519 = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VuBCIEIHcHbQpzGKV9PBbBclGyZkXfTC+H68CZKrF3+6UduSwq\n\
                  -----END PRIVATE KEY-----\n";
    let pair = [("a.cert", certificate.as_str()), ("a.key", x25519)];
    let said = |judge: &str| load(&pair, judge).error().unwrap().verbatim.clone();
    assert_eq!(said("docker@20.10"), "tls: failed to parse private key");
    assert_eq!(said("docker-classic"), "tls: found unknown private key type in PKCS#8 wrapping");
}

/// What a `hosts.toml` names is resolved by the text of its path, and a certificate is read before its key is looked for.
#[test]
fn files_of_hosts_toml_are_read_as_containerd_reads_them() {
    let root = tempfile::tempdir().unwrap();
    let real = root.path().join("elsewhere/r.test");
    fs::create_dir_all(&real).unwrap();
    let directory = root.path().join("r.test");
    std::os::unix::fs::symlink(&real, &directory).unwrap();
    let said = |toml: &str| {
        fs::write(real.join("hosts.toml"), toml).unwrap();
        let host = read_host(&Entry::new(directory.clone(), Placement::UnderRoot), &Interner::default());
        let load = Engine::Containerd.load(&host);
        load.error().unwrap().verbatim.replace(&*root.path().to_string_lossy(), "$ROOT")
    };
    let missing = "unable to read CA cert \"$ROOT/x/ca.crt\": open $ROOT/x/ca.crt: no such file or directory";
    assert_eq!(said("ca = \"../x/ca.crt\""), missing);
    fs::create_dir(root.path().join("x")).unwrap();
    fs::write(root.path().join("x/ca.crt"), "no certificate").unwrap();
    assert_eq!(said("ca = \"../x/ca.crt\""), "unable to load CA cert \"$ROOT/x/ca.crt\"");
    let missing =
        "unable to read CERT file \"$ROOT/r.test/a.cert\": open $ROOT/r.test/a.cert: no such file or directory";
    assert_eq!(said("client = [[\"a.cert\", \"\"]]"), missing);
}

/// Go looked at the private exponent of an RSA key alone, then at the CRT values alone, and from 1.26 at both.
#[test]
fn an_rsa_key_that_contradicts_itself_is_taken_by_old_engines() {
    let vectors = vectors("curated.json");
    let files = vectors.iter().flat_map(|vector| vector["files"].as_array().unwrap());
    let decode = |file: &Value| {
        let bytes = base64::engine::general_purpose::STANDARD.decode(text(file, "base64")?).ok()?;
        String::from_utf8(bytes).ok()
    };
    let named = |suffix: &'static str| {
        let files = files.clone().filter(move |file| text(file, "name").is_some_and(|name| name.ends_with(suffix)));
        files.filter_map(decode)
    };
    let load = |certificate: &str, key: &str, judge: &str| {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("a.cert"), certificate).unwrap();
        fs::write(root.path().join("a.key"), key).unwrap();
        let host = read_host(&Entry::new(root.path().to_owned(), Placement::UnderRoot), &Interner::default());
        Judge::parse(judge).unwrap()[0].load(&host).error().map(|error| error.verbatim.clone())
    };
    let key = named(".key").find(|key| key.starts_with("-----BEGIN PRIVATE KEY-----") && key.len() > 1600).unwrap();
    let certificate = named(".cert").find(|certificate| load(certificate, &key, "docker").is_none()).unwrap();

    let (label, body) = ("PRIVATE KEY", key.lines().filter(|line| !line.starts_with('-')).collect::<String>());
    let der = base64::engine::general_purpose::STANDARD.decode(body).unwrap();
    let exponent = der.windows(5).position(|window| window == [2, 3, 1, 0, 1]).unwrap() + 5;
    let damaged = |from_the_start: usize| {
        let mut der = der.clone();
        der[from_the_start] ^= 1;
        let body = base64::engine::general_purpose::STANDARD.encode(der);
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    };
    let refused = Some("tls: failed to parse private key".to_owned());
    let private_exponent = damaged(exponent + 100);
    assert_eq!(load(&certificate, &private_exponent, "docker"), refused);
    assert_eq!(load(&certificate, &private_exponent, "docker@20.10"), refused);
    // Behind d, p and q come the CRT values. Something else in the place of the first means that they are absent, a number
    // that is none refuses the key.
    let behind = |at: usize| match der[at + 1] {
        0x82 => at + 4 + usize::from(der[at + 2]) * 256 + usize::from(der[at + 3]),
        0x81 => at + 3 + usize::from(der[at + 2]),
        length => at + 2 + usize::from(length),
    };
    let first = behind(behind(behind(exponent)));
    let replaced = |at: usize, byte: u8| {
        let mut der = der.clone();
        der[at] = byte;
        let body = base64::engine::general_purpose::STANDARD.encode(der);
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    };
    assert_eq!(der[first], 2);
    assert_eq!(load(&certificate, &replaced(first, 5), "docker"), None);
    assert_eq!(load(&certificate, &replaced(first + 1, 0x84), "docker@20.10"), refused);
    let coefficient = damaged(der.len() - 10);
    assert_eq!(load(&certificate, &coefficient, "docker"), refused);
    assert_eq!(load(&certificate, &coefficient, "docker@20.10"), None);
}
