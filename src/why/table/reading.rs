//! What the kernel says of files that engines read, in Go's words (`os.PathError`).

use crate::why::symptom::{Cause, Symptom};

pub(super) const SYMPTOMS: &[Symptom] = &[
    Symptom {
        id: "permission-denied",
        patterns: &[
            "open {path}: permission denied",
            "stat {path}: permission denied",
            "lstat {path}: permission denied",
            "read {path}: permission denied",
            "unable to read CA cert \"{file}\": open {target}: permission denied",
            "unable to read CERT file \"{file}\": open {target}: permission denied",
            "failed to load keypair for {file}: open {target}: permission denied",
        ],
        title: "the engine may not read a file or directory of certificates",
        meaning: "The user that the engine runs as lacks a right: r-x on every directory of the path, r on the file. docker \
                  manifest, rootless engines, Podman and Skopeo read as the calling user, not as root.",
        causes: &[
            Cause::in_directory(
                "the file or directory is closed to that user",
                &["CW601"],
                "chmod 0755 the directories and 0644 the .crt files; keep .key at 0600, owned by the user that the engine \
                 runs as",
            ),
            Cause::on_host(
                "a directory above is closed (often /etc/docker with mode 0700), or SELinux or AppArmor forbids it",
                "chmod 0755 /etc/docker; restorecon -R /etc/docker/certs.d where SELinux is on",
            ),
        ],
        sources: &["docker/cli#1358, for-linux#396, moby#41386, containers/image#297, podman#18669"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "no-such-file",
        patterns: &[
            "open {path}: no such file or directory",
            "stat {path}: no such file or directory",
            "lstat {path}: no such file or directory",
            "unable to read CA cert \"{file}\": open {target}: no such file or directory",
            "unable to read CERT file \"{file}\": open {target}: no such file or directory",
            "failed to load keypair for {file}: open {target}: no such file or directory",
        ],
        title: "a file of certificates is not there",
        meaning: "In a directory that was listed a moment ago that is a symbolic link that leads to nothing; else a file that \
                  hosts.toml or buildkitd.toml names, or the key of a .cert in BuildKit's words.",
        causes: &[
            Cause::in_directory(
                "a symbolic link leads to nothing: a package was removed, or certbot's live folder copied without archive",
                &["CW112"],
                "set the link aside, or put back what it leads to",
            ),
            Cause::in_directory(
                "BuildKit misses the key of a .cert, mostly a CA named .cert",
                &["CW101", "CW501"],
                "rename the CA to end in .crt, or put the key beside the certificate",
            ),
            Cause::in_directory(
                "BuildKit misses the key of a .cert that holds no certificate anyway",
                &["CW202", "CW203", "CW204", "CW201"],
                "set the .cert aside",
            ),
            Cause::in_directory(
                "hosts.toml names a file that is not there",
                &["CW703"],
                "mend the path in hosts.toml; relative paths begin at its directory",
            ),
            Cause::on_host(
                "another configuration file names a file that is not there",
                "mend the path in buildkitd.toml, registries.yaml or the command line",
            ),
        ],
        sources: &["kubernetes#65734, minishift#2194, openshift/os#179, distribution#1652"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "is-a-directory",
        patterns: &[
            "read {path}: is a directory",
            "unable to read CA cert \"{file}\": read {target}: is a directory",
            "unable to read CERT file \"{file}\": read {target}: is a directory",
            "failed to load keypair for {file}: read {target}: is a directory",
        ],
        title: "where a file should be, there is a directory",
        meaning: "Its name ends like a certificate's, so the engine reads it. Docker makes such directories where a mount \
                  names a file that is missing. In hosts.toml an empty path (ca = \"\", client = [\"a.pem\", \"\"]) means the \
                  directory itself.",
        causes: &[
            Cause::in_directory(
                "a directory has the name of a file",
                &["CW110"],
                "rename the directory, or remove it where it is empty, and put the file there",
            ),
            Cause::in_directory(
                "a path in hosts.toml is empty",
                &["CW703"],
                "name the file in hosts.toml; write a combined file as client = \"client.pem\"",
            ),
        ],
        sources: &["distribution#1652"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "not-a-directory",
        patterns: &[
            "open {path}: not a directory",
            "readdirent {path}: not a directory",
            "stat {path}: not a directory",
        ],
        title: "where a host directory should be, there is a file",
        meaning: "The engine wants a directory of the registry's name, with the certificates in it.",
        causes: &[Cause::in_directory(
            "the certificate itself was saved under the registry's name",
            &["CW110", "CW111"],
            "make a directory of that name and put the file into it as ca.crt",
        )],
        sources: &["moby daemon/pkg/registry/registry.go (loadTLSConfig)"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "special-file",
        patterns: &["open {path}: no such device or address", "open {path}: too many levels of symbolic links"],
        title: "a file of certificates is no file: a socket, or a link to itself",
        meaning: "Its name ends like a certificate's, so the engine opens it.",
        causes: &[Cause::in_directory(
            "it is a socket or a loop of links",
            &["CW113", "CW112"],
            "set it aside, and put the file there",
        )],
        sources: &["Go os.ReadFile"],
        ..Symptom::PLAIN
    },
    Symptom {
        id: "system-store-unreadable",
        patterns: &["unable to get system cert pool: {detail…}", "unable to initialize cert pool: {detail…}"],
        title: "the system's store of CAs cannot be read",
        meaning: "The engine adds the directory's CAs to the system's, and could load none of those.",
        causes: &[Cause::on_host(
            "the files under /etc/ssl/certs or /etc/pki are closed to the engine, or SSL_CERT_FILE names a wrong one",
            "give the engine's user r on the store, or mend SSL_CERT_FILE and SSL_CERT_DIR in the daemon's environment",
        )],
        sources: &["Go crypto/x509 root_unix.go (loadSystemRoots)"],
        ..Symptom::PLAIN
    },
];
