//! The progress of long work, and Ctrl-C.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::{ProgressBar, ProgressStyle};
use tokio::task::JoinSet;

/// A bar on a terminal.
///
/// * `what`: it counts
pub fn bar(total: u64, what: &str) -> ProgressBar {
    let bar = ProgressBar::new(total);
    let template = format!("{{bar:40}} {{human_pos}}/{{human_len}} {what}, {{per_sec}}, {{eta}} left");
    bar.set_style(ProgressStyle::with_template(&template).expect("the template is good"));
    bar
}

/// One of bytes, with a message.
pub fn bytes_bar(total: u64) -> ProgressBar {
    let bar = ProgressBar::new(total);
    let template = "{bar:40} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left, {msg}";
    bar.set_style(ProgressStyle::with_template(template).expect("the template is good"));
    bar
}

/// Whether Ctrl-C was pressed since the work began. The step in progress is finished.
pub struct Interrupted {
    pressed: Arc<AtomicBool>,
    _listener: JoinSet<()>,
}

impl Interrupted {
    /// From now on, Ctrl-C does not end the process.
    pub fn listen() -> Self {
        let pressed = Arc::new(AtomicBool::new(false));
        let mut listener = JoinSet::new();
        listener.spawn({
            let pressed = Arc::clone(&pressed);
            async move {
                if tokio::signal::ctrl_c().await.is_ok() {
                    pressed.store(true, Ordering::Relaxed);
                }
            }
        });
        Self { pressed, _listener: listener }
    }

    pub fn is_pressed(&self) -> bool {
        self.pressed.load(Ordering::Relaxed)
    }

    /// Whether to continue after a batch.
    pub fn flow(&self) -> ControlFlow<()> {
        if self.is_pressed() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}
