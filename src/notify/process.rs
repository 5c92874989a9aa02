//! Tells of the problems of this process. The database may be away, so messages wait in memory; after a restart, a
//! problem that is still there is told of again.

use chrono::{DateTime, Utc};
use futures_util::future::join_all;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::message::Message;
use super::problems::{ProblemWatch, ProcessProblem, of_disks, of_spool};
use super::sender::{Sender, Sink};
use super::{LONGEST_PAUSE, NotifyOptions, TRIED_FOR};
use crate::backoff::Backoff;
use crate::store::tables::notices::Notice;

/// A message for one sink.
#[derive(Debug)]
struct Pending<'a> {
    message: Message,
    sink: &'a Sink,
    backoff: Backoff,
    try_at: Instant,
}

/// Looks again and again, forever.
pub async fn tell(options: &NotifyOptions, sender: &Sender) {
    let (mut watch, mut pending) = (ProblemWatch::default(), Vec::new());
    loop {
        let mut problems = of_spool(&options.queue);
        problems.extend(of_disks(&options.folders));
        problems.retain(|problem| options.kinds.contains(&problem.kind));
        let due = watch.look(problems, options.pace.lasting, Instant::now());
        if !due.is_empty() {
            pending.extend(messages(options, due));
        }
        pending = send(options, sender, pending).await;
        sleep(options.pace.look).await;
    }
}

/// A message for each sink.
fn messages(options: &NotifyOptions, problems: Vec<ProcessProblem>) -> impl Iterator<Item = Pending<'_>> {
    let now = (options.now)();
    let notices = problems.into_iter().map(|problem| notice(problem, now)).collect();
    let message = Message { id: Uuid::now_v7(), host: options.host.clone(), at: now, notices, is_test: false };
    options.sinks.iter().map(move |sink| Pending {
        message: message.clone(),
        sink,
        backoff: Backoff::new(options.pace.first_pause),
        try_at: Instant::now(),
    })
}

/// Sends messages that are due. Returns those that have to wait.
async fn send<'a>(options: &NotifyOptions, sender: &Sender, pending: Vec<Pending<'a>>) -> Vec<Pending<'a>> {
    let now = Instant::now();
    let (due, mut waiting): (Vec<_>, Vec<_>) = pending.into_iter().partition(|one| one.try_at <= now);
    let tries = due.into_iter().map(|one| send_one(options, sender, one));
    waiting.extend(join_all(tries).await.into_iter().flatten());
    waiting
}

/// Sends a message. Returns it if it has to be tried again.
async fn send_one<'a>(options: &NotifyOptions, sender: &Sender, mut pending: Pending<'a>) -> Option<Pending<'a>> {
    let now = (options.now)();
    let error = sender.send(pending.sink, &pending.message, now).await.err()?;
    let sink = &pending.sink.name;
    if now - pending.message.at > TRIED_FOR {
        tracing::error!(sink, %error, "gave a message of notices up: the sink did not take it");
        return None;
    }
    tracing::warn!(sink, %error, "a sink did not take a message of notices; trying again later");
    pending.try_at = Instant::now() + pending.backoff.fail(LONGEST_PAUSE);
    Some(pending)
}

fn notice(problem: ProcessProblem, now: DateTime<Utc>) -> Notice {
    Notice {
        kind: problem.kind.as_str().to_owned(),
        sync_id: None,
        sync_name: None,
        table_name: None,
        said: problem.said,
        advice: Some(problem.advice.to_owned()),
        noticed_at: now,
        over_at: None,
    }
}
