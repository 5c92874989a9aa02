//! Reads settings, and collects the invalid ones.

use secrecy::SecretString;

use super::Setting;

/// An invalid setting.
#[derive(Debug, PartialEq, Eq)]
pub struct SettingError {
    pub name: String,
    /// The mistake and the expected value; never a secret's value.
    pub message: String,
}

/// Every invalid setting.
#[derive(Debug, PartialEq, Eq)]
pub struct SettingErrors(pub Vec<SettingError>);

impl std::fmt::Display for SettingErrors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("invalid settings:")?;
        for error in &self.0 {
            write!(f, "\n  {}: {}", error.name, error.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for SettingErrors {}

/// Reads settings, and collects the invalid ones.
pub struct Reader<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    pub(super) errors: Vec<SettingError>,
}

impl<'a> Reader<'a> {
    /// * `lookup`: returns a variable's value by its name; an empty value counts as unset
    pub fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup, errors: Vec::new() }
    }

    /// Returns what `read` makes of the settings, or every invalid setting.
    pub fn read<T>(
        lookup: &'a dyn Fn(&str) -> Option<String>,
        read: impl FnOnce(&mut Self) -> T,
    ) -> Result<T, SettingErrors> {
        let mut reader = Self::new(lookup);
        let value = read(&mut reader);
        reader.finish(value)
    }

    fn finish<T>(self, value: T) -> Result<T, SettingErrors> {
        if self.errors.is_empty() { Ok(value) } else { Err(SettingErrors(self.errors)) }
    }

    pub(super) fn error(&mut self, name: &str, message: impl Into<String>) {
        self.errors.push(SettingError { name: name.to_owned(), message: message.into() });
    }

    pub(super) fn raw(&mut self, name: &str) -> Option<String> {
        let value = (self.lookup)(name).filter(|value| !value.trim().is_empty())?;
        if value.contains(char::REPLACEMENT_CHARACTER) {
            self.error(name, "is not UTF-8 text");
            return None;
        }
        Some(value)
    }

    /// Whether the variable is set, to any value.
    pub(super) fn is_given(&self, setting: &Setting) -> bool {
        (self.lookup)(setting.name).is_some()
    }

    /// Whether the variable is set without a value.
    pub(super) fn is_empty(&self, setting: &Setting) -> bool {
        (self.lookup)(setting.name).is_some_and(|value| value.trim().is_empty())
    }

    /// Parses the value, or the default. Notes an invalid value and returns the default in its place.
    pub(super) fn get<T>(&mut self, setting: &Setting, parse: impl Fn(&str) -> Result<T, String>) -> T {
        let default = || {
            let text = setting.default.expect("a setting that is read with `get` has a default");
            parse(text).expect("a setting's default is a good value of it")
        };
        match self.raw(setting.name) {
            None => default(),
            Some(value) => parse(value.trim()).unwrap_or_else(|expected| {
                self.error(setting.name, format!("`{}` is {expected}", value.trim()));
                default()
            }),
        }
    }

    pub(super) fn optional<T>(&mut self, setting: &Setting, parse: impl Fn(&str) -> Result<T, String>) -> Option<T> {
        let value = self.raw(setting.name)?;
        parse(value.trim())
            .map_err(|expected| self.error(setting.name, format!("`{}` is {expected}", value.trim())))
            .ok()
    }

    /// A secret's value, from the variable itself or from the file that `NAME_FILE` names.
    pub(super) fn secret(&mut self, setting: &Setting) -> Option<SecretString> {
        debug_assert!(setting.secret);
        let file_name = format!("{}_FILE", setting.name);
        match (self.raw(setting.name), self.raw(&file_name)) {
            (Some(_), Some(_)) => {
                self.error(&file_name, format!("and {} are both set; set one of them", setting.name));
                None
            }
            (Some(value), None) => Some(value.trim().into()),
            (None, Some(path)) => match std::fs::read_to_string(path.trim()) {
                // Editors and shells of Windows put a mark of the byte order before a text.
                Ok(content) if content.trim_start_matches('\u{feff}').trim().is_empty() => {
                    self.error(&file_name, format!("the file {} is empty", path.trim()));
                    None
                }
                Ok(content) => Some(content.trim_start_matches('\u{feff}').trim().into()),
                Err(error) => {
                    self.error(&file_name, format!("the file {} cannot be read: {error}", path.trim()));
                    None
                }
            },
            (None, None) => None,
        }
    }
}
