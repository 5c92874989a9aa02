//! The five ways in which Polytomic's connections authenticate, all at once, with secrets that have to be written with
//! care: as docs/polytomic.md says.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::harness::app::http_client;
use crate::harness::{Delivery, Service, TestDatabase, binary, record};

/// Settings as a person writes them, with a file for one of them.
const DOTENV: &str = r#"
POLYSINK_SECRETS='one=a b#c$d"e,two=with,,comma=and+more'
POLYSINK_BASIC=three=polytomic:pa:ss%20word,four=other:fourth-secret
POLYSINK_HEADER='five=X-Api-Key:key=with,,comma,six=Authorization:Token abcdef'
POLYSINK_QUERY='seven=token:a&&b c&tenant:acme-prod'
POLYSINK_OAUTH_FILE=clients
"#;

fn service(folder: &Path, url: &str) -> Service {
    std::fs::write(folder.join(".env"), DOTENV).expect("it can be written");
    // As an editor of Windows writes it.
    std::fs::write(folder.join("clients"), "\u{feff}eight=client:s,,e,,c:ret\r\nnine=other client:hunter2\r\n")
        .expect("it can be written");
    let mut command = binary();
    command.env("DATABASE_URL", url).env("POLYSINK_LISTEN", "127.0.0.1:0").env("POLYSINK_DATA_DIR", folder);
    command.current_dir(folder).arg("serve");
    Service::start(command)
}

#[tokio::test(flavor = "multi_thread")]
async fn all_five_at_once_with_secrets_of_any_characters() {
    let db = TestDatabase::create().await;
    let folder = tempfile::tempdir().expect("there is a temporary folder");
    let service = service(folder.path(), &db.url());
    let http = http_client();
    let token = async |id: &str, secret: &str| {
        let url = service.url.replace("/webhooks/polytomic", "/oauth/token");
        let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let asked = http.post(url).header("content-type", "application/x-www-form-urlencoded").body(body);
        let answer: serde_json::Value = asked.send().await.expect("it answers").json().await.expect("it is JSON");
        answer["access_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    };
    let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
    let by_header = [
        ("one", "authorization", "Bearer a b#c$d\"e".to_owned()),
        ("two", "authorization", "with,comma=and+more".to_owned()),
        ("three", "authorization", basic("polytomic:pa:ss%20word")),
        ("four", "authorization", basic("other:fourth-secret")),
        ("five", "x-api-key", "key=with,comma".to_owned()),
        ("six", "authorization", "Token abcdef".to_owned()),
        ("eight", "authorization", format!("Bearer {}", token("client", "s,e,c:ret").await)),
        ("nine", "authorization", format!("bearer {}", token("other client", "hunter2").await)),
    ];
    let plain = |name: &str| Delivery::of(&[record(name, json!({"id": name}))]).without("authorization");
    for (name, header, value) in &by_header {
        let answer = plain(name).with(header, value).post(&http, &service.url).await;
        assert_eq!(answer.status, 200, "{name}: {answer:?}");
    }
    let with_query = format!("{}?tenant=acme-prod&token=a%26b+c", service.url);
    assert_eq!(plain("seven").post(&http, &with_query).await.status, 200);
    assert_eq!(plain("none").post(&http, &service.url).await.status, 401);
    let by = "select string_agg(connection, ' ' order by received_at) from polysink.envelopes";
    assert_eq!(db.text(by).await, "one two three four five six eight nine seven");
}
