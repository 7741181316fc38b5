//! CW7xx: where engines disagree, where one directory hides another, what `hosts.toml` makes of the files beside it, and what
//! the host's own configuration makes of the directories.

pub mod both_port_forms;
pub mod broken_configuration;
pub mod different_ca;
pub mod docker_hub_directory;
pub mod hosts_toml_hides_files;
pub mod hosts_toml_missing_file;
pub mod hosts_toml_refused;
pub mod hosts_toml_without_host;
pub mod ignored_insecure_registry;
pub mod loopback_host;
pub mod near_miss_root;
pub mod shadowed_default;
pub mod shadowed_directory;
pub mod similar_host_name;
pub mod snap_root;
pub mod unset_config_path;
pub mod unused_mirror_directory;

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
    &shadowed_directory::ShadowedDirectory,
    &near_miss_root::NearMissRoot,
    &unused_mirror_directory::UnusedMirrorDirectory,
    &ignored_insecure_registry::IgnoredInsecureRegistry,
    &broken_configuration::BrokenConfiguration,
    &unset_config_path::UnsetConfigPath,
    &shadowed_default::ShadowedDefault,
    &snap_root::SnapRoot,
];
