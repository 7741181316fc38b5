//! The program as people and scripts run it: what it prints, where, and with which exit code.

#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test prepares its own files and fails by panicking"
)]

mod support;

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use insta::assert_snapshot;
use support::world::World;

/// A CA that is named as a client certificate, a pair that expires soon, a link to nothing, a bundle.
const MIXED: &str = r#"
[material.acme]
common-name = "Acme Root CA"
ca = true
days = [-400, 3000]

[material.globex]
common-name = "Globex Root CA"
ca = true
days = [-400, -12]

[material.robot]
common-name = "robot"
issuer = "acme"
days = [-300, 20]
purposes = ["client"]

[[host]]
name = "registry.example.com:5000"
files."ca.crt" = ["acme", "globex"]
files."client.cert" = "robot"
files."client.key" = "robot.key"

[[host]]
name = "mirror.example.com"
files."ca.cert" = "acme"
files."gone.crt" = { link = "/nowhere/ca.pem" }
files."notes.txt" = { text = "ask the network team\n" }
"#;

/// One healthy host.
const HEALTHY: &str = r#"
[material.acme]
common-name = "Acme Root CA"
ca = true
days = [-400, 3000]

[[host]]
name = "registry.example.com:5000"
files."ca.crt" = "acme"
"#;

/// Directories and single files for a `buildkitd.toml`.
const BUILDKIT: &str = r#"
[material.acme]
common-name = "Acme Root CA"
ca = true
days = [-400, 3000]

[material.other]
common-name = "Other Root CA"
ca = true
days = [-400, 3000]

[material.client]
common-name = "builder"
issuer = "acme"
purposes = ["client"]
days = [-10, 300]

[[host]]
name = "one"
files."a.crt" = "other"
files."readme.txt" = { text = "notes" }

[[host]]
name = "two"
files."b.crt" = "acme"
files."client2.cert" = "client"
files."client2.key" = "client.key"

[[host]]
name = "named"
files."acme.pem" = "acme"
files."client.pem" = "client"
files."client-key.pem" = "client.key"
"#;

