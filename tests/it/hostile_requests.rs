//! Requests that no client of good will sends.

use crate::harness::hostile::attack;
use crate::harness::{Service, TestDatabase};

/// `script/faults hostile` sends 10,000.
#[tokio::test(flavor = "multi_thread")]
async fn hostile_requests_neither_stop_nor_delay_nor_deceive_the_service() {
    let db = TestDatabase::create().await;
    let data = tempfile::tempdir().expect("there is a temporary folder");
    let mut serve = Service::on(&db.url(), data.path());
    serve.env("POLYSINK_MAX_BODY", "16MiB");
    let (service, log) = Service::start_logging(serve);
    let attacked = attack(&service.url, 280, 1).await;
    attacked.tally.check(&db.pool).await;
    assert!(attacked.answers.keys().any(|(_, status)| *status == 413), "a bomb was among them");
    let framed: Vec<_> = attacked.answers.keys().filter(|(kind, _)| *kind == "smuggling").collect();
    assert!(!framed.is_empty() && framed.iter().all(|(_, status)| [0, 400].contains(status)), "{framed:?}");
    let smuggled = "select count(*) from polysink.records where hash like 'smuggled-%'";
    assert_eq!(db.count(smuggled).await, 0);
    let (status, _) = service.stop();
    assert!(status.success());
    let log = log.join().expect("it does not panic");
    assert!(!log.contains("panicked"), "{log}");
}
