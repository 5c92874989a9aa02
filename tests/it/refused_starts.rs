//! Databases that refuse the service and always will: an error at the start, not an outage.

use std::net::TcpListener;

use rcgen::generate_simple_self_signed;

use crate::harness::outage::{acknowledged, one};
use crate::harness::{Server, Service, TestDatabase, app::http_client, refuses_to_start};

/// What a start with this URL says. It has a spool, and would answer 200 while it takes the refusal for an outage.
fn said(url: &str) -> String {
    let data = tempfile::tempdir().expect("there is a temporary folder");
    refuses_to_start(&mut Service::on(url, data.path()))
}

/// Starts with this URL, and stores a delivery.
async fn stores(url: &str) {
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let service = Service::start(Service::on(url, data.path()));
    assert_eq!(acknowledged(&[one("stored", 0).post(&http_client(), &service.url).await]), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_and_an_unknown_database_are_errors_and_the_usual_form_of_a_socket_is_accepted() {
    let server = Server::start();
    server.run("create role app login password 'r:ight'; grant create on database polysink to app").await;
    let rules = format!("local all app scram-sha-256\n{}", server.read("pg_hba.conf"));
    server.write("pg_hba.conf", &rules);
    server.run("select pg_reload_conf()").await;
    let url = |password: &str, database: &str| format!("postgres://app:{password}@/{database}?host={}", server.host());
    for (password, database, says) in [
        ("wr%3Aong", "polysink", "password authentication failed for user \"app\""),
        ("r%3Aight", "warehouse", "database \"warehouse\" does not exist"),
    ] {
        let said = said(&url(password, database));
        assert!(said.contains(says) && said.contains("cannot connect to the database at"), "{said}");
        assert!(!said.contains("ong@") && !said.contains("ight@"), "{said}");
    }
    stores(&url("r%3Aight", "polysink")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn parameters_that_libpq_does_not_know_and_files_that_are_missing_are_errors_that_name_them() {
    let url = TestDatabase::create().await.url();
    for (parameters, says) in [
        ("ssl_mode=verify-full", "the parameter `ssl_mode`, which polysink does not support; did you mean sslmode?"),
        ("sslmode=verify-full&sslrootcert=/no/such/file", "/no/such/file as sslrootcert, which cannot be read"),
        ("sslmode=verify-full", "check sslmode in the URL, and `ssl` in the server's settings"),
    ] {
        let said = said(&format!("{url}&{parameters}"));
        assert!(said.contains(says), "{parameters}: {said}");
    }
}

/// Lets a server listen with TLS. Returns its URL without parameters; `None` if it was built without TLS.
async fn with_tls(server: &mut Server, certificate: &str, key: &str) -> Option<String> {
    let supported =
        server.text("select (count(*) > 0)::text from pg_settings where name = 'ssl_library' and setting <> ''");
    if supported.await != "true" {
        return None;
    }
    server.write("server.crt", certificate);
    server.write("server.key", key);
    let port = {
        let free = TcpListener::bind("127.0.0.1:0").expect("there is a free port");
        free.local_addr().expect("it is bound").port()
    };
    for (name, value) in [("ssl", "on"), ("listen_addresses", "127.0.0.1"), ("port", &port.to_string())] {
        server.run(&format!("alter system set {name} = '{value}'")).await;
    }
    server.stop();
    server.start_again();
    Some(format!("postgres://polysink@localhost:{port}/polysink"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_cannot_be_verified_is_an_error_that_names_the_cause() {
    let mut server = Server::start();
    let own = generate_simple_self_signed(["localhost".to_owned()]).expect("it can be made");
    let other = generate_simple_self_signed(["localhost".to_owned()]).expect("it can be made");
    let Some(url) = with_tls(&mut server, &own.cert.pem(), &own.signing_key.serialize_pem()).await else { return };
    let dir = tempfile::tempdir().expect("there is a temporary folder");
    let root = |name: &str, certificate: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, certificate).expect("it can be written");
        path.display().to_string()
    };
    let (own, other) = (root("own.pem", &own.cert.pem()), root("other.pem", &other.cert.pem()));
    let by_address = url.replace("localhost", "127.0.0.1");
    for (url, says) in [
        (format!("{url}?sslmode=verify-full&sslrootcert={other}"), "invalid peer certificate"),
        (format!("{url}?sslmode=verify-full"), "invalid peer certificate: UnknownIssuer"),
        (format!("{by_address}?sslmode=verify-full&sslrootcert={own}"), "not valid for name"),
    ] {
        let said = said(&url);
        assert!(said.contains(says) && said.contains("check sslrootcert"), "{url}: {said}");
    }
    stores(&format!("{url}?sslmode=verify-full&sslrootcert={own}")).await;
    stores(&format!("{by_address}?sslmode=verify-ca&sslrootcert={own}")).await;
    stores(&format!("{url}?sslmode=require")).await;
}
