//! Real engines and registries in namespaces of their own: started, asked, stopped. Nothing outside their folder changes.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::materials::Materials;

/// The registries, all of which know no image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// nginx, which asks for a client certificate, names no CA and takes any or none; it keeps record
    Asking,
    /// docker-registry itself, which wants a client certificate of Acme's and says so
    Mutual,
    /// nginx, which wants a client certificate of Acme's and says so; it keeps record
    Naming,
}

impl Server {
    /// Where it listens.
    pub fn port(self) -> u16 {
        match self {
            Self::Asking => 5443,
            Self::Mutual => 5444,
            Self::Naming => 5445,
        }
    }
}

/// The programs that are needed, with the Debian packages that bring them.
const PROGRAMS: &[(&str, &str)] = &[
    ("dockerd", "docker.io"),
    ("docker", "docker.io"),
    ("docker-registry", "docker-registry"),
    ("nginx", "nginx-light"),
    ("skopeo", "skopeo"),
    ("containerd", "containerd"),
    ("ctr", "containerd"),
    ("openssl", "openssl"),
    ("unshare", "util-linux"),
    ("nsenter", "util-linux"),
    ("ip", "iproute2"),
];

/// Debian's own programs, not what a machine may have in front of them.
const PATH: &str = "/usr/sbin:/usr/bin:/sbin:/bin";

/// Why nothing can be compared here, if so.
pub fn obstacle() -> Option<String> {
    if std::env::var_os("CERTWRIGHT_ENGINES").is_none_or(|value| value != "1") {
        return Some("CERTWRIGHT_ENGINES=1 is not set".to_owned());
    }
    if !rustix::process::geteuid().is_root() {
        return Some("only root can make the namespaces".to_owned());
    }
    let is_there = |program: &str| PATH.split(':').any(|folder| Path::new(folder).join(program).is_file());
    let missing = PROGRAMS.iter().filter(|(program, _)| !is_there(program)).map(|(_, package)| *package);
    let missing: BTreeSet<&str> = missing.collect();
    if !missing.is_empty() {
        let missing: Vec<&str> = missing.into_iter().collect();
        return Some(format!("packages are missing: {}", missing.join(" ")));
    }
    let tried = Command::new("unshare").args(["--net", "--mount", "--pid", "--fork", "true"]).output();
    match tried {
        Ok(output) if output.status.success() => None,
        Ok(output) => Some(format!("no namespaces: {}", String::from_utf8_lossy(&output.stderr).trim())),
        Err(error) => Some(format!("no namespaces: {error}")),
    }
}

/// A program of an engine that has ended, or was ended because it waited too long.
pub struct Ended {
    /// It was still waiting.
    pub waited: bool,
    /// It succeeded.
    pub success: bool,
    /// Its standard error.
    pub said: String,
}

/// The namespaces with the daemons in them; dropped, everything in there ends.
pub struct Laboratory {
    folder: TempDir,
    holder: Child,
    /// While this is open, the namespaces live: should this process be killed, they end as well.
    lifeline: Option<ChildStdin>,
    pid: u32,
}

