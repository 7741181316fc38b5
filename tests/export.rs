//! What `export` writes: as people see it, as the engines that it is for read it, and whatever files are called.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test prepares its own files and fails by panicking"
)]

mod support;

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use certwright::create::export::{Authority, Pair, Source, Target, export};
use certwright::engine::installed::Installed;
use certwright::engine::{Connection, Engine, Judge};
use certwright::model::host_config::{ConfigFile, HostConfig};
use certwright::model::{HostDir, Placement};
use certwright::pki::{Digest, Interner};
use certwright::scan::{Entry, read_host};
use insta::assert_snapshot;
use proptest::prelude::*;
use support::world::World;

/// A directory with everything, one of two CA files, one that engines refuse, one of nothing.
const HOSTS: &str = r#"
[material.acme]
common-name = "Acme Root CA"
ca = true

[material.other]
common-name = "Other Root CA"
ca = true

[material.robot]
common-name = "robot"
issuer = "acme"
purposes = ["client"]

[material.second]
common-name = "second"
issuer = "other"
purposes = ["client"]

[[host]]
name = "registry.example.com_5000_"
files."ca.crt" = "acme"
files."again.crt" = "acme"
files."client.cert" = "robot"
files."client.key" = "robot.key"
files."ca.pem" = "other"
files."notes.txt" = { text = "ask the network team\n" }

[[host]]
name = "two.example.com"
files."a.crt" = "acme"
files."b.crt" = ["other", "acme"]
files."a.cert" = "robot"
files."a.key" = "robot.key"
files."b.cert" = "second"
files."b.key" = "second.key"

[[host]]
name = "refused.example.com"
files."client.cert" = "robot"

[[host]]
name = "nothing.example.com"
files."ca.pem" = "acme"

[[host]]
name = "bound.example.com"
files."ca.crt" = "other"
files."root.pem" = "acme"
files."both.pem" = ["robot", "robot.key"]
files."hosts.toml" = { text = "server = \"https://bound.example.com\"\nca = \"root.pem\"\nclient = \"both.pem\"\nskip_verify = true\n[host.\"https://mirror.example.com\"]\n" }
"#;

const TWO: &str = "certs.d/two.example.com";

