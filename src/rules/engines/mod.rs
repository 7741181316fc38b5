//! CW7xx: where engines disagree, where one directory hides another, and what `hosts.toml` makes of the files beside it.

pub mod both_port_forms;
pub mod different_ca;
pub mod docker_hub_directory;
pub mod hosts_toml_hides_files;
pub mod hosts_toml_missing_file;
pub mod hosts_toml_refused;
pub mod hosts_toml_without_host;
pub mod loopback_host;
pub mod similar_host_name;

use crate::rules::Rule;

/// The rules of this folder, by code.
pub const RULES: &[&dyn Rule] = &[
    &hosts_toml_hides_files::HostsTomlHidesFiles,
    &hosts_toml_refused::HostsTomlRefused,
    &hosts_toml_missing_file::HostsTomlMissingFile,
    &hosts_toml_without_host::HostsTomlWithoutHost,
    &both_port_forms::BothPortForms,
    &docker_hub_directory::DockerHubDirectory,
    &loopback_host::LoopbackHost,
    &similar_host_name::SimilarHostName,
    &different_ca::DifferentCa,
];
