//! The admin listener's pages in a real browser.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use fantoccini::key::Key;
use serde_json::json;

use crate::harness::outage::one;
use crate::harness::{Browser, Delivery, SYNC, TestApp, record};

/// A name that would do harm where it is not escaped.
const NAME: &str =
    "<script>document.title='harmed'</script><img src=x onerror=\"document.title='harmed'\"> & \"Orders\"";
const NAMED_SYNC: &str = "2d7a11f0-3c4b-4c1e-8b5e-9a8f7e6d5c4b";

const TOKEN: &str = "a token for the pages";

/// What is wider than the window, and in no box that scrolls.
const TOO_WIDE: &str = "const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('body *')]
        .filter(element => element.getBoundingClientRect().right > width)
        .map(element => element.outerHTML.slice(0, 120))";

/// The admin listener's URL, without a path.
fn admin(app: &TestApp) -> String {
    app.metrics_url().trim_end_matches("/metrics").to_owned()
}

/// A service with two syncs, one of them with a harmful name, harmful values and a rejected record.
async fn with_deliveries(settings: &[(&str, &str)]) -> (TestApp, String) {
    let app = TestApp::spawn_with(settings).await;
    app.send(&one("a", 1)).await.counts();
    let records = [
        record("x", json!({"id": 1, "<b>v</b>": "</pre><script>alert(1)</script>"})),
        json!({"hash": 7, "fields": {}}),
    ];
    let answer = app.send(&Delivery::of_sync(NAMED_SYNC, NAME, &records)).await;
    assert_eq!(answer.counts(), [2, 1, 0, 1]);
    app.db.projected().await;
    let id = answer.json()["envelope_id"].as_str().expect("it has one").to_owned();
    (app, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_page_shows_each_sync_and_what_needs_attention_and_runs_no_ones_script() {
    let Some(browser) = Browser::start().await else { return };
    let (app, delivery) = with_deliveries(&[]).await;
    browser.open(&admin(&app)).await;
    let page = browser.text("main").await;
    for part in [NAME, "Customers to warehouse", "synced.customers_to_warehouse", "1 open rejection", "hash_not_string"]
    {
        assert!(page.contains(part), "{part}\n{page}");
    }
    // Counted in the background, and shown without a reload.
    browser.until("return document.querySelector('#deliveries p').textContent.startsWith('2 deliveries')").await;
    assert_eq!(browser.run("return document.querySelectorAll('#deliveries rect').length > 0").await, true);
    browser.until("return document.querySelector('#doctor p').textContent.startsWith('Checked')").await;

    // A sync: fields, the query, deliveries, rejections, changes.
    browser.click(&format!("a[href='/syncs/{NAMED_SYNC}']")).await;
    let page = browser.text("main").await;
    for part in [NAME, "<b>v</b>", "from synced.", "hash_not_string", "polysink"] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    assert_eq!(browser.run("return document.querySelectorAll('#changes tbody tr').length").await, 1);

    // A delivery: where each record went.
    browser.click("#latest tbody a").await;
    assert!(browser.run("return location.pathname").await.as_str().is_some_and(|path| path.ends_with(&delivery)));
    let page = browser.text("main").await;
    for part in ["Received", "Stored", "Acknowledged", "Projected", "new", "rejected: hash_not_string", "127.0.0.1"] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    browser.click("#record-0 summary").await;
    assert!(browser.text("#record-0 pre").await.contains("</pre><script>alert(1)</script>"));
    browser.click("#body summary").await;
    assert!(browser.text("#body pre").await.contains("\"sync.records\""));
    for path in ["/", &format!("/syncs/{NAMED_SYNC}"), &format!("/deliveries/{delivery}"), "/syncs/0", "/deliveries/0"]
    {
        browser.open(&format!("{}{path}", admin(&app))).await;
        assert_ne!(browser.run("return document.title").await, "harmed");
    }
    let errors = browser.console_errors().await;
    let unexpected: Vec<_> = errors.iter().filter(|error| !error.contains("404")).collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_updates_itself_without_losing_the_readers_place() {
    let Some(browser) = Browser::start().await else { return };
    let (app, delivery) = with_deliveries(&[]).await;
    let url = admin(&app);
    browser.open(&url).await;
    browser.run("document.querySelector('#rejections a').focus(); window.scrollTo(0, 120); window.same = 1").await;
    for n in 2..40 {
        app.send(&Delivery::of_sync(
            &uuid::Uuid::from_u128(n).to_string(),
            &format!("More {n}"),
            &[record("r", json!({}))],
        ))
        .await
        .counts();
    }
    browser.until("return document.querySelectorAll('#syncs tbody tr').length === 40").await;
    assert_eq!(browser.run("return window.same").await, 1, "it was not loaded again");
    assert_eq!(browser.run("return document.activeElement.getAttribute('href')").await, format!("/syncs/{NAMED_SYNC}"));
    assert_eq!(browser.run("return window.scrollY > 0").await, true);

    // What is open stays open, and selected text selected.
    browser.open(&format!("{url}/deliveries/{delivery}")).await;
    browser.click("#record-0 summary").await;
    browser
        .run(
            "getSelection().selectAllChildren(document.querySelector('#record-0 pre')); window.updates = 0;
                 const before = fetch; window.fetch = (...a) => { window.updates++; return before(...a); }",
        )
        .await;
    app.works(&["rejections", "resolve", &app.db.text("select rejection_id::text from polysink.rejections").await]);
    browser.until("return window.updates > 1").await;
    assert_eq!(browser.run("return document.getElementById('record-0').open").await, true);
    assert_eq!(browser.run("return String(getSelection()).includes('script')").await, true);
    browser.run("getSelection().removeAllRanges()").await;
    browser.until("return document.querySelector('#records').textContent.includes('resolved')").await;
    assert_eq!(browser.run("return document.getElementById('record-0').open").await, true);

    // A service that is gone is said, and nothing is lost from the page.
    drop(app);
    browser.until("return document.getElementById('updated').textContent.includes('does not answer')").await;
    assert!(browser.text("main").await.contains("Received"));
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_works_by_keyboard_and_passes_axe_in_both_themes_and_on_a_phone() {
    let Some(browser) = Browser::start().await else { return };
    let (app, delivery) = with_deliveries(&[]).await;
    let rejected = app.send(&Delivery::of_body("{\"event\"")).await;
    let rejection = rejected.json()["rejection_id"].as_str().expect("it is quarantined").to_owned();
    let url = admin(&app);
    browser.open(&url).await;
    browser.press(char::from(Key::Tab)).await;
    assert_eq!(browser.run("return document.activeElement.className").await, "skip");
    browser.press(char::from(Key::Enter)).await;
    assert_eq!(browser.run("return document.activeElement.id").await, "content");
    browser.press(char::from(Key::Tab)).await;
    assert_eq!(browser.run("return document.activeElement.closest('#state') !== null").await, true);
    let outlined = "return getComputedStyle(document.activeElement).outlineStyle !== 'none'";
    assert_eq!(browser.run(outlined).await, true, "the focus shows");
    browser.press(char::from(Key::Enter)).await;
    browser.until("return location.pathname.startsWith('/syncs/')").await;

    browser.until_counted(&app).await;
    let paths = [
        "/".to_owned(),
        format!("/syncs/{SYNC}"),
        format!("/syncs/{NAMED_SYNC}"),
        format!("/deliveries/{delivery}"),
        format!("/deliveries/{rejection}"),
        "/login".to_owned(),
        "/syncs/00000000-0000-0000-0000-000000000000".to_owned(),
    ];
    for (theme, width) in [("light", 1_200), ("dark", 1_200), ("light", 360)] {
        browser.show_as(theme, width).await;
        for path in &paths {
            browser.open(&format!("{url}{path}")).await;
            browser.run("document.querySelectorAll('details').forEach(details => { details.open = true })").await;
            assert_eq!(browser.accessibility_faults().await, Vec::<String>::new(), "{path}, {theme}, {width}");
            assert_eq!(browser.run(TOO_WIDE).await, json!([]), "{path} is wider than {width}");
        }
    }
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_token_the_pages_ask_for_it_once_and_end_the_session_when_asked() {
    let Some(browser) = Browser::start().await else { return };
    let (app, _) = with_deliveries(&[("POLYSINK_ADMIN_TOKEN", TOKEN)]).await;
    let url = admin(&app);
    browser.open(&format!("{url}/syncs/{SYNC}")).await;
    assert_eq!(browser.text("h1").await, "Sign in");
    browser.press("not the token").await;
    browser.press(char::from(Key::Enter)).await;
    browser.until("return document.querySelector('[role=alert]') !== null").await;
    browser.press(TOKEN).await;
    browser.press(char::from(Key::Enter)).await;
    browser.until("return document.querySelector('#fields') !== null").await;
    assert_eq!(
        browser.run("return location.pathname").await,
        format!("/syncs/{SYNC}"),
        "it leads to where they wanted"
    );
    assert_eq!(browser.run("return document.cookie").await, "", "no script sees the session");
    let (cookie, is_hidden, is_strict) = browser.cookie("polysink_session").await;
    assert!(is_hidden && is_strict, "{cookie}");

    // A session that was changed is none.
    let get = async |cookie: &str| {
        let request = app.http.get(&url).header("cookie", format!("polysink_session={cookie}"));
        request.send().await.expect("it answers").status().as_u16()
    };
    assert_eq!(get(&cookie).await, 200);
    assert_eq!(get(&format!("9{cookie}")).await, 401);
    browser.click("header button").await;
    browser.until("return document.querySelector('h1').textContent === 'Sign in'").await;
    browser.open(&url).await;
    assert_eq!(browser.text("h1").await, "Sign in");

    // Basic credentials and bearer tokens open pages too; scrapers without one are refused as before.
    let pages = app.http.get(&url).basic_auth("anyone", Some(TOKEN)).send().await.expect("it answers");
    assert_eq!(pages.status(), 200);
    let metrics = app.http.get(format!("{url}/metrics")).send().await.expect("it answers");
    assert_eq!(metrics.status(), 401);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_takes_a_confirmation_and_cannot_be_forged() {
    let Some(browser) = Browser::start().await else { return };
    let (app, delivery) = with_deliveries(&[("POLYSINK_ADMIN_TOKEN", TOKEN)]).await;
    app.db.run("delete from polysink.records where hash = 'x'").await;
    let url = admin(&app);
    let path = format!("/deliveries/{delivery}");
    browser.open(&format!("{url}{path}")).await;
    browser.press(TOKEN).await;
    browser.press(char::from(Key::Enter)).await;
    browser.until("return document.querySelector('#replay') !== null").await;

    // A form of another page, that a signed-in browser sends.
    let other = forging_page(&format!("{url}{path}/replay"));
    browser.open(&other).await;
    browser.until("return location.pathname.endsWith('/replay') || location.pathname === '/login'").await;
    // And requests with the session, and without a mark that fits.
    let cookie = browser_cookie(&browser, &url).await;
    let post = async |path: &str, mark: &str, origin: Option<&str>| {
        let request = app.http.post(format!("{url}{path}")).body(format!("mark={mark}"));
        let request = request
            .header("content-type", "application/x-www-form-urlencoded")
            .header("cookie", format!("polysink_session={cookie}"));
        let request = if let Some(origin) = origin { request.header("origin", origin) } else { request };
        request.send().await.expect("it answers").status().as_u16()
    };
    let replay = format!("{path}/replay");
    assert_eq!(post(&replay, "9999999999.00.00", None).await, 403);
    browser.open(&format!("{url}{path}")).await;
    let mark = browser.run("return document.querySelector('#replay input').value").await;
    let mark = mark.as_str().expect("it is a text");
    assert_eq!(post(&replay, mark, Some("http://evil.example")).await, 403, "a mark is good for this page alone");
    let other_delivery =
        app.db.text("select envelope_id::text from polysink.envelopes order by received_at limit 1").await;
    assert_eq!(post(&format!("/deliveries/{other_delivery}/replay"), mark, None).await, 403);
    assert_eq!(app.db.count("select count(*) from polysink.changes where action = 'replay'").await, 0);

    browser.click("#replay summary").await;
    browser.click("#replay button").await;
    browser.until("return document.querySelector('h1').textContent === 'Replaying'").await;
    app.db.becomes("select count(*)::text from polysink.records where hash = 'x'", "1").await;
    app.db
        .becomes(
            "select coalesce(max(changed_by), '') from polysink.changes where action = 'replay'",
            "admin page, 127.0.0.1",
        )
        .await;
    app.db.becomes("select count(*)::text from polysink.replays", "0").await;
    browser.close().await;
}

impl Browser {
    /// Waits until the deliveries are counted, so that every page has a chart.
    async fn until_counted(&self, app: &TestApp) {
        self.open(&admin(app)).await;
        self.until("return document.querySelectorAll('#deliveries rect').length > 0").await;
    }
}

/// The session of the browser.
async fn browser_cookie(browser: &Browser, url: &str) -> String {
    browser.open(url).await;
    browser.cookie("polysink_session").await.0
}

/// A page on another port that sends a form to `target` as soon as it is opened. Returns its URL.
fn forging_page(target: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("there is a port");
    let url = format!("http://{}/", listener.local_addr().expect("it has one"));
    let page = format!(
        "<form method=post action='{target}'><input name=mark value=none></form>
         <script>document.forms[0].submit()</script>"
    );
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{page}",
        page.len()
    );
    std::thread::spawn(move || {
        for mut client in listener.incoming().flatten() {
            let _ = client.read(&mut [0; 4_096]);
            let _ = client.write_all(answer.as_bytes());
        }
    });
    url
}
