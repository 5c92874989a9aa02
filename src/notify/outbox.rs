//! The outbox in the database: stores what is new before any sink gets it, and sends what is due.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use tokio::time::sleep;

use super::look::{Look, look};
use super::message::Message;
use super::sender::{Sender, Sink};
use super::{LONGEST_PAUSE, NotifyOptions, TRIED_FOR};
use crate::store::tables::notices::{self, DueMessage};
use crate::store::{Store, StoreError};

/// Time for a look, with what is sent.
const LIMIT: Duration = Duration::from_secs(120);

/// How many messages are sent in a look.
const MOST_SENT: i64 = 20;

/// How long notices are kept after they are over.
const KEPT: TimeDelta = TimeDelta::days(90);

/// Looks again and again, forever.
pub async fn tell(options: &NotifyOptions, sender: &Sender) {
    let started_at = (options.now)();
    loop {
        // Otherwise nothing can be read, or the schema is not there yet.
        if !options.queue.is_away() {
            let look = async |store: Store| look_and_send(&store, options, sender, started_at).await;
            if let Err(error) = options.store.watched(Some(LIMIT), look).await {
                tracing::debug!(%error, "cannot look for what to notify of");
            }
        }
        sleep(options.pace.look).await;
    }
}

/// Stores what is new in the database, and sends what is due, unless another process does.
///
/// * `started_at`: when this process has started
async fn look_and_send(
    store: &Store,
    options: &NotifyOptions,
    sender: &Sender,
    started_at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let NotifyOptions { sinks, kinds, pace, .. } = options;
    let Some(lock) = notices::hold_lock(store).await? else { return Ok(()) };
    let now = (options.now)();
    let is_settled = now - started_at >= pace.grace && options.queue.spooled().entries == 0;
    let found = look(store, Look { kinds, now, tells_of_quiet: is_settled }).await?;
    let names: Vec<&str> = sinks.iter().map(|sink| sink.name.as_str()).collect();
    notices::store_found(store, &found, &names, now).await?;
    let due = notices::due(store, &names, now, MOST_SENT).await?;
    let sent = sinks.iter().map(|sink| {
        let due = due.iter().filter(|message| message.sink == sink.name);
        send_in_order(store, options, sender, sink, due.collect())
    });
    for sent in join_all(sent).await {
        sent?;
    }
    for given_up in notices::give_up(store, now - TRIED_FOR).await? {
        let (sink, messages) = (given_up.sink, given_up.messages);
        tracing::error!(sink, messages, error = given_up.error, "gave messages of notices up: the sink took none");
    }
    notices::delete_old(store, now - KEPT).await?;
    lock.release().await
}

/// Sends messages to one sink, until one is not taken.
async fn send_in_order(
    store: &Store,
    options: &NotifyOptions,
    sender: &Sender,
    sink: &Sink,
    due: Vec<&DueMessage>,
) -> Result<(), StoreError> {
    for due in due {
        let notices = notices::of_message(store, due.message_id).await?;
        let (id, host) = (due.message_id, options.host.clone());
        let message = Message { id, host, at: due.noticed_at, notices, is_test: false };
        let now = (options.now)();
        let Err(error) = sender.send(sink, &message, now).await else {
            notices::sent(store, due, now).await?;
            continue;
        };
        tracing::warn!(sink = sink.name, %error, "a sink did not take a message of notices; trying again later");
        let pause = options.pace.first_pause.saturating_mul(1 << due.tries.clamp(0, 20)).min(LONGEST_PAUSE);
        let try_at = now + TimeDelta::from_std(pause).unwrap_or(TimeDelta::hours(1));
        return notices::failed(store, due, &error.to_string(), try_at).await;
    }
    Ok(())
}
