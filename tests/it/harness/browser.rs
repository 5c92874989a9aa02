//! A real Chromium, driven from outside.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::app::http_client;

/// Runs until it is closed, or dropped.
pub struct Browser {
    pub client: Client,
    driver: Child,
    /// Of the driver's session.
    session: String,
    http: reqwest::Client,
    _profile: TempDir,
}

/// The sets of rules that axe-core checks.
const AXE_RULES: [&str; 4] = ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"];

impl Browser {
    /// Starts one with an empty profile. `None` if it is not installed.
    pub async fn start() -> Option<Self> {
        let (browser, program) = (super::tool("chromium")?, super::tool("chromedriver")?);
        let profile = tempfile::tempdir().expect("there is a temporary folder");
        let (driver, url) = start(&program);
        let wanted = json!({
            "goog:chromeOptions": {
                "binary": browser,
                "args": [
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
                    format!("--user-data-dir={}", profile.path().display()),
                ],
            },
            "goog:loggingPrefs": {"browser": "ALL"},
        });
        let Value::Object(wanted) = wanted else { unreachable!("it is one") };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder.capabilities(wanted).connect(&url).await.expect("the browser starts");
        let id = client.session_id().await.expect("the driver answers").expect("there is a session");
        Some(Self { client, driver, session: format!("{url}/session/{id}"), http: http_client(), _profile: profile })
    }

    /// A command of Chromium's own.
    async fn command(&self, path: &str, body: Value) -> Value {
        let answer = self.http.post(format!("{}/{path}", self.session)).json(&body).send().await;
        let mut answer: Value = answer.expect("the driver answers").json().await.expect("it is JSON");
        answer["value"].take()
    }

    pub async fn open(&self, url: &str) {
        self.client.goto(url).await.expect("the page opens");
    }

    /// Runs a script in the page, and returns what it returns.
    pub async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap_or_else(|error| panic!("{error}: {script}"))
    }

    /// Waits until a script returns true.
    pub async fn until(&self, script: &str) {
        super::eventually(script, async || self.run(script).await == true).await;
    }

    /// The text of an element.
    pub async fn text(&self, css: &str) -> String {
        let found = self.client.find(Locator::Css(css)).await.unwrap_or_else(|error| panic!("{error}: {css}"));
        found.text().await.expect("it has a text")
    }

    pub async fn click(&self, css: &str) {
        let found = self.client.find(Locator::Css(css)).await.unwrap_or_else(|error| panic!("{error}: {css}"));
        found.click().await.unwrap_or_else(|error| panic!("{error}: {css}"));
    }

    /// Presses keys, where the focus is.
    pub async fn press(&self, keys: impl Into<String>) {
        let focused = self.client.active_element().await.expect("there is one");
        focused.send_keys(&keys.into()).await.expect("keys can be pressed");
    }

    /// Sets the theme, and the width of the window in pixels.
    pub async fn show_as(&self, theme: &str, width: u32) {
        let media = json!({"features": [{"name": "prefers-color-scheme", "value": theme}]});
        let metrics = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        for (cmd, params) in [("Emulation.setEmulatedMedia", media), ("Emulation.setDeviceMetricsOverride", metrics)] {
            self.command("goog/cdp/execute", json!({"cmd": cmd, "params": params})).await;
        }
        let is_so = format!("return innerWidth === {width} && matchMedia('(prefers-color-scheme: {theme})').matches");
        self.until(&is_so).await;
    }

    /// Errors and warnings in the console since the last call.
    pub async fn console_errors(&self) -> Vec<String> {
        let entries = self.command("se/log", json!({"type": "browser"})).await;
        let entries = entries.as_array().unwrap_or_else(|| panic!("{entries}"));
        let bad = entries.iter().filter(|entry| entry["level"] == "SEVERE" || entry["level"] == "WARNING");
        bad.map(|entry| entry["message"].to_string()).collect()
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
        let found = self.client.execute_async(script, vec![json!(AXE_RULES)]).await.expect("axe runs");
        serde_json::from_value(found).expect("it returns texts")
    }

    /// The value of a cookie, and whether it is kept from scripts and from other sites.
    pub async fn cookie(&self, name: &str) -> (String, bool, bool) {
        let cookie = self.client.get_named_cookie(name).await.expect("it is set");
        let is_strict = cookie.same_site().is_some_and(|same_site| same_site.is_strict());
        (cookie.value().to_owned(), cookie.http_only() == Some(true), is_strict)
    }

    pub async fn close(self) {
        // The driver ends the browser with the session.
        self.client.clone().close().await.expect("the browser ends");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
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