#[test]
fn a_hosts_toml_names_what_docker_loads() {
    let world = World::new(HOSTS);
    let arguments = ["export", "certs.d/registry.example.com_5000_", "--to", "containerd", "--prefix", "/etc/pki/acme"];
    assert_snapshot!(world.run(&arguments), @r#"
    status: 0
    ----- stdout -----
    # registry.example.com:5000: what docker-classic loads from $ROOT/certs.d/registry.example.com_5000_
    # for /etc/containerd/certs.d/registry.example.com:5000/hosts.toml
    # beside it containerd reads no .crt, .cert and .key but those that are named here
    # left out: ca.crt: another file adds the same
    # left out: ca.pem: its name ends neither in .crt, .cert nor .key
    # to be copied: $ROOT/certs.d/registry.example.com_5000_/again.crt to /etc/pki/acme/again.crt
    # to be copied: $ROOT/certs.d/registry.example.com_5000_/client.cert to /etc/pki/acme/client.cert
    # to be copied: $ROOT/certs.d/registry.example.com_5000_/client.key to /etc/pki/acme/client.key
    server = "https://registry.example.com:5000"
    ca = ["/etc/pki/acme/again.crt"]
    client = [["/etc/pki/acme/client.cert", "/etc/pki/acme/client.key"]]

    # The same twice: [host] takes nothing over from the top, and containerd 1.5 to 1.7 need a [host].
    [host."https://registry.example.com:5000"]
    capabilities = ["pull", "resolve", "push"]
    ca = ["/etc/pki/acme/again.crt"]
    client = [["/etc/pki/acme/client.cert", "/etc/pki/acme/client.key"]]
    ----- stderr -----
    certwright: left out: ca.crt: another file adds the same
    certwright: left out: ca.pem: its name ends neither in .crt, .cert nor .key
    "#);
}

#[test]
fn a_section_of_buildkitd_toml() {
    let world = World::new(HOSTS);
    assert_snapshot!(world.run(&["export", TWO, "--to", "buildkit"]), @r#"
    status: 0
    ----- stdout -----
    # two.example.com: what docker-classic loads from $ROOT/certs.d/two.example.com
    # for /etc/buildkit/buildkitd.toml; read when buildkitd starts
    # docker buildx create --buildkitd-config takes these files along into a builder; it does not take along what a tlsconfigdir names
    [registry."two.example.com"]
    ca = ["$ROOT/certs.d/two.example.com/a.crt", "$ROOT/certs.d/two.example.com/b.crt"]

    [[registry."two.example.com".keypair]]
    key = "$ROOT/certs.d/two.example.com/a.key"
    cert = "$ROOT/certs.d/two.example.com/a.cert"

    [[registry."two.example.com".keypair]]
    key = "$ROOT/certs.d/two.example.com/b.key"
    cert = "$ROOT/certs.d/two.example.com/b.cert"
    "#);
}

#[test]
fn k3s_takes_one_ca_file_and_one_pair() {
    let world = World::new(HOSTS);
    assert_snapshot!(world.run(&["export", "two.example.com/app:1", "--root", "certs.d", "--to", "k3s", "--prefix", "/etc/pki"]), @r#"
    status: 0
    ----- stdout -----
    # two.example.com: what docker-classic loads from $ROOT/certs.d/two.example.com
    # for /etc/rancher/k3s/registries.yaml or /etc/rancher/rke2/registries.yaml; read at start
    # registries.yaml takes one CA file a registry: /etc/pki/ca-bundle.crt is to hold what is in /etc/pki/a.crt, /etc/pki/b.crt
    # left out: b.cert: registries.yaml takes one client certificate a registry
    # to be copied: $ROOT/certs.d/two.example.com/a.cert to /etc/pki/a.cert
    # to be copied: $ROOT/certs.d/two.example.com/a.key to /etc/pki/a.key
    mirrors:
      "two.example.com":
        endpoint:
          - "https://two.example.com"
    configs:
      "two.example.com":
        tls:
          ca_file: "/etc/pki/ca-bundle.crt"
          cert_file: "/etc/pki/a.cert"
          key_file: "/etc/pki/a.key"
    ----- stderr -----
    certwright: left out: b.cert: registries.yaml takes one client certificate a registry
    "#);
    std::fs::create_dir(world.root().join("out")).unwrap();
    assert_snapshot!(world.run(&["export", TWO, "--to", "k3s", "--output", "out"]), @r#"
    status: 0
    ----- stdout -----
    $ROOT/out/registries.yaml
    $ROOT/out/ca-bundle.crt
    ----- stderr -----
    certwright: left out: b.cert: registries.yaml takes one client certificate a registry
    "#);
    let bundle = std::fs::read(world.root().join("out/ca-bundle.crt")).unwrap();
    assert_eq!(certwright::pki::parse(&bundle, &Interner::default()).certificates().count(), 2);
    let text = std::fs::read_to_string(world.root().join("out/registries.yaml")).unwrap();
    let named = format!("ca_file: \"{}/out/ca-bundle.crt\"", world.root().display());
    assert!(text.contains(&named), "{text}");
}

#[test]
fn openshift_takes_cas_alone() {
    let world = World::new(HOSTS);
    let told = world.run(&["export", "certs.d/registry.example.com_5000_", "--to", "openshift"]);
    let without_base64 = |line: &&str| !line.starts_with("    ") || line.contains("-----");
    assert_snapshot!(told.lines().filter(without_base64).collect::<Vec<_>>().join("\n"), @r#"
    status: 0
    ----- stdout -----
    # registry.example.com:5000: what docker-classic loads from $ROOT/certs.d/registry.example.com_5000_
    # oc apply -f FILE; then: oc patch image.config.openshift.io/cluster --type=merge --patch '{"spec":{"additionalTrustedCA":{"name":"registry-cas"}}}'
    # where additionalTrustedCA names a ConfigMap already, add the key to that one
    # left out: ca.crt: another file adds the same
    # left out: ca.pem: its name ends neither in .crt, .cert nor .key
    # left out: client.cert: additionalTrustedCA takes CAs alone; OpenShift's nodes present no client certificate from it
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: registry-cas
      namespace: openshift-config
    data:
      "registry.example.com..5000": |
        -----BEGIN CERTIFICATE-----
        -----END CERTIFICATE-----
    ----- stderr -----
    certwright: left out: ca.crt: another file adds the same
    certwright: left out: ca.pem: its name ends neither in .crt, .cert nor .key
    certwright: left out: client.cert: additionalTrustedCA takes CAs alone; OpenShift's nodes present no client certificate from it
    "#);
    let pem: String =
        told.lines().filter_map(|line| line.strip_prefix("    ")).map(|line| format!("{line}\n")).collect();
    let anchors = certwright::pki::parse(pem.as_bytes(), &Interner::default());
    assert_eq!(anchors.go_blocks().count(), 1);
}

#[test]
fn the_commands_of_a_copy_are_what_docker_reads() {
    let world = World::new(HOSTS);
    let arguments =
        ["export", "certs.d/bound.example.com", "--engine", "containerd", "--to", "docker", "--prefix", "$ROOT/docker"];
    let told = world.run(&arguments);
    assert_snapshot!(told, @r#"
    status: 0
    ----- stdout -----
    # bound.example.com: what containerd loads from $ROOT/certs.d/bound.example.com
    # left out: ca.crt: hosts.toml does not name it
    # left out: https://mirror.example.com/v2: hosts.toml tries it before the registry itself
    # left out: skip_verify: the server's certificate would be left unchecked
    set -eu
    mkdir -p -- $ROOT/docker
    mkdir -m 0755 -- $ROOT/docker/bound.example.com
    install -m 0644 -- $ROOT/certs.d/bound.example.com/root.pem $ROOT/docker/bound.example.com/root.crt
    install -m 0600 -- $ROOT/certs.d/bound.example.com/both.pem $ROOT/docker/bound.example.com/both.cert
    install -m 0600 -- $ROOT/certs.d/bound.example.com/both.pem $ROOT/docker/bound.example.com/both.key
    ----- stderr -----
    certwright: left out: ca.crt: hosts.toml does not name it
    certwright: left out: https://mirror.example.com/v2: hosts.toml tries it before the registry itself
    certwright: left out: skip_verify: the server's certificate would be left unchecked
    "#);
    let script = told.split("----- stdout -----\n").nth(1).unwrap().split("----- stderr").next().unwrap();
    let script = script.replace("$ROOT", world.root().to_str().unwrap());
    let run = || std::process::Command::new("sh").args(["-c", &script]).current_dir(world.root()).output().unwrap();
    assert!(run().status.success());
    let copied = host(&world.root().join("docker/bound.example.com"));
    let original = Judge::newest(Engine::Containerd).load(&host(&world.root().join("certs.d/bound.example.com")));
    assert_eq!(identity(Engine::DockerClassic, &copied), identities(original.connections().last().unwrap()));
    // What is there is not touched.
    assert!(!run().status.success());
}

#[test]
fn a_copy_here_is_a_plan_that_can_be_taken_back() {
    let world = World::new(HOSTS);
    std::fs::create_dir(world.root().join("podman")).unwrap();
    let run = |more: &[&str]| {
        let arguments = ["export", "certs.d/registry.example.com_5000_", "--to", "podman", "--output", "podman"];
        world.run(&[&arguments, more, &["--state-dir", "$ROOT/state"]].concat())
    };
    assert_snapshot!(run(&[]), @r#"
    status: 1
    ----- stdout -----
    $ROOT/podman/registry.example.com:5000
      copy registry.example.com:5000 to $ROOT/podman/registry.example.com:5000
        + again.crt    CA      CA              rw-r--r--  PEM
        + client.cert  client  client          rw-r--r--  PEM
        + client.key   key     key             rw-------  PEM
        docker-classic: ok: 1 trust anchor, 1 client certificate
        docker-c8d: ok: 1 trust anchor, 1 client certificate
        containers-image: ok: 1 trust anchor, 1 client certificate
        containerd: ok: 1 trust anchor, 1 client certificate

    1 change in 1 host directory
      note: left out: ca.crt: another file adds the same
      note: left out: ca.pem: its name ends neither in .crt, .cert nor .key
    ----- stderr -----
    certwright: nothing is changed yet; --apply carries it out
    "#);
    assert_eq!(std::fs::read_dir(world.root().join("podman")).unwrap().count(), 0);
    assert_snapshot!(run(&["--apply"]), @r#"
    status: 0
    ----- stdout -----
      done: registry.example.com:5000: copy registry.example.com:5000 to $ROOT/podman/registry.example.com:5000
    operation 1: 1 change; certwright undo takes it back
    ----- stderr -----
    certwright: left out: ca.crt: another file adds the same
    certwright: left out: ca.pem: its name ends neither in .crt, .cert nor .key
    "#);
    let copied = host(&world.root().join("podman/registry.example.com:5000"));
    let original = host(&world.root().join("certs.d/registry.example.com_5000_"));
    assert_eq!(identity(Engine::ContainersImage, &copied), identity(Engine::DockerClassic, &original));
    assert_snapshot!(run(&["--apply"]), @r#"
    status: 3
    ----- stderr -----
    certwright: $ROOT/podman/registry.example.com:5000 exists
    "#);
    assert_snapshot!(world.run(&["undo", "--state-dir", "$ROOT/state"]), @r#"
    status: 0
    ----- stdout -----
      undone: registry.example.com:5000: copy registry.example.com:5000 to $ROOT/podman/registry.example.com:5000
    operation 2: operation 1 taken back; certwright redo does it again
    "#);
    assert_eq!(std::fs::read_dir(world.root().join("podman")).unwrap().count(), 0);
}

#[test]
fn what_cannot_be_exported_says_why() {
    let world = World::new(HOSTS);
    let to = |host: &str, target: &str, more: &[&str]| world.run(&[&["export", host, "--to", target], more].concat());
    assert_snapshot!(to("certs.d/refused.example.com", "k3s", &[]), @r#"
    status: 3
    ----- stderr -----
    certwright: $ROOT/certs.d/refused.example.com: docker-classic stops: missing key client.key for client certificate client.cert. CA certificates must use the extension .crt
    hint: `certwright check $ROOT/certs.d/refused.example.com` tells what is wrong
    "#);
    assert_snapshot!(to("certs.d/nothing.example.com", "k3s", &[]), @r#"
    status: 3
    ----- stderr -----
    certwright: $ROOT/certs.d/nothing.example.com: docker-classic loads neither a CA nor a client certificate from it
    hint: `certwright check $ROOT/certs.d/nothing.example.com` tells what is wrong
    "#);
    assert_snapshot!(to("gone.example.com", "k3s", &["--root", "certs.d"]), @r#"
    status: 3
    ----- stderr -----
    certwright: no engine finds a directory for gone.example.com
    hint: name the path of a host directory, or a root: --root CERTS_D
    "#);
    assert_snapshot!(to("no host", "k3s", &[]), @r#"
    status: 2
    ----- stderr -----
    certwright: "no host" names no registry
    hint: name a host, an image reference or the path of a host directory
    "#);
    assert_snapshot!(to("certs.d/refused.example.com", "cri-o", &[]), @r#"
    status: 2
    ----- stderr -----
    certwright: invalid value 'cri-o' for '--to <ENGINE>'
    hint: possible values: docker, podman, containerd, buildkit, k3s, openshift
    "#);
    assert_snapshot!(to(TWO, "buildkit", &["--prefix", "certs"]), @r#"
    status: 2
    ----- stderr -----
    certwright: certs: a path for buildkitd.toml has to be absolute
    "#);
    assert_snapshot!(to(TWO, "openshift", &["--registry", "[::1]:5000"]), @r#"
    status: 2
    ----- stderr -----
    certwright: a ConfigMap has no way to name [::1]:5000
    "#);
    assert_snapshot!(to(TWO, "buildkit", &["--output", TWO]), @r#"
    status: 2
    ----- stderr -----
    certwright: certs.d/two.example.com: no file but hosts.toml is written into a certificate directory
    "#);
    assert_snapshot!(to("certs.d/bound.example.com", "containerd", &["--output", "certs.d/bound.example.com"]), @r#"
    status: 3
    ----- stderr -----
    certwright: $ROOT/certs.d/bound.example.com/hosts.toml exists
    "#);
    assert_snapshot!(to(TWO, "podman", &["--output", "nowhere"]), @r#"
    status: 3
    ----- stderr -----
    certwright: $ROOT/nowhere: no such file or directory
    "#);
    std::fs::write(world.root().join("there.toml"), "mine").unwrap();
    assert_snapshot!(to(TWO, "buildkit", &["--output", "there.toml"]), @r#"
    status: 3
    ----- stderr -----
    certwright: $ROOT/there.toml: file exists
    "#);
    assert_snapshot!(to(TWO, "buildkit", &["--output", "nowhere/buildkitd.toml"]), @r#"
    status: 3
    ----- stderr -----
    certwright: $ROOT/nowhere/buildkitd.toml: no such file or directory
    "#);
    assert_eq!(std::fs::read_to_string(world.root().join("there.toml")).unwrap(), "mine");
}

#[test]
fn nothing_half_made_is_left_where_a_second_file_is_there() {
    let world = World::new(HOSTS);
    std::fs::create_dir(world.root().join("out")).unwrap();
    std::fs::write(world.root().join("out/ca-bundle.crt"), "mine").unwrap();
    let told = world.run(&["export", TWO, "--to", "k3s", "--output", "out"]);
    assert!(told.contains("out/ca-bundle.crt: file exists"), "{told}");
    assert_eq!(std::fs::read_dir(world.root().join("out")).unwrap().count(), 1);
}

#[test]
fn a_key_among_certificates_is_copied_for_its_owner_alone() {
    let text = format!("{HOSTS}\n[[host]]\nname = \"open.example.com\"\nfiles.\"ca.crt\" = [\"acme\", \"acme.key\"]\n");
    let world = World::new(&text);
    std::fs::create_dir(world.root().join("podman")).unwrap();
    let run = |more: &[&str]| {
        let arguments = ["export", "certs.d/open.example.com", "--to", "podman", "--state-dir", "$ROOT/state"];
        world.run(&[&arguments, more].concat())
    };
    assert!(run(&[]).contains("install -m 0600 -- $ROOT/certs.d/open.example.com/ca.crt"), "{}", run(&[]));
    assert!(run(&["--output", "podman", "--apply"]).starts_with("status: 0"));
    let mode = std::fs::metadata(world.root().join("podman/open.example.com/ca.crt")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn an_export_in_json() {
    let world = World::new(HOSTS);
    let told = world.run(&[
        "export",
        "certs.d/bound.example.com",
        "--engine",
        "containerd",
        "--to",
        "buildkit",
        "--format",
        "json",
    ]);
    assert_snapshot!(told, @r##"
    status: 0
    ----- stdout -----
    {
      "schema": 1,
      "registry": "bound.example.com",
      "engine": "containerd",
      "directory": "$ROOT/certs.d/bound.example.com",
      "to": "buildkit",
      "documents": [
        {
          "name": "buildkitd.toml",
          "text": "# bound.example.com: what containerd loads from $ROOT/certs.d/bound.example.com\n# for /etc/buildkit/buildkitd.toml; read when buildkitd starts\n# docker buildx create --buildkitd-config takes these files along into a builder; it does not take along what a tlsconfigdir names\n# left out: ca.crt: hosts.toml does not name it\n# left out: https://mirror.example.com/v2: hosts.toml tries it before the registry itself\n# left out: skip_verify: the server's certificate would be left unchecked\n[registry.\"bound.example.com\"]\nca = [\"$ROOT/certs.d/bound.example.com/root.pem\"]\n\n[[registry.\"bound.example.com\".keypair]]\nkey = \"$ROOT/certs.d/bound.example.com/both.pem\"\ncert = \"$ROOT/certs.d/bound.example.com/both.pem\"\n"
        }
      ],
      "copies": [
        {
          "from": "$ROOT/certs.d/bound.example.com/root.pem",
          "to": "$ROOT/certs.d/bound.example.com/root.pem",
          "mode": "0644"
        },
        {
          "from": "$ROOT/certs.d/bound.example.com/both.pem",
          "to": "$ROOT/certs.d/bound.example.com/both.pem",
          "mode": "0600"
        }
      ],
      "left_out": [
        {
          "what": "ca.crt",
          "why": "hosts.toml does not name it"
        },
        {
          "what": "https://mirror.example.com/v2",
          "why": "hosts.toml tries it before the registry itself"
        },
        {
          "what": "skip_verify",
          "why": "the server's certificate would be left unchecked"
        }
      ],
      "notes": [
        "for /etc/buildkit/buildkitd.toml; read when buildkitd starts",
        "docker buildx create --buildkitd-config takes these files along into a builder; it does not take along what a tlsconfigdir names"
      ],
      "written": []
    }
    ----- stderr -----
    certwright: left out: ca.crt: hosts.toml does not name it
    certwright: left out: https://mirror.example.com/v2: hosts.toml tries it before the registry itself
    certwright: left out: skip_verify: the server's certificate would be left unchecked
    "##);
}

#[test]
fn containerd_loads_the_same_from_an_exported_hosts_toml() {
    let world = World::new(HOSTS);
    for name in ["registry.example.com_5000_", "two.example.com"] {
        let directory = world.root().join("certs.d").join(name);
        let target = world.root().join("containerd").join(name);
        std::fs::create_dir_all(&target).unwrap();
        let told = world.run(&[
            "export",
            &format!("certs.d/{name}"),
            "--to",
            "containerd",
            "--output",
            &format!("containerd/{name}"),
        ]);
        assert!(told.starts_with("status: 0"), "{told}");
        let original = identity(Engine::DockerClassic, &host(&directory));
        assert!(!original.0.is_empty() && !original.1.is_empty());
        for judge in ["containerd", "containerd@1.7", "containerd@1.5", "docker-c8d"] {
            let load = Judge::parse(judge).unwrap()[0].load(&host(&target));
            assert_eq!(load.log, Vec::<String>::new(), "{judge}");
            assert_eq!(load.connections().len(), 2, "{judge}");
            for connection in load.connections() {
                assert_eq!(identities(connection), original, "{judge}");
            }
        }
    }
}

#[test]
fn a_hosts_toml_beside_the_files_is_a_plan_as_well() {
    let world = World::new(HOSTS);
    let run = |more: &[&str]| {
        let arguments = ["export", TWO, "--to", "containerd", "--output", TWO, "--state-dir", "$ROOT/state"];
        world.run(&[&arguments, more].concat())
    };
    let before = host(&world.root().join(TWO));
    assert_snapshot!(run(&[]), @r#"
    status: 1
    ----- stdout -----
    $ROOT/certs.d/two.example.com
      have hosts.toml say it for two.example.com
          a.cert      client      client          rw-r--r--  PEM
          a.crt       CA          CA              rw-r--r--  PEM
          a.key       key         key             rw-------  PEM
          b.cert      client      client          rw-r--r--  PEM
          b.crt       CA          2 CAs           rw-r--r--  PEM
          b.key       key         key             rw-------  PEM
        + hosts.toml  hosts.toml  text            rw-r--r--

    1 change in 1 host directory
    ----- stderr -----
    certwright: nothing is changed yet; --apply carries it out
    "#);
    assert!(run(&["--apply"]).starts_with("status: 0"));
    let after = host(&world.root().join(TWO));
    for engine in Engine::ALL {
        assert_eq!(identity(engine, &after), identity(engine, &before), "{engine:?}");
    }
    let text = std::fs::read_to_string(world.root().join(TWO).join("hosts.toml")).unwrap();
    assert!(text.contains("client = [[\"a.cert\", \"a.key\"], [\"b.cert\", \"b.key\"]]"), "{text}");
    assert!(world.run(&["undo", "--state-dir", "$ROOT/state"]).starts_with("status: 0"));
    assert_eq!(host(&world.root().join(TWO)).files.len(), before.files.len());
}

#[test]
fn buildkit_is_told_of_the_same_files() {
    let world = World::new(HOSTS);
    let told = world.run(&["export", TWO, "--to", "buildkit", "--output", "buildkitd.toml"]);
    assert!(told.starts_with("status: 0"), "{told}");
    let registry = buildkit(&std::fs::read(world.root().join("buildkitd.toml")).unwrap(), "two.example.com");
    let here = |name: &str| world.root().join(TWO).join(name);
    assert_eq!(registry.authorities, [here("a.crt"), here("b.crt")]);
    assert_eq!(registry.pairs, [(here("a.cert"), here("a.key")), (here("b.cert"), here("b.key"))]);
}

/// What our own reader of `buildkitd.toml` makes of it.
fn buildkit(bytes: &[u8], registry: &str) -> certwright::engine::buildkit::Registry {
    let file = ConfigFile { path: "/etc/buildkit/buildkitd.toml".into(), bytes: Ok(bytes.to_vec()) };
    let installed = Installed::detect(&HostConfig { files: vec![file], ..HostConfig::default() });
    installed.buildkit_registry(registry).unwrap().clone()
}

fn host(path: &Path) -> HostDir {
    read_host(&Entry::new(path.to_path_buf(), Placement::UnderRoot), &Interner::default())
}

/// The trust anchors and client certificates that an engine loads.
fn identity(engine: Engine, host: &HostDir) -> (Vec<Digest>, Vec<Digest>) {
    identities(engine.load(host).connections().last().unwrap())
}

fn identities(connection: &Connection) -> (Vec<Digest>, Vec<Digest>) {
    let anchors = connection.material.anchors.iter().map(|anchor| *anchor.certificate.sha256());
    let pairs = connection.material.pairs.iter().map(|pair| *pair.leaf().unwrap().sha256());
    (anchors.collect(), pairs.collect())
}

/// A source whose files are called as nobody calls files.
fn hostile(registry: &str, names: &[String]) -> Source {
    let directory = PathBuf::from("/etc/docker/certs.d/hostile");
    let file = |name: &String| directory.join(name);
    let pairs =
        names.chunks_exact(2).map(|pair| Pair { certificate: file(&pair[0]), key: file(&pair[1]), holds_key: false });
    Source {
        registry: registry.to_owned(),
        authorities: names
            .iter()
            .map(|name| Authority { file: file(name), certificates: Vec::new(), holds_key: false })
            .collect(),
        pairs: pairs.collect(),
        judge: Judge::newest(Engine::DockerClassic),
        machine: None,
        left_out: Vec::new(),
        directory,
    }
}

/// Names of files: any text without a slash.
fn file_names() -> impl Strategy<Value = Vec<String>> {
    let name = prop_oneof![
        "[^/\0]{1,12}",
        "[\"\\\\\n\r\t#'=\\[\\]{}\u{1b}\u{7f}\u{85}\u{202e}\u{2028}\u{feff}\u{ffff}\u{e0001}😀]{1,8}",
        Just("a\"]\n[host.\"https://evil\"]\nskip_verify = true #".to_owned()),
    ];
    proptest::collection::btree_set(name.prop_filter("a file", |name| name != "." && name != ".."), 1..4)
        .prop_map(|names| names.into_iter().collect())
}

/// A scalar of YAML as JSON reads it, `\U` being written as the surrogates that JSON wants.
fn yaml(quoted: &str) -> String {
    let mut json = String::new();
    let mut rest = quoted;
    while let Some(at) = rest.find('\\') {
        json.push_str(&rest[..at]);
        let length = if rest[at..].starts_with("\\U") { 10 } else { 2 };
        let escape = &rest[at..at + length];
        match escape.strip_prefix("\\U") {
            Some(code) => {
                let letter = char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap();
                letter.encode_utf16(&mut [0; 2]).iter().for_each(|unit| json.push_str(&format!("\\u{unit:04x}")));
            }
            None => json.push_str(escape),
        }
        rest = &rest[at + length..];
    }
    json.push_str(rest);
    serde_json::from_str(&json).unwrap()
}

fn strings(value: &toml::Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

proptest! {
    #[test]
    fn whatever_files_are_called_is_read_back_the_same(registry in "\\PC{1,20}|[\"\n\\\\\\]\u{202e}]{1,6}", names in file_names()) {
        let source = hostile(&registry, &names);
        let files: Vec<String> = source.authorities.iter().map(|file| file.file.to_str().unwrap().to_owned()).collect();

        let text = export(&source, Target::Containerd, None, None).unwrap().documents[0].text.clone();
        prop_assert!(text.lines().all(|line| certwright::base::text::sanitise(line) == line));
        let document: toml::Table = text.parse().unwrap();
        let hosts = document["host"].as_table().unwrap();
        prop_assert_eq!(hosts.len(), 1);
        for table in [&document, hosts.values().next().unwrap().as_table().unwrap()] {
            prop_assert_eq!(strings(&table["ca"]), files.clone());
            prop_assert!(!table.contains_key("skip_verify"));
            for (pair, own) in table.get("client").into_iter().flat_map(|list| list.as_array().unwrap()).zip(&source.pairs) {
                prop_assert_eq!(strings(pair), [own.certificate.to_str().unwrap(), own.key.to_str().unwrap()]);
            }
        }

        let text = export(&source, Target::Buildkit, None, None).unwrap().documents[0].text.clone();
        let document: toml::Table = text.parse().unwrap();
        let section = document["registry"].as_table().unwrap()[&registry].as_table().unwrap();
        prop_assert_eq!(strings(&section["ca"]), files.clone());
        let pairs = section.get("keypair").map_or(0, |pairs| pairs.as_array().unwrap().len());
        prop_assert_eq!(pairs, source.pairs.len());

        let text = export(&source, Target::K3s, None, None).unwrap().documents[0].text.clone();
        let name = text.lines().skip_while(|line| *line != "mirrors:").nth(1).unwrap().trim().strip_suffix(':').unwrap();
        prop_assert_eq!(yaml(name), registry);
        if let (Some(pair), Some(line)) = (source.pairs.first(), text.lines().find_map(|line| line.trim().strip_prefix("key_file: "))) {
            prop_assert_eq!(yaml(line), pair.key.to_str().unwrap());
        }
    }

    #[test]
    fn a_shell_copies_what_is_meant(names in file_names()) {
        let source = hostile("r.test", &names);
        let export = export(&source, Target::Docker, None, None).unwrap();
        let script = export.documents[0].text.replace("mkdir ", "printf '%s\\0' mkdir ").replace("install ", "printf '%s\\0' install ");
        let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
        let words: Vec<&OsStr> = output.stdout.split(|byte| *byte == 0).map(OsStr::from_bytes).collect();
        for copy in &export.copies {
            prop_assert!(words.windows(2).any(|pair| pair == [copy.from.as_os_str(), copy.to.as_os_str()]), "{script}");
        }
        prop_assert_eq!(export.copies.len() + export.left_out.len(), source.authorities.len() + 2 * source.pairs.len());
    }
}
