//! Settings as flags: each command takes the ones that it needs.

use std::collections::HashMap;
use std::marker::PhantomData;

use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use crate::config::{self, Reader, Setting, SettingErrors};

/// The settings of one command.
pub trait Scope {
    /// Groups of settings, such as [`config::DATA_SETTINGS`].
    const GROUPS: &'static [&'static [&'static Setting]];
}

/// The flags given for the settings of a scope. `Debug` shows only their names.
pub struct Settings<S> {
    given: HashMap<String, String>,
    scope: PhantomData<S>,
}

impl<S> std::fmt::Debug for Settings<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.given.keys()).finish()
    }
}

impl<S> Settings<S> {
    /// Settings of a command that has no flags for them.
    pub fn from_environment() -> Self {
        Self { given: HashMap::new(), scope: PhantomData }
    }

    /// Reads settings. A flag wins over the environment, into which `.env` has been loaded. A variable that looks like
    /// a setting and is none is an error.
    pub fn read<T>(&self, read: impl FnOnce(&mut Reader<'_>) -> T) -> Result<T, SettingErrors> {
        // A flag also wins over the other way to give the same secret: NAME over NAME_FILE, and the reverse.
        let other = |name: &str| name.strip_suffix("_FILE").map_or_else(|| format!("{name}_FILE"), str::to_owned);
        let from_environment = |name: &str| {
            if self.given.contains_key(&other(name)) { None } else { config::environment(name) }
        };
        let lookup = |name: &str| self.given.get(name).cloned().or_else(|| from_environment(name));
        let mut unknown = config::unknown_settings(config::environment_names());
        match Reader::read(&lookup, read) {
            Ok(value) if unknown.is_empty() => Ok(value),
            Ok(_) => Err(SettingErrors(unknown)),
            Err(SettingErrors(mut errors)) => {
                errors.append(&mut unknown);
                Err(SettingErrors(errors))
            }
        }
    }
}

impl<S: Scope> Args for Settings<S> {
    fn augment_args(mut command: Command) -> Command {
        for setting in S::GROUPS.iter().copied().flatten() {
            command = command.arg(flag(setting));
            if setting.secret {
                command = command.arg(file_flag(setting));
            }
        }
        command
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

const HEADING: &str = "Settings";

fn flag(setting: &'static Setting) -> Arg {
    let default = setting.default.map(|default| format!(" [default: {default}]")).unwrap_or_default();
    Arg::new(setting.name)
        .long(setting.flag())
        .value_name(setting.placeholder)
        .help(format!("{} [env: {}]{default}", setting.doc, setting.name))
        .help_heading(HEADING)
}

fn file_flag(setting: &'static Setting) -> Arg {
    Arg::new(format!("{}_FILE", setting.name))
        .long(format!("{}-file", setting.flag()))
        .value_name("FILE")
        .help(format!("The same, from a file [env: {}_FILE]", setting.name))
        .help_heading(HEADING)
}

impl<S: Scope> FromArgMatches for Settings<S> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let names = S::GROUPS.iter().copied().flatten().flat_map(|setting| {
            let file = setting.secret.then(|| format!("{}_FILE", setting.name));
            [Some(setting.name.to_owned()), file].into_iter().flatten()
        });
        let given = names.filter_map(|name| matches.get_one::<String>(&name).cloned().map(|value| (name, value)));
        Ok(Self { given: given.collect(), scope: PhantomData })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