#[test]
fn tree_shows_name_and_content_side_by_side() {
    let world = World::new(MIXED);
    assert_snapshot!(world.run(&["tree", "--select", "CW101", "certs.d"]), @r"
    status: 0
    ----- stdout -----
    certs.d
    ├──   mirror.example.com
    │   ├── ✗ ca.cert       client ≠ CA             valid, 3000 days      Acme Root CA  CW101
    │   ├──   gone.crt      CA     ≠ dangling link                        -> /nowhere/ca.pem
    │   └──   notes.txt     unused   text
    └──   registry.example.com:5000
        ├──   ca.crt        CA       2 CAs          expired, 12 days ago
        │   ├──   1.                 CA             valid, 3000 days      Acme Root CA
        │   └──   2.                 CA             expired, 12 days ago  Globex Root CA
        ├──   client.cert   client   client         expiring, 20 days     robot
        └──   client.key    key      key                                  ECDSA P-256, PKCS#8

    1 error, 0 warnings, 0 infos, in 2 host directories, 6 files, 4 certificates
    ");
    assert_snapshot!(world.run(&["tree", "--ascii", "--select", "CW101", "certs.d/mirror.example.com"]), @r"
    status: 0
    ----- stdout -----
    certs.d
    `--   mirror.example.com
        |-- x ca.cert       client != CA             valid, 3000 days  Acme Root CA  CW101
        |--   gone.crt      CA     != dangling link                    -> /nowhere/ca.pem
        `--   notes.txt     unused    text

    1 error, 0 warnings, 0 infos, in 1 host directory, 3 files, 1 certificate
    ");
}

#[test]
fn without_a_terminal_the_tree_is_printed() {
    let world = World::new(HEALTHY);
    assert_snapshot!(world.run(&["certs.d"]), @r"
    status: 0
    ----- stdout -----
    certs.d
    └──   registry.example.com:5000
        └──   ca.crt        CA     CA       valid, 3000 days  Acme Root CA

    0 errors, 0 warnings, 0 infos, in 1 host directory, 1 file, 1 certificate
    ");
    assert_eq!(world.run(&["certs.d"]), world.run(&["tree", "certs.d"]));
}

#[test]
fn a_single_file_is_shown_alone() {
    let world = World::new(MIXED);
    let tree = world.run(&["tree", "--select", "CW101", "certs.d/mirror.example.com/ca.cert"]);
    assert!(tree.contains("ca.cert") && !tree.contains("gone.crt"), "{tree}");
}

#[test]
fn every_tree_of_the_machine_is_looked_at_under_a_prefix() {
    let world = World::new(HEALTHY);
    let etc = world.root().join("copy/etc/docker");
    std::fs::create_dir_all(&etc).unwrap();
    std::fs::rename(world.root().join("certs.d"), etc.join("certs.d")).unwrap();
    assert_snapshot!(world.run(&["--root-prefix", "copy"]), @r"
    status: 0
    ----- stdout -----
    copy/etc/docker/certs.d  Docker
    └──   registry.example.com:5000
        └──   ca.crt        CA     CA       valid, 3000 days  Acme Root CA

    0 errors, 0 warnings, 0 infos, in 1 host directory, 1 file, 1 certificate
    ");
    assert_snapshot!(world.run(&["check", "--root-prefix", "elsewhere"]), @r"
    status: 3
    ----- stderr -----
    certwright: no certificate directory is there under elsewhere
    hint: name one: certwright tree DIR; or try certwright --demo
    ");
    let explained = world.run(&["explain", "--root-prefix", "copy", "registry.example.com:5000/app:1"]);
    assert!(explained.contains("reads     copy/etc/docker/certs.d/registry.example.com:5000"), "{explained}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test makes the configuration of a host")]
fn the_configuration_of_a_copied_server_is_judged_unless_its_roots_are_named() {
    let world = World::new(HEALTHY);
    let etc = world.root().join("copy/etc/docker");
    std::fs::create_dir_all(&etc).unwrap();
    std::fs::write(etc.join("daemon.json"), r#"{"insecure-registries": ["registry.example.com:5000"]}"#).unwrap();
    std::fs::rename(world.root().join("certs.d"), etc.join("cert.d")).unwrap();
    assert_snapshot!(world.run(&["check", "--root-prefix", "copy"]), @r"
    status: 3
    ----- stderr -----
    certwright: no certificate directory is there under copy
    hint: no engine reads copy/etc/docker/cert.d: move what it holds to copy/etc/docker/certs.d
    ");
    std::fs::create_dir(etc.join("certs.d")).unwrap();
    assert_snapshot!(world.run(&["check", "--root-prefix", "copy"]), @r"
    status: 1
    ----- stdout -----
    copy/etc/docker/cert.d
      error[CW712] no engine reads /etc/docker/cert.d, which holds 1 host directory (near-miss-root)
        docker-classic: never looks here
        docker-c8d: never looks here
        fix: move what it holds to copy/etc/docker/certs.d

    1 error, 0 warnings, 0 infos, in 0 host directories, 0 files, 0 certificates
    ");
    std::fs::remove_dir(etc.join("certs.d")).unwrap();
    std::fs::rename(etc.join("cert.d"), etc.join("certs.d")).unwrap();
    assert_snapshot!(world.run(&["check", "--root-prefix", "copy"]), @r"
    status: 1
    ----- stdout -----
    copy/etc/docker/certs.d/registry.example.com:5000
      warning[CW714] docker login ignores this directory, since daemon.json lists it as insecure (ignored-insecure-registry)
        docker-classic: reads nothing here, verifies nothing and tries plain HTTP as well
        docker-c8d: reads it, but does not verify the server
        fix: take registry.example.com:5000 out of insecure-registries in daemon.json

    0 errors, 1 warning, 0 infos, in 1 host directory, 1 file, 1 certificate
    ");
    assert_snapshot!(world.run(&["check", "copy/etc/docker/certs.d"]), @r"
    status: 0
    ----- stdout -----
    0 errors, 0 warnings, 0 infos, in 1 host directory, 1 file, 1 certificate
    ");
}

#[test]
fn check_tells_what_is_wrong_by_place() {
    let world = World::new(MIXED);
    assert_snapshot!(world.run(&["check", "--select", "CW101", "certs.d"]), @r"
    status: 1
    ----- stdout -----
    certs.d/mirror.example.com/ca.cert
      error[CW101] CA certificate Acme Root CA is named as a client certificate (ca-named-cert)
        docker-classic: missing key ca.key for client certificate ca.cert. CA certificates must use the extension .crt
        fix: rename ca.cert to ca.crt

    1 error, 0 warnings, 0 infos, in 2 host directories, 6 files, 4 certificates
    ");
}

#[test]
fn check_is_silent_about_a_healthy_tree() {
    let world = World::new(HEALTHY);
    assert_snapshot!(world.run(&["check", "certs.d"]), @r"
    status: 0
    ----- stdout -----
    0 errors, 0 warnings, 0 infos, in 1 host directory, 1 file, 1 certificate
    ");
}

#[test]
fn check_in_json() {
    let world = World::new(MIXED);
    assert_snapshot!(world.run(&["check", "--format", "json", "--select", "CW101", "certs.d"]), @r#"
    status: 1
    ----- stdout -----
    {
      "schema": 1,
      "summary": {
        "errors": 1,
        "warnings": 0,
        "infos": 0,
        "host_directories": 2,
        "files": 6,
        "certificates": 4,
        "now": "2026-11-24T12:00:00Z"
      },
      "findings": [
        {
          "code": "CW101",
          "name": "ca-named-cert",
          "severity": "error",
          "path": "certs.d/mirror.example.com/ca.cert",
          "directory": "certs.d/mirror.example.com",
          "file": "ca.cert",
          "certificate": null,
          "message": "CA certificate Acme Root CA is named as a client certificate",
          "consequences": [
            {
              "engine": "docker-classic",
              "text": "missing key ca.key for client certificate ca.cert. CA certificates must use the extension .crt",
              "verbatim": true
            }
          ],
          "advice": "rename ca.cert to ca.crt",
          "fixes": [
            {
              "title": "rename ca.cert to ca.crt",
              "promise": "safe",
              "changes": [
                {
                  "change": "rename",
                  "from": "certs.d/mirror.example.com/ca.cert",
                  "to": "certs.d/mirror.example.com/ca.crt"
                }
              ],
              "by_hand": null
            }
          ]
        }
      ]
    }
    "#);
}

#[test]
fn thresholds_decide_what_is_shown_and_what_fails() {
    let world = World::new(MIXED);
    let status = |arguments: &[&str]| world.run(arguments).lines().next().unwrap().to_owned();
    assert_eq!(status(&["check", "--select", "CW101", "certs.d"]), "status: 1");
    assert_eq!(status(&["check", "--select", "CW101", "--fail-on", "error", "certs.d"]), "status: 1");
    assert_eq!(status(&["check", "--ignore", "ALL", "certs.d"]), "status: 0");
    assert_eq!(status(&["check", "--ignore", "CW101,ca-named-cert", "--select", "CW101", "certs.d"]), "status: 0");
}

#[test]
fn show_tells_everything_about_a_certificate() {
    let world = World::new(MIXED);
    let shown = world.run(&["show", "--ignore", "ALL", "certs.d/registry.example.com:5000/client.cert"]);
    assert_snapshot!(without_random(&shown), @r"
    status: 0
    ----- stdout -----
    certs.d/registry.example.com:5000/client.cert
        by name     client certificate (.cert)
        by content  client
        file        [owner, size, time]

      Certificate, line 1
        subject     CN=robot
        issuer      CN=Acme Root CA
        signed      by its issuer
        purpose     client
        valid       2026-01-28T12:00:00Z to 2026-12-14T12:00:00Z
        state       valid, expires in 20 days
        key         ECDSA P-256
        signature   ECDSA-SHA256
        serial      [random]
        version     3
        SHA-256     [random]
        SHA-1       [random]
        SPKI        [random]
        SPKI pin    [random]
        Authority Key Identifier: [random]
        Key Usage, critical: Digital Signature
        Extended Key Usage: clientAuth
        Subject Key Identifier: [random]
        Basic Constraints, critical: CA:FALSE
    ");
}

#[test]
fn show_tells_which_certificate_a_key_belongs_to() {
    let world = World::new(MIXED);
    let shown = world.run(&["show", "--ignore", "ALL", "certs.d/registry.example.com:5000/client.key"]);
    assert_snapshot!(without_random(&shown), @r"
    status: 0
    ----- stdout -----
    certs.d/registry.example.com:5000/client.key
        by name     key of a client certificate (.key)
        by content  key
        file        [owner, size, time]

      Private key, line 1
        label       PRIVATE KEY
        key         ECDSA P-256, PKCS#8
        encrypted   no
        SPKI        [random]
        belongs to  client.cert
    ");
}

#[test]
fn show_in_json_holds_every_certificate_of_a_bundle() {
    let world = World::new(MIXED);
    let shown = json(&world, &["show", "--format", "json", "certs.d/registry.example.com:5000/ca.crt"]);
    let names: Vec<&str> = shown["files"][0]["certificates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|certificate| certificate["common_name"].as_str().unwrap())
        .collect();
    assert_eq!(shown["schema"], 1);
    assert_eq!(names, ["Acme Root CA", "Globex Root CA"]);
    assert_eq!(shown["files"][0]["certificates"][1]["state"], "expired");
    assert_eq!(shown["files"][0]["certificates"][1]["days_left"], -12);
    assert_eq!(shown["files"][0]["certificates"][0]["extensions"][0]["name"], "Key Usage");
}

#[test]
fn explain_tells_each_engine_s_steps() {
    let world = World::new(MIXED);
    assert_snapshot!(world.run(&["explain", "--root", "certs.d", "--root-prefix", "bare", "--engine", "docker", "--engine", "podman@5.30", "mirror.example.com/team/app:1.2"]), @r#"
    status: 0
    ----- stdout -----
    mirror.example.com/team/app:1.2

    docker-classic  Docker: login, and pull with a graph driver
      not found here
      reads     certs.d/mirror.example.com
        ca.cert    fatal        missing key ca.key for client certificate ca.cert. CA certificates must use the extension .crt
        gone.crt   not reached  the engine has stopped before
        notes.txt  not reached  the engine has stopped before
      error     missing key ca.key for client certificate ca.cert. CA certificates must use the extension .crt

    docker-c8d  Docker 28 and later: pull with the containerd store, and builds
      not found here
      reads     certs.d/mirror.example.com
        notes.txt  ignored      its name ends neither in .crt nor .cert
        gone.crt   fatal        unable to read CA cert "certs.d/mirror.example.com/gone.crt": open certs.d/mirror.example.com/gone.crt: no such file or directory
        ca.cert    not reached  the engine has stopped before
      error     unable to read CA cert "certs.d/mirror.example.com/gone.crt": open certs.d/mirror.example.com/gone.crt: no such file or directory

    containers-image@5.30  Podman, Buildah, Skopeo, CRI-O
      not found here
      reads     certs.d/mirror.example.com
        ca.cert    fatal        missing key ca.key for client certificate ca.cert. Note that CA certificates should use the extension .crt
        gone.crt   not reached  the engine has stopped before
        notes.txt  not reached  the engine has stopped before
      error     missing key ca.key for client certificate ca.cert. Note that CA certificates should use the extension .crt
    "#);
}

#[test]
fn explain_in_json() {
    let world = World::new(MIXED);
    let target = "registry.example.com:5000";
    let explained = world.run(&[
        "explain",
        "--root",
        "$ROOT/certs.d",
        "--root-prefix",
        "bare",
        "--engine",
        "docker",
        "--format",
        "json",
        target,
    ]);
    assert_snapshot!(without_random(&explained), @r#"
    status: 0
    ----- stdout -----
    {
      "schema": 1,
      "target": "registry.example.com:5000",
      "engines": [
        {
          "engine": "docker-classic",
          "version": null,
          "found": null,
          "outcome": "ok",
          "error": null,
          "reads": [
            {
              "directory": "$ROOT/certs.d/registry.example.com:5000",
              "tried": [
                "$ROOT/certs.d/registry.example.com:5000"
              ],
              "shadowed": []
            }
          ],
          "endpoints": [
            {
              "url": "https://registry.example.com:5000",
              "directory": "$ROOT/certs.d/registry.example.com:5000",
              "verify": true,
              "http_fallback": false,
              "roots": "system+dir",
              "trust_anchors": [
                {
                  "file": "ca.crt",
                  "common_name": "Acme Root CA",
                  "sha256": "[random]"
                },
                {
                  "file": "ca.crt",
                  "common_name": "Globex Root CA",
                  "sha256": "[random]"
                }
              ],
              "client_pairs": [
                {
                  "cert": "client.cert",
                  "key": "client.key",
                  "common_name": "robot",
                  "chain_length": 1
                }
              ]
            }
          ],
          "steps": [
            {
              "file": "ca.crt",
              "outcome": "loaded",
              "text": "2 trust anchors"
            },
            {
              "file": "client.cert",
              "outcome": "loaded",
              "text": "client certificate"
            },
            {
              "file": "client.key",
              "outcome": "loaded",
              "text": "the key of client.cert"
            }
          ],
          "log": []
        },
        {
          "engine": "docker-c8d",
          "version": null,
          "found": null,
          "outcome": "ok",
          "error": null,
          "reads": [
            {
              "directory": "$ROOT/certs.d/registry.example.com:5000",
              "tried": [
                "$ROOT/certs.d/registry.example.com_5000_",
                "$ROOT/certs.d/registry.example.com:5000",
                "$ROOT/certs.d/_default"
              ],
              "shadowed": []
            }
          ],
          "endpoints": [
            {
              "url": "https://registry.example.com:5000/v2",
              "directory": "$ROOT/certs.d/registry.example.com:5000",
              "verify": true,
              "http_fallback": false,
              "roots": "system+dir",
              "trust_anchors": [
                {
                  "file": "ca.crt",
                  "common_name": "Acme Root CA",
                  "sha256": "[random]"
                },
                {
                  "file": "ca.crt",
                  "common_name": "Globex Root CA",
                  "sha256": "[random]"
                }
              ],
              "client_pairs": [
                {
                  "cert": "client.cert",
                  "key": "client.key",
                  "common_name": "robot",
                  "chain_length": 1
                }
              ]
            }
          ],
          "steps": [
            {
              "file": "ca.crt",
              "outcome": "loaded",
              "text": "2 trust anchors"
            },
            {
              "file": "client.cert",
              "outcome": "loaded",
              "text": "client certificate"
            },
            {
              "file": "client.key",
              "outcome": "loaded",
              "text": "the key of client.cert"
            }
          ],
          "log": []
        }
      ],
      "system_roots": [],
      "notes": [
        "the CAs of a directory are added to the system's roots and never take their place. Those come from nowhere: this host has none, and an engine reads them once, when it starts. Docker's documentation says that on Windows custom roots replace the system's; that has not been so since 20.10.18"
      ]
    }
    "#);
}

#[test]
fn explain_takes_the_path_of_a_host_directory() {
    let world = World::new(MIXED);
    let mut by_path = json(&world, &["explain", "--format", "json", "$ROOT/certs.d/mirror.example.com"]);
    let mut by_host = json(&world, &["explain", "--format", "json", "--root", "$ROOT/certs.d", "mirror.example.com"]);
    assert_eq!(by_path["engines"].as_array().unwrap().len(), 5);
    // The path is looked for alone, the host with `_default` behind it.
    assert_eq!(by_path["engines"][1]["reads"][0]["tried"].as_array().unwrap().len(), 1);
    assert_eq!(by_host["engines"][1]["reads"][0]["tried"].as_array().unwrap().len(), 2);
    for engine in [&mut by_path, &mut by_host].into_iter().flat_map(|told| told["engines"].as_array_mut().unwrap()) {
        engine["reads"] = serde_json::Value::Null;
    }
    assert_eq!(by_path["engines"], by_host["engines"]);
    assert_eq!(by_path["engines"][0]["outcome"], "error");
}

/// The servers that an engine asks, `!` before one that it does not verify, each with the name of the directory it reads.
fn servers(world: &World, engine: &str, target: &str) -> Vec<String> {
    let told = json(world, &["explain", "--format", "json", "--root-prefix", "copy", "--engine", engine, target]);
    let endpoint = |endpoint: &serde_json::Value| {
        let text = |key: &str| endpoint.get(key).and_then(serde_json::Value::as_str);
        let is_verified = endpoint.get("verify").and_then(serde_json::Value::as_bool).unwrap();
        let directory = text("directory").map_or("-", |path| path.rsplit('/').next().unwrap());
        format!("{}{} {directory}", if is_verified { "" } else { "!" }, text("url").unwrap())
    };
    told.pointer("/engines/0/endpoints").unwrap().as_array().unwrap().iter().map(endpoint).collect()
}

#[test]
fn explain_follows_each_engine_s_own_configuration() {
    let world = World::new(HEALTHY);
    let write = |path: &str, text: &str| {
        let path = world.root().join("copy/etc").join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("docker/daemon.json", r#"{"insecure-registries": ["r.test:5000", "10.0.0.0/8", "docker.io"]}"#);
    write("hosts", "127.0.0.1 localhost loop.test\n10.1.2.3 net.test\n");
    for host in ["r.test:5000", "localhost:5000"] {
        write(&format!("docker/certs.d/{host}/hosts.toml"), "[host.\"https://m.test\"]\n");
    }
    write("docker/certs.d/s.test/hosts.toml", "server = \"https://10.1.2.3:5000\"\n");
    write("docker/certs.d/m.test:9443/ca.crt", "");
    write(
        "containers/registries.conf",
        "[[registry]]\nlocation = \"r.test:5000\"\n[[registry.mirror]]\nlocation = \"m.test:9443/cache\"\ninsecure = true\n",
    );
    write("containers/registries.conf.d/10.conf", "[[registry]]\nlocation = \"bad.test/team\"\nblocked = true\n");
    write(
        "buildkit/buildkitd.toml",
        "[registry.\"r.test:5000\"]\nmirrors = [\"m.test:9443/cache\"]\n[registry.\"m.test:9443\"]\nhttp = true\n",
    );
    let servers = |engine: &str, target: &str| servers(&world, engine, target);

    // Of several servers out of hosts.toml none is insecure by daemon.json; localhost itself is by containerd's own rule.
    assert_eq!(
        servers("docker-c8d", "r.test:5000"),
        ["https://m.test/v2 r.test:5000", "https://r.test:5000/v2 r.test:5000"]
    );
    assert_eq!(
        servers("containerd", "localhost:5000"),
        ["https://m.test/v2 localhost:5000", "!https://localhost:5000/v2 localhost:5000"]
    );
    // A single one is judged by its own address.
    assert_eq!(servers("docker-c8d", "s.test"), ["!https://10.1.2.3:5000/v2 s.test"]);
    assert_eq!(servers("docker-c8d", "docker.io"), ["https://registry-1.docker.io/v2 -"]);
    assert_eq!(servers("docker-classic", "net.test"), ["!https://net.test -", "!http://net.test -"]);
    assert_eq!(servers("docker-c8d", "loop.test"), ["!https://loop.test/v2 -"]);

    assert_eq!(
        servers("podman", "r.test:5000/app:1"),
        ["!https://m.test:9443/v2 m.test:9443", "https://r.test:5000/v2 r.test:5000"]
    );
    assert_eq!(servers("podman", "bad.test/other/app"), ["https://bad.test/v2 -"]);
    let blocked = world.run(&["explain", "--root-prefix", "copy", "--engine", "podman", "bad.test/team/app"]);
    assert!(blocked.contains("registry bad.test/team is blocked in /etc/containers/registries.conf or "), "{blocked}");
    assert_eq!(servers("buildkit", "r.test:5000"), ["http://m.test:9443/v2/cache -", "https://r.test:5000/v2 -"]);
}

#[test]
fn explain_tells_which_root_an_engine_takes() {
    let world = World::new(HEALTHY);
    for root in ["etc/docker", "etc/containers"] {
        let host = world.root().join("copy").join(root).join("certs.d/registry.example.com:5000");
        std::fs::create_dir_all(&host).unwrap();
        std::fs::copy(world.root().join("certs.d/registry.example.com:5000/ca.crt"), host.join("ca.crt")).unwrap();
    }
    std::fs::write(
        world.root().join("copy/etc/docker/daemon.json"),
        r#"{"registry-mirrors": ["https://mirror.test:8443"]}"#,
    )
    .unwrap();
    let run = |engine: &str, target: &str| world.run(&["explain", "--root-prefix", "copy", "--engine", engine, target]);
    assert_snapshot!(run("podman", "registry.example.com:5000"), @r"
    status: 0
    ----- stdout -----
    registry.example.com:5000

    containers-image  Podman, Buildah, Skopeo, CRI-O
      not found here
      reads     copy/etc/containers/certs.d/registry.example.com:5000
      shadows   copy/etc/docker/certs.d/registry.example.com:5000, which is not read
        ca.crt  loaded       1 trust anchor
      connects  to https://registry.example.com:5000/v2
      trusts    the system's roots, and
                Acme Root CA  ca.crt
      presents  no client certificate

    note  the CAs of a directory are added to the system's roots and never take their place. Those come from nowhere: this host has none, and an engine reads them once, when it starts. Docker's documentation says that on Windows custom roots replace the system's; that has not been so since 20.10.18
    ");
    assert_snapshot!(run("docker", "library/alpine"), @r"
    status: 0
    ----- stdout -----
    library/alpine

    docker-classic  Docker: login, and pull with a graph driver
      found     login always uses this loader
      reads     nothing; there is no copy/etc/docker/certs.d/mirror.test:8443
      reads     no directory for this host
      connects  to https://mirror.test:8443/
      connects  to https://registry-1.docker.io
      trusts    the system's roots alone
      presents  no client certificate

    docker-c8d  Docker 28 and later: pull with the containerd store, and builds
      found     pulls use this loader from 29.0, builds from 28.0
      reads     nothing; there is neither copy/etc/docker/certs.d/docker.io nor copy/etc/docker/certs.d/_default
      connects  to https://mirror.test:8443/v2
      connects  to https://registry-1.docker.io/v2
      trusts    the system's roots alone
      presents  no client certificate
    ");
    assert_snapshot!(run("containerd", "registry.example.com:5000"), @r"
    status: 0
    ----- stdout -----
    registry.example.com:5000

    containerd  containerd: Kubernetes, ctr, nerdctl
      not found here
      reads     copy/etc/docker/certs.d/registry.example.com:5000
        ca.crt  loaded       1 trust anchor
      connects  to https://registry.example.com:5000/v2
      trusts    the system's roots, and
                Acme Root CA  ca.crt
      presents  no client certificate

    note  containerd from 2.1 on pulls for Kubernetes through its transfer service, which takes the colon-separated list in config_path for the name of one directory and reads nothing, without a word; what is shown here holds for local pulls (use_local_image_pull) and for nerdctl

    note  the CAs of a directory are added to the system's roots and never take their place. Those come from nowhere: this host has none, and an engine reads them once, when it starts. Docker's documentation says that on Windows custom roots replace the system's; that has not been so since 20.10.18
    ");
    assert_snapshot!(run("dockr", "registry.example.com:5000"), @r"
    status: 2
    ----- stderr -----
    certwright: no engine is called dockr; there are docker, docker-classic, docker-c8d, containerd, buildkit, podman, skopeo, buildah, cri-o and containers-image
    ");
}

#[test]
fn explain_tells_what_buildkitd_toml_names() {
    let world = World::new(BUILDKIT);
    let etc = world.root().join("copy/etc/buildkit");
    std::fs::create_dir_all(&etc).unwrap();
    symlink(world.root().join("certs.d"), world.root().join("copy/certs.d")).unwrap();
    let write = |ca: &str, key: &str| {
        let text = format!(
            "[registry.\"registry.example.com:5000\"]\nca = [\"/certs.d/named/{ca}\"]\n\
             keypair = [{{ key = \"/certs.d/named/{key}\", cert = \"/certs.d/named/client.pem\" }}]\n\
             tlsconfigdir = [\"/certs.d/one\", \"/certs.d/two\", \"/certs.d/gone\"]\n"
        );
        std::fs::write(etc.join("buildkitd.toml"), text).unwrap();
    };
    let engine = |extra: &[&str], target: &str| {
        let common = ["explain", "--root-prefix", "copy", "--engine", "buildkit", "--format", "json", target];
        json(&world, &[&common, extra].concat())["engines"][0].clone()
    };
    let named = |extra: &[&str]| engine(extra, "registry.example.com:5000");
    let error = || named(&[])["error"].as_str().unwrap_or_default().replace("$ROOT/copy/certs.d/", "");

    // CA files that are named come before those of the directories, and so do pairs.
    write("acme.pem", "client-key.pem");
    let steps = named(&[])["steps"].as_array().unwrap().clone();
    let steps: Vec<String> = steps
        .iter()
        .map(|step| format!("{} {}", step["outcome"].as_str().unwrap(), step["file"].as_str().unwrap()))
        .map(|step| step.replace("$ROOT/copy/certs.d/", ""))
        .collect();
    assert_eq!(
        steps,
        [
            "ignored readme.txt",
            "loaded named/acme.pem",
            "loaded a.crt",
            "loaded two/b.crt",
            "loaded named/client.pem",
            "loaded named/client-key.pem",
            "loaded two/client2.cert",
            "loaded two/client2.key",
        ]
    );
    let told = world.run(&["explain", "--root-prefix", "copy", "--engine", "buildkit", "registry.example.com:5000"]);
    assert!(told.contains("found     buildkitd.toml names certificates for 1 registry\n"), "{told}");
    assert!(told.contains("reads     $ROOT/copy/certs.d/two\n"), "{told}");

    write("acme.pem", "gone.pem");
    assert_eq!(error(), "failed to load keypair for named/client.pem: open named/gone.pem: no such file or directory");
    write("gone.pem", "client-key.pem");
    assert_eq!(error(), "failed to read named/gone.pem: open named/gone.pem: no such file or directory");
    write("acme.pem", "client-key.pem");
    std::fs::remove_file(world.root().join("certs.d/two/client2.key")).unwrap();
    assert_eq!(error(), "failed to load keypair for two/client2.cert: open two/client2.key: no such file or directory");
    std::fs::write(world.root().join("certs.d/gone"), "a file").unwrap();
    assert_eq!(error(), "open gone: not a directory");

    // Another registry, and a root that is named, are shown as if the directory were a tlsconfigdir.
    assert_eq!(engine(&[], "other.example.com")["outcome"], "ok");
    assert_eq!(named(&["--root", "copy/certs.d"])["steps"], serde_json::json!([]));
}

#[test]
fn explain_tells_what_a_user_s_own_engines_read() {
    let world = World::new(HEALTHY);
    write(&world, "home/.config/docker/daemon.json", r#"{"registry-mirrors": ["https://mirror.test:8443"]}"#);
    write(&world, "home/.config/docker/certs.d/registry.example.com/ca.crt", "");
    write(&world, "home/.config/containerd/certs.d/registry.example.com/hosts.toml", "");
    let toml = "[registry.\"registry.example.com\"]\nca = [\"/named.pem\"]\n";
    write(&world, "home/.config/buildkit/buildkitd.toml", toml);
    write(&world, "home/.config/containers/registries.conf", "unqualified-search-registries = [\n");
    let explained = |variables: &[(&str, &str)], target: &str| {
        run_as_user(&world, variables, &["explain", target]).replace("\n            ", " ")
    };

    let told = explained(&[], "registry.example.com/app");
    let problem = "not understood  $ROOT/home/.config/containers/registries.conf: ";
    let docker = "found     rootless, ~/.config/docker/daemon.json";
    let reads = "reads     $ROOT/home/.config/docker/certs.d/registry.example.com\n";
    let containerd = "reads     $ROOT/home/.config/containerd/certs.d/registry.example.com\n  shadows   \
                      $ROOT/home/.config/docker/certs.d/registry.example.com, which is not read";
    let buildkit = "found     rootless, ~/.config/buildkit/buildkitd.toml names certificates for 1 registry\n";
    for part in [problem, docker, reads, "found     rootless, ~/.config/containerd", containerd, buildkit] {
        assert!(told.contains(part), "{part} is not in\n{told}");
    }
    assert!(explained(&[], "library/alpine").contains("to https://mirror.test:8443/"), "{told}");

    // Where XDG_CONFIG_HOME is set it counts alone, but for Podman; a relative one leads nowhere.
    for elsewhere in ["/nowhere", "home/.config"] {
        let told = explained(&[("XDG_CONFIG_HOME", elsewhere)], "registry.example.com/app");
        assert!(told.contains(problem) && !told.contains("found     rootless"), "{told}");
    }
}

#[test]
fn a_broken_file_of_a_user_s_own_engine_is_a_finding() {
    let world = World::new(HEALTHY);
    write(&world, "home/.config/docker/daemon.json", "{\"debug\": true,}");
    write(&world, "home/.config/docker/certs.d/registry.example.com/readme.txt", "");
    let told = run_as_user(&world, &[], &["check", "--select", "broken-configuration"]);
    let words = "daemon.json cannot be read or understood: trailing comma at line 1 column 16";
    assert!(told.contains("$ROOT/home/.config/docker/daemon.json") && told.contains(words), "{told}");
}

#[test]
fn explain_of_what_is_no_directory() {
    let world = World::new(HEALTHY);
    let root = world.root().join("certs.d");
    std::fs::write(root.join("file.test"), "").unwrap();
    symlink("/nowhere", root.join("link.test")).unwrap();
    let outcomes = |target: &str| {
        let explained =
            json(&world, &["explain", "--format", "json", "--engine", "docker", "--root", "certs.d", target]);
        let engines = explained["engines"].as_array().unwrap().clone();
        engines.iter().map(|engine| (engine["outcome"].clone(), engine["error"].clone())).collect::<Vec<_>>()
    };
    assert_snapshot!(format!("{:#?}", outcomes("file.test")), @r#"
    [
        (
            String("error"),
            String("open certs.d/file.test: not a directory"),
        ),
        (
            String("error"),
            String("open certs.d/file.test/hosts.toml: not a directory"),
        ),
    ]
    "#);
    for absent in ["missing.test", "link.test"] {
        assert_eq!(outcomes(absent), vec![("ok".into(), serde_json::Value::Null); 2], "{absent}");
    }
}

#[test]
fn explain_of_an_unreadable_directory() {
    let world = World::new(HEALTHY);
    let directory = world.root().join("certs.d/registry.example.com:5000");
    std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o000)).unwrap();
    let is_refused = std::fs::read_dir(&directory).is_err();
    let explained = world.run(&["explain", "--format", "json", "certs.d/registry.example.com:5000"]);
    std::fs::set_permissions(&directory, std::fs::Permissions::from_mode(0o755)).unwrap();
    // Root may read everything.
    let expected =
        if is_refused { "open certs.d/registry.example.com:5000: permission denied" } else { "trust_anchors" };
    assert!(explained.starts_with("status: 0") && explained.contains(expected), "{explained}");
}

#[test]
fn rules_are_listed_and_explained() {
    let world = World::new("");
    let list = world.run(&["rules"]);
    assert!(list.contains("CW101  ca-named-cert"), "{list}");
    assert_snapshot!(world.run(&["rules", "ca-named-cert"]), @r"
    status: 0
    ----- stdout -----
    CW101 ca-named-cert  error

    A CA certificate has a name that ends in `.cert`.

    Engines take `*.crt` for CA certificates and `*.cert` for client certificates, and look at the name alone. A CA saved as `.cert` is no trust anchor, and it makes the engine look for its key, which is not there: everything that concerns this registry fails, pulls from a server with a public certificate too.

    Engines
    Docker's login stops with `missing key ca.key for client certificate ca.cert. CA certificates must use the extension .crt`; its pull (28 and later) with `failed to load X509 key pair: tls: found a certificate rather than a key in the PEM for the private key`. Where the CA's key lies beside it, the CA is *presented as a client certificate*. That is meant, and no more than worth knowing, where the certificate signs itself and its file is not called like a CA: `openssl req -x509`, with which Docker's documentation makes a client certificate, says CA:TRUE.

    Example
    `registry.example.com:5000/ca.cert` holds a certificate with CA:TRUE.

    Fix
    Rename it: `mv ca.cert ca.crt`.

    Sources
    moby 29.7 `daemon/pkg/registry/registry.go`, `loadTLSConfig`; containerd 2.x `core/remotes/docker/config/hosts.go`, `loadCertFiles`; shiftstack/dev-install#30, moby#19511.
    ");
    assert_eq!(world.run(&["rules", "ca-named-cert"]), world.run(&["rules", "cw101"]));
    let json = json(&world, &["rules", "--format", "json", "CW101"]);
    assert_eq!(json["rules"][0]["name"], "ca-named-cert");
    assert!(json["rules"][0]["page"].as_str().unwrap().contains("\n## Fix\n"));
}

#[test]
fn mistakes_get_one_line_a_hint_and_the_right_code() {
    let world = World::new(HEALTHY);
    assert_snapshot!(world.run(&["--bogus"]), @r"
    status: 2
    ----- stderr -----
    certwright: unexpected argument '--bogus' found
    hint: `certwright --help` tells what there is
    ");
    assert_snapshot!(world.run(&["check", "--colour", "never"]), @r"
    status: 2
    ----- stderr -----
    certwright: unexpected argument '--colour' found
    hint: a similar argument exists: '--color'
    ");
    assert_snapshot!(world.run(&["tree", "--format", "xml"]), @r"
    status: 2
    ----- stderr -----
    certwright: invalid value 'xml' for '--format <FORMAT>'
    hint: possible values: text, json
    ");
    assert_snapshot!(world.run(&["show"]), @r"
    status: 2
    ----- stderr -----
    certwright: the following required arguments were not provided: <FILE>...
    hint: `certwright --help` tells what there is
    ");
    assert_snapshot!(world.run(&["check", "--expires-within", "-1"]), @r"
    status: 2
    ----- stderr -----
    certwright: invalid value '-1' for '--expires-within <DAYS>': -1 is not in 0..=36500
    hint: `certwright --help` tells what there is
    ");
    assert_snapshot!(world.run(&["check", "--select", "CW999"]), @r#"
    status: 2
    ----- stderr -----
    certwright: no rule is called "CW999"
    hint: `certwright rules` lists them
    "#);
    assert_snapshot!(world.run(&["rules", "no-such-rule"]), @r#"
    status: 2
    ----- stderr -----
    certwright: no rule is called "no-such-rule"
    hint: `certwright rules` lists them
    "#);
    assert_snapshot!(world.run(&["certs.d", "tree"]), @r"
    status: 3
    ----- stdout -----
    certs.d
    └──   registry.example.com:5000
        └──   ca.crt        CA     CA       valid, 3000 days  Acme Root CA

    0 errors, 0 warnings, 0 infos, in 1 host directory, 1 file, 1 certificate
    ----- stderr -----
    certwright: tree: no such file or directory
    ");
    assert_snapshot!(world.run(&["tree", "--demo", "certs.d"]), @r"
    status: 2
    ----- stderr -----
    certwright: --demo makes its own tree and takes no path
    ");
    std::fs::create_dir(world.root().join("certs.d/empty.test")).unwrap();
    assert_snapshot!(world.run(&["show", "certs.d/empty.test"]), @r"
    status: 0
    ----- stderr -----
    certwright: there is no file to show
    ");
    assert_snapshot!(world.run(&["tree", "/nowhere/certs.d"]), @r"
    status: 3
    ----- stderr -----
    certwright: /nowhere/certs.d: no such file or directory
    ");
    assert_snapshot!(world.run(&["tree"]), @r"
    status: 3
    ----- stderr -----
    certwright: no certificate directory is there
    hint: name one: certwright tree DIR; or try certwright --demo
    ");
}

#[test]
fn what_can_be_read_is_told_beside_what_cannot() {
    let world = World::new(HEALTHY);
    assert_snapshot!(world.run(&["check", "certs.d", "/nowhere/certs.d"]), @r"
    status: 3
    ----- stdout -----
    0 errors, 0 warnings, 0 infos, in 1 host directory, 1 file, 1 certificate
    ----- stderr -----
    certwright: /nowhere/certs.d: no such file or directory
    ");
}

#[test]
fn the_configuration_is_found_and_the_command_line_comes_first() {
    let world = World::new(MIXED);
    let directory = world.root().join("home/.config/certwright");
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("config.toml"), "ascii = true\ncolor = \"always\"\nignore = [\"ALL\"]\n").unwrap();
    let tree = world.run(&["tree", "certs.d"]);
    assert!(tree.contains("|-- ") && !tree.contains("├"), "{tree}");
    assert!(world.run(&["check", "certs.d"]).starts_with("status: 0"));
    assert!(tree.contains("\u{1b}["), "{tree}");
    assert!(!world.run(&["tree", "certs.d", "--color", "never"]).contains("\u{1b}["));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    // More than a pipe holds, so that the program is still writing when its reader goes.
    let files: String = (0..400)
        .map(|number| format!("[[host]]\nname = \"r{number}.example.com\"\nfiles.\"ca.cert\" = \"acme\"\n"))
        .collect();
    let tree = tempfile::tempdir().unwrap();
    support::tree::build_in(&format!("[material.acme]\nca = true\n{files}"), tree.path());
    let world = World::new("");
    let mut command = world.command();
    command.args(["tree", "--format", "json"]).arg(tree.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((line.as_str(), output.status.code(), output.stderr), ("{\n", Some(0), Vec::new()));
}

#[test]
fn colour_follows_flag_environment_and_terminal() {
    let world = World::new(MIXED);
    let is_coloured = |arguments: &[&str], variables: &[(&str, &str)]| {
        let output = world.command().args(arguments).arg("certs.d").envs(variables.iter().copied()).output().unwrap();
        String::from_utf8(output.stdout).unwrap().contains("\u{1b}[")
    };
    assert!(!is_coloured(&["tree"], &[]), "no terminal, no colour");
    assert!(is_coloured(&["tree"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!is_coloured(&["tree"], &[("CLICOLOR_FORCE", "0")]));
    assert!(!is_coloured(&["tree"], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(is_coloured(&["tree"], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "")]));
    assert!(is_coloured(&["tree", "--color", "always"], &[("NO_COLOR", "1")]));
    assert!(!is_coloured(&["tree", "--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn hostile_names_never_reach_the_terminal() {
    let world = World::new(
        r#"
[material.evil]
common-name = "evil\u001b]0;owned\u0007\u202egnp\u200b\r\nFAKE"
ca = true
dns = ["a\u001b[31m.test"]
[[host]]
name = "reg\u001b[31mistry.test"
files."line\nbreak.crt" = "evil"
files."bidi\u202e.cert" = "evil"
files."ca.crt" = { link = "/to\u001b[2J/nowhere" }
"#,
    );
    let host = world.root().join("certs.d").join(OsStr::from_bytes(b"reg\x1b[31mistry.test"));
    std::fs::write(host.join(OsStr::from_bytes(b"raw\xff\xfe\x9b.crt")), "x\u{1b}[31m").unwrap();
    let path = host.to_str().unwrap();
    let runs: &[&[&str]] = &[
        &["tree", "certs.d"],
        &["check", "certs.d"],
        &["show", path],
        &["explain", path],
        &["show", "\u{1b}[31mabsent"],
        &["check", "--select", "\u{1b}[31m\u{202e}"],
        &["--\u{1b}[31m"],
        &["rules", "\u{9b}31m"],
        &["tree", "--config", "\u{1b}[31m"],
        &["tree", "--color", "\u{1b}[31m\u{202e}"],
    ];
    for arguments in runs {
        let told = world.run(arguments);
        let foreign = |letter: &char| (letter.is_control() && *letter != '\n') || "\u{202e}\u{200b}".contains(*letter);
        assert_eq!(told.chars().find(foreign), None, "{arguments:?}: {told:?}");
        assert!(!told.contains("\nFAKE"), "{told}");
    }
    assert_snapshot!(world.run(&["tree", "--ignore", "ALL", "certs.d"]), @r"
    status: 0
    ----- stdout -----
    certs.d
    └──   reg\x1b[31mistry.test
        ├──   bidi\u{202e}.cert    client ≠ CA             valid, 365 days  evil\x1b]0;owned\x07\u{202e}gnp\u{200b}\r\nFAKE
        ├──   ca.crt               CA     ≠ dangling link                   -> /to\x1b[2J/nowhere
        ├──   line\nbreak.crt      CA       CA             valid, 365 days  evil\x1b]0;owned\x07\u{202e}gnp\u{200b}\r\nFAKE
        └──   raw\xff\xfe\x9b.crt  CA     ≠ junk

    0 errors, 0 warnings, 0 infos, in 1 host directory, 4 files, 2 certificates
    ");
}

#[test]
fn help_man_page_and_completions_come_from_one_definition() {
    let world = World::new("");
    assert_snapshot!(world.run(&["-h"]), @r##"
    status: 0
    ----- stdout -----
    Browse, understand and check the certificate directories of container engines

    Usage: certwright [OPTIONS] [ROOT]... [COMMAND]

    Commands:
      tree      Print the tree: roots, hosts, files, and what each is by name and by content
      show      Print everything about the certificates and keys of files
      explain   Tell what each engine does for a registry, file by file and in its own words
      check     Tell what is wrong; for scripts, by exit code
      fix       Mend what is wrong: print the plan, keep it, or carry it out
      new       Set a host up: its directory, CAs, a client key with a certificate or a request for one
      renew     Renew a client certificate: a new key and a request like the old one
      import    Put what was sent to you where engines look for it: certificates, chains, keys, PKCS#12
      export    Put what an engine loads for a registry as another engine takes it
      apply     Carry out a plan that fix --save-plan has kept
      log       Tell what was changed here
      undo      Take back what was changed last
      redo      Do again what was taken back last
      why       Tell what an error text means: paste what docker, podman, ctr or kubelet printed
      rules     List the rules, or explain one
      config    Tell where the configuration file lies, what it may say, and what is wrong with it
      generate  Print the man page or shell completions
      help      Print this message or the help of the given subcommand(s)

    Arguments:
      [ROOT]...  A certs.d directory, a host directory or a file; the default is every certs.d of this
                 machine

    Options:
          --demo                     Look at a sample tree, made for the purpose in a temporary
                                     directory
          --color <WHEN>             When to colour the output [possible values: auto, always, never]
          --ascii                    Draw with ASCII alone
          --expires-within <DAYS>    Warn of certificates that expire within DAYS [default: 30]
          --select <CODE>            Apply these rules alone: codes (CW101), beginnings of codes (CW1),
                                     names (ca-named-cert) or ALL
          --ignore <CODE>            Leave these rules out
          --min-severity <SEVERITY>  Show findings of this severity and worse [default: info] [possible
                                     values: info, warning, error]
          --engine <NAME[@VERSION]>  Judge as this engine does, of this version: docker, docker-classic,
                                     docker-c8d, containerd, buildkit, podman …
          --root-prefix <DIR>        Take DIR for /: a copy of another machine's files
          --read-only                Show what would be changed, and change nothing
          --state-dir <DIR>          Keep the journal of changes in DIR [default: /var/lib/certwright
                                     for root, else ~/.local/state/certwright]
          --config <FILE>            Read the configuration from FILE
      -h, --help                     Print help (see more with '--help')
      -V, --version                  Print version
    "##);
    let man = world.run(&["generate", "man"]);
    for part in [".TH certwright 1", "SS \"certwright explain\"", "CERTWRIGHT_NOW", "\\-\\-expires\\-within"] {
        assert!(man.contains(part), "{part} is not in {man}");
    }
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let completions = world.run(&["generate", "completions", shell]);
        assert!(completions.starts_with("status: 0") && completions.contains("root-prefix"), "{completions}");
    }
}

#[test]
fn what_looks_at_the_machine_itself_takes_no_demo() {
    let world = World::new(HEALTHY);
    for command in [
        &["new", "registry.test:5000"][..],
        &["renew", "registry.test:5000/client.cert"],
        &["import", "certs.d", "--to", "registry.test:5000"],
        &["export", "registry.test:5000", "--to", "k3s"],
        &["explain", "registry.test:5000"],
        &["why", "tls: private key does not match public key"],
        &["show", "certs.d"],
        &["apply", "plan"],
        &["log"],
        &["undo"],
        &["redo"],
    ] {
        let told = world.run(&[command, &["--demo"]].concat());
        let expected = "certwright: --demo is for the screen, tree, check and fix; this looks at the machine itself";
        assert!(told.starts_with("status: 2") && told.contains(expected), "{command:?}: {told}");
    }
}

#[test]
fn the_demo_can_be_looked_at_without_a_terminal() {
    let world = World::new("");
    let tree = world.run(&["--demo"]);
    assert!(tree.starts_with("status: 0") && tree.contains("host directories"), "{tree}");
    assert!(world.run(&["check", "--demo", "--format", "json"]).contains("\"schema\": 1"));
}

/// What the program prints as JSON.
/// Writes a file of a world.
fn write(world: &World, path: &str, text: &str) {
    let path = world.root().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// What the program prints to an ordinary user, as whom root runs a copy of it; without a prefix, so that the machine's own
/// configuration is there too.
fn run_as_user(world: &World, variables: &[(&str, &str)], arguments: &[&str]) -> String {
    let program = world.root().join("certwright");
    // Not by this process: what another thread begins meanwhile would hold the copy open, and it could not be run.
    assert!(Command::new("cp").arg(env!("CARGO_BIN_EXE_certwright")).arg(&program).status().unwrap().success());
    std::fs::set_permissions(world.root(), std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(&program);
    command.args(arguments).current_dir(world.root()).env_clear();
    command.env("HOME", world.root().join("home")).env("COLUMNS", "200").envs(variables.iter().copied());
    if world.root().metadata().unwrap().uid() == 0 {
        command.uid(65534).gid(65534);
    }
    let output = command.output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&told).replace(world.root().to_str().unwrap(), "$ROOT")
}

fn json(world: &World, arguments: &[&str]) -> serde_json::Value {
    let told = world.run(arguments);
    let (_, text) = told.split_once("----- stdout -----\n").unwrap_or_else(|| panic!("{told}"));
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {told}"))
}

/// Hides what is new in each run: digests, serial numbers, key identifiers, inode times and owners.
fn without_random(text: &str) -> String {
    let is_random = |word: &str| {
        let bare = word.trim_matches(['"', ',']);
        let is_hex = |part: &str| part.len() >= 32 && part.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b':');
        is_hex(bare) || bare.starts_with("sha256/")
    };
    let hide = |line: &str| {
        let indent = line.len() - line.trim_start().len();
        if line.trim_start().starts_with("file  ") {
            return format!("{}file        [owner, size, time]", " ".repeat(indent));
        }
        let words: Vec<String> = line
            .split(' ')
            .map(|word| match is_random(word) {
                true => word.replace(word.trim_matches(['"', ',']), "[random]"),
                false => word.to_owned(),
            })
            .collect();
        words.join(" ")
    };
    text.lines().map(hide).collect::<Vec<_>>().join("\n")
}
