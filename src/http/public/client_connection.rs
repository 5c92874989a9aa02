//! The stream of one connection: it fails when the client takes too long, or loses its place to another.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::{Sleep, sleep, timeout};
use tokio_rustls::server::TlsStream;
use tokio_util::either::Either;

use super::connections::{HeldPlace, Line, Patience};
use super::head_limit::HeadLimit;

/// Continues a head that is too long.
fn fill(buffer: &mut ReadBuf<'_>) {
    const FILLER: [u8; 4_096] = [b'x'; 4_096];
    buffer.put_slice(&FILLER[..FILLER.len().min(buffer.remaining())]);
}

/// A client's bytes, with or without TLS around them.
pub type ClientStream = Either<TcpStream, Box<TlsStream<TcpStream>>>;

/// A connection's stream. It fails once another connection has replaced this one, or the client takes too long.
#[derive(Debug)]
pub struct ClientConnection {
    /// `None` only while it is dropped.
    stream: Option<ClientStream>,
    place: HeldPlace,
    limit: HeadLimit,
    /// A head is too long: nothing more is read, and it never ends, so that actix answers 431.
    is_exceeded: bool,
    patience: Patience,
    alarm: Pin<Box<Sleep>>,
}

impl ClientConnection {
    pub fn new(stream: ClientStream, place: HeldPlace, patience: Patience) -> Self {
        let (limit, alarm) = (HeadLimit::default(), Box::pin(sleep(patience.idle)));
        Self { stream: Some(stream), place, limit, is_exceeded: false, patience, alarm }
    }

    pub fn line(&self) -> &Arc<Line> {
        self.place.line()
    }

    fn stream(&mut self) -> &mut ClientStream {
        self.stream.as_mut().expect("it is there until it is dropped")
    }

    fn check_open(&self) -> io::Result<()> {
        if self.line().is_closed() { Err(io::ErrorKind::ConnectionAborted.into()) } else { Ok(()) }
    }

    /// Fails once the client took too long with its next request.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        let Some(until) = self.line().deadline(self.patience) else { return Poll::Pending };
        if self.alarm.deadline() != until {
            self.alarm.as_mut().reset(until);
        }
        self.alarm.as_mut().poll(cx).map(|()| io::ErrorKind::TimedOut.into())
    }
}

impl Drop for ClientConnection {
    fn drop(&mut self) {
        // actix has written its answer, and closes with the rest of the head unread.
        if let Some(stream) = self.stream.take().filter(|_| self.is_exceeded)
            && let Ok(permit) = DRAINS.try_acquire()
        {
            tokio::spawn(async move {
                let _permit = permit;
                let _ = timeout(DRAIN, drain(stream)).await;
            });
        }
    }
}

/// How long to read what a client still sends after an early refusal, so that it gets the answer and not a reset.
pub const DRAIN: Duration = Duration::from_secs(5);

/// How many connections with too long a head are drained at a time.
static DRAINS: Semaphore = Semaphore::const_new(64);

/// Reads what a client still sends. Closing with unread bytes would send it a reset instead of the answer.
pub async fn drain(mut stream: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
    stream.shutdown().await?;
    let mut unread = [0; 4_096];
    while stream.read(&mut unread).await? > 0 {}
    Ok(())
}

impl AsyncRead for ClientConnection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.line().wake_on_close(cx.waker());
        self.check_open()?;
        if self.is_exceeded {
            fill(buffer);
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        let read = Pin::new(self.stream()).poll_read(cx, buffer);
        if read.is_ready() {
            if buffer.filled().len() > before {
                self.line().note_read();
            }
            if self.limit.is_exceeded(&buffer.filled()[before..]) {
                self.is_exceeded = true;
                // The end of the head may be among these.
                buffer.set_filled(before);
                fill(buffer);
                self.line().refuse_head();
            }
            return read;
        }
        self.poll_patience(cx).map(Err)
    }
}

impl AsyncWrite for ClientConnection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.check_open()?;
        Pin::new(self.stream()).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.stream()).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(self.stream()).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::Instant;

    use super::super::connections::Connections;
    use super::*;
    use crate::metrics::Metrics;
    use crate::verify::Networks;

    #[tokio::test(start_paused = true)]
    async fn a_client_that_is_slow_with_its_next_request_is_cut_off() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let mut client = TcpStream::connect(listener.local_addr().expect("it has one")).await.expect("it listens");
        let (stream, peer) = listener.accept().await.expect("it connects");
        let places = Connections::new(1, 1, Networks::default(), Arc::default(), Metrics::default());
        let line = places.admit(peer.ip()).expect("there is room");
        let patience = Patience { headers: Duration::from_secs(10), idle: Duration::from_secs(60) };
        let place = HeldPlace::of(Arc::clone(&line));
        let mut connection = ClientConnection::new(Either::Left(stream), place, patience);

        let began = Instant::now();
        assert_eq!(read_one(&mut connection).await, Err(io::ErrorKind::TimedOut));
        assert_eq!(began.elapsed().as_secs(), 60, "nothing came");
        // The handler of a request takes its time.
        let handling = Arc::clone(&line).handling();
        let waiting = tokio::time::timeout(Duration::from_secs(600), read_one(&mut connection));
        assert!(waiting.await.is_err());
        drop(handling);
        client.write_all(b"G").await.expect("it is open");
        assert_eq!(read_one(&mut connection).await, Ok(1));
        let began = Instant::now();
        assert_eq!(read_one(&mut connection).await, Err(io::ErrorKind::TimedOut));
        assert_eq!(began.elapsed().as_secs(), 10, "a byte of a head came");
        drop(connection);
        assert!(places.is_empty());
    }

    async fn read_one(connection: &mut ClientConnection) -> Result<usize, io::ErrorKind> {
        connection.read(&mut [0]).await.map_err(|error| error.kind())
    }
}
