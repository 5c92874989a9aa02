//! A real Chromium, driven from outside.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::LoggingPrefsLogLevel;
use thirtyfour::prelude::*;

/// Runs until it is closed, or dropped.
pub struct Browser {
    pub driver: WebDriver,
    child: Child,
    _profile: TempDir,
}

/// The rules by which a page is judged.
const AXE_RULES: [&str; 4] = ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"];

impl Browser {
    /// Starts one with an empty profile. `None` if it is not installed.
    pub async fn start() -> Option<Self> {
        let (browser, program) = (super::tool("chromium")?, super::tool("chromedriver")?);
        let profile = tempfile::tempdir().expect("there is a temporary folder");
        // The driver's client wants a provider, although it speaks plain HTTP.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let (child, url) = start(&program);
        let mut wanted = DesiredCapabilities::chrome();
        let user_data = format!("--user-data-dir={}", profile.path().display());
        wanted.set_binary(browser.to_str().expect("it is text")).expect("it is a path");
        for argument in [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--window-size=1200,900",
            &user_data,
        ] {
            wanted.add_arg(argument).expect("it is an argument");
        }
        wanted.set_browser_log_level(LoggingPrefsLogLevel::All).expect("it can be set");
        let driver = WebDriver::new(&url, wanted).await.expect("the browser starts");
        Some(Self { driver, child, _profile: profile })
    }

    pub async fn open(&self, url: &str) {
        self.driver.goto(url).await.expect("the page opens");
    }

    /// Runs a script in the page, and returns what it returns.
    pub async fn run(&self, script: &str) -> Value {
        let returned =
            self.driver.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{error}: {script}"));
        returned.json().clone()
    }

    /// Waits until a script returns true.
    pub async fn until(&self, script: &str) {
        super::eventually(script, async || self.run(script).await == true).await;
    }

    /// The text of an element.
    pub async fn text(&self, css: &str) -> String {
        let found = self.driver.find(By::Css(css)).await.unwrap_or_else(|error| panic!("{error}: {css}"));
        found.text().await.expect("it has a text")
    }

    pub async fn click(&self, css: &str) {
        let found = self.driver.find(By::Css(css)).await.unwrap_or_else(|error| panic!("{error}: {css}"));
        found.click().await.unwrap_or_else(|error| panic!("{error}: {css}"));
    }

    /// Presses keys, wherever the focus is.
    pub async fn press(&self, keys: impl Into<TypingData>) {
        let chain = self.driver.action_chain().send_keys(keys.into());
        chain.perform().await.expect("keys can be pressed");
    }

    /// Sets the theme, and the width of the window in pixels.
    pub async fn show_as(&self, theme: &str, width: u32) {
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": theme}]});
        self.driver.cdp().send_raw("Emulation.setEmulatedMedia", media).await.expect("it can be set");
        let metrics = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", metrics).await.expect("it can be set");
    }

    /// Errors and warnings in the console since the last call.
    pub async fn console_errors(&self) -> Vec<String> {
        let entries = self.driver.get_log("browser").await.expect("there is a log");
        let bad = entries.into_iter().filter(|entry| matches!(entry.level.as_str(), "SEVERE" | "WARNING"));
        bad.map(|entry| entry.message).collect()
    }

    /// What axe-core finds wrong with the page, `rule: elements`.
    pub async fn accessibility_faults(&self) -> Vec<String> {
        let axe = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/tools/axe-core-4.14.1/axe.min.js");
        let axe = std::fs::read_to_string(axe).expect("script/browser has fetched it");
        self.run(&format!("{axe}; window.axe = axe; return true")).await;
        let script = "const done = arguments[arguments.length - 1];
             axe.run(document, {runOnly: {type: 'tag', values: arguments[0]}}).then(
                 found => done(found.violations.map(fault =>
                     fault.id + ': ' + fault.nodes.map(node => node.html).join(' '))),
                 error => done([String(error)]))";
        let found = self.driver.execute_async(script, vec![json!(AXE_RULES)]).await.expect("axe runs");
        found.convert().expect("it returns texts")
    }

    pub async fn close(mut self) {
        // The driver ends the browser with the session.
        let _ = self.driver.clone().quit().await;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts the driver on any port, and returns its address.
fn start(program: &Path) -> (Child, String) {
    let mut child = Command::new(program)
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it can be run");
    let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
    let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
        let rest = line.split_once("started successfully on port ")?.1;
        Some(rest.trim_end_matches('.').to_owned())
    });
    std::thread::spawn(move || lines.for_each(drop)); // so that it never waits for a reader
    (child, format!("http://127.0.0.1:{}", port.expect("the driver says its port")))
}