impl Laboratory {
    /// Prepares a folder, lets `furnish` fill the root of certificate directories, and starts everything.
    pub fn start(materials: &Materials, hosts: &[String], furnish: impl Fn(&Path)) -> Self {
        let folder = TempDir::new().unwrap();
        prepare(folder.path(), materials, hosts);
        furnish(&root(folder.path()));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/engines/namespace.sh");
        let mut holder = Command::new("unshare")
            .args(["--net", "--mount", "--pid", "--fork", "--kill-child", "sh"])
            .args([&script, folder.path()])
            .env_clear()
            .env("PATH", PATH)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lifeline = holder.stdin.take();
        let mut answer = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut answer).unwrap();
        let pid = answer.strip_prefix("ready ").and_then(|pid| pid.trim().parse().ok());
        let logs = || fs::read_dir(folder.path().join("log")).unwrap().map(|log| log.unwrap().path());
        let last_words = || logs().map(|log| last_lines(&log)).collect::<String>();
        let pid = pid.unwrap_or_else(|| panic!("the engines do not start:\n{}", last_words()));
        Self { folder, holder, lifeline, pid }
    }

    /// The root of certificate directories, as seen from outside; inside it is [`crate::ROOT`].
    pub fn root(&self) -> PathBuf {
        root(self.folder.path())
    }

    /// Where a file of the folder lies, inside and outside.
    pub fn path(&self, relative: &str) -> String {
        self.folder.path().join(relative).to_string_lossy().into_owned()
    }

    /// Runs a program inside, for so long at most.
    pub fn run(&self, limit: Duration, command: &[&str]) -> Ended {
        let output = self.output(limit, command);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        // timeout(1) kills itself as well, and nsenter(1) ends as it did.
        Ended { waited: output.status.signal() == Some(9), success: output.status.success(), said }
    }

    /// The first line that a program writes to its standard output.
    pub fn first_line(&self, command: &[&str]) -> String {
        let output = self.output(Duration::from_secs(10), command);
        String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned()
    }

    fn output(&self, limit: Duration, command: &[&str]) -> Output {
        let pid = self.pid.to_string();
        let limit = limit.as_secs_f32().to_string();
        Command::new("nsenter")
            .args(["--target", &pid, "--net", "--mount", "--pid", "timeout", "--signal=KILL", &limit])
            .args(command)
            .env_clear()
            .env("PATH", PATH)
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            .current_dir("/")
            .stdin(Stdio::null())
            .output()
            .unwrap()
    }

    /// Where nginx's record of requests ends now.
    pub fn record_end(&self) -> u64 {
        fs::metadata(self.path("log/requests")).map_or(0, |metadata| metadata.len())
    }

    /// The client certificate (its SHA-1 in hexadecimal digits, or "-") of the first request for `host` that a program
    /// whose name begins with `agent` has made since `start`. nginx writes it down a moment after it has answered.
    pub fn request(&self, start: u64, host: &str, agent: &str) -> Option<String> {
        let deadline = Instant::now() + Duration::from_secs(2);
        loop {
            if let Some(found) = self.find_request(start, host, agent) {
                return Some(found);
            }
            if Instant::now() > deadline {
                return None;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn find_request(&self, start: u64, host: &str, agent: &str) -> Option<String> {
        let mut file = fs::File::open(self.path("log/requests")).ok()?;
        file.seek(SeekFrom::Start(start)).ok()?;
        let mut record = String::new();
        file.read_to_string(&mut record).ok()?;
        let mut whole = record.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
        whole.find_map(|line| {
            let [name, fingerprint, program] = line.splitn(3, '|').collect::<Vec<_>>()[..] else { return None };
            (name == host && program.starts_with(agent)).then(|| fingerprint.to_owned())
        })
    }
}

impl Drop for Laboratory {
    fn drop(&mut self) {
        drop(self.lifeline.take());
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            if let Ok(Some(_)) = self.holder.try_wait() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        // The first process of the namespace goes with it, and the kernel ends the others.
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

fn root(folder: &Path) -> PathBuf {
    folder.join("etc/docker/certs.d")
}

fn last_lines(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines[lines.len().saturating_sub(5)..].join("\n  ");
    format!("{}:\n  {last}\n", log.file_name().unwrap().to_string_lossy())
}

/// Writes everything that the daemons need: an `/etc` of their own and their configuration.
fn prepare(folder: &Path, materials: &Materials, hosts: &[String]) {
    let folders = ["etc/docker/certs.d", "etc/containers", "home", "log", "pki", "run", "store", "tmp"];
    for relative in folders {
        fs::create_dir_all(folder.join(relative)).unwrap();
    }
    let write = |relative: &str, content: &str| {
        fs::write(folder.join(relative), content.replace("FOLDER", &folder.to_string_lossy())).unwrap();
    };
    // No system roots: no verdict here depends on the machine.
    let names: String = hosts.iter().map(|host| format!("10.99.0.2 {host}\n")).collect();
    write("etc/hosts", &format!("127.0.0.1 localhost\n{names}"));
    write("etc/nsswitch.conf", "hosts: files\n");
    write("etc/resolv.conf", "");
    write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n");
    write("etc/group", "root:x:0:\ndocker:x:900:\n");
    write("etc/containers/policy.json", r#"{"default": [{"type": "insecureAcceptAnything"}]}"#);
    let _ = fs::copy("/etc/ld.so.cache", folder.join("etc/ld.so.cache"));
    for name in ["acme", "server", "server.key"] {
        fs::write(folder.join("pki").join(name), materials.content(name)).unwrap();
    }
    write("registry.yml", REGISTRY);
    write("registry-mutual.yml", REGISTRY_MUTUAL);
    write("nginx.conf", NGINX);
    write("containerd.toml", CONTAINERD);
    write("daemon.json", DOCKERD);
}

const REGISTRY: &str = "\
version: 0.1
storage: {filesystem: {rootdirectory: FOLDER/store/registry}}
http: {addr: '127.0.0.1:5000'}
";

const REGISTRY_MUTUAL: &str = "\
version: 0.1
storage: {filesystem: {rootdirectory: FOLDER/store/registry}}
http:
  addr: 10.99.0.2:5444
  tls: {certificate: FOLDER/pki/server, key: FOLDER/pki/server.key, clientcas: [FOLDER/pki/acme]}
";

const NGINX: &str = "\
daemon off;
user root;
worker_processes 1;
pid FOLDER/run/nginx.pid;
error_log FOLDER/log/nginx-errors;
events {}
http {
    log_format record '$ssl_server_name|$ssl_client_fingerprint|$http_user_agent';
    access_log FOLDER/log/requests record;
    client_body_temp_path FOLDER/tmp/body;
    proxy_temp_path FOLDER/tmp/proxy;
    fastcgi_temp_path FOLDER/tmp/fastcgi;
    uwsgi_temp_path FOLDER/tmp/uwsgi;
    scgi_temp_path FOLDER/tmp/scgi;
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_certificate FOLDER/pki/server;
    ssl_certificate_key FOLDER/pki/server.key;
    server {
        listen 10.99.0.2:5443 ssl;
        ssl_verify_client optional_no_ca;
        location / { proxy_pass http://127.0.0.1:5000; proxy_set_header Host $http_host; }
    }
    server {
        listen 10.99.0.2:5445 ssl;
        ssl_verify_client on;
        ssl_client_certificate FOLDER/pki/acme;
        location / { proxy_pass http://127.0.0.1:5000; proxy_set_header Host $http_host; }
    }
}
";

const CONTAINERD: &str = r#"version = 2
root = "FOLDER/store/containerd"
state = "FOLDER/run/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]
[grpc]
address = "FOLDER/run/containerd.sock"
"#;

const DOCKERD: &str = r#"{
    "hosts": ["unix://FOLDER/run/docker.sock"],
    "containerd": "FOLDER/run/containerd.sock",
    "data-root": "FOLDER/store/docker",
    "exec-root": "FOLDER/run/docker",
    "pidfile": "FOLDER/run/dockerd.pid",
    "storage-driver": "vfs",
    "bridge": "none",
    "iptables": false,
    "ip6tables": false,
    "ip-forward": false
}
"#;
