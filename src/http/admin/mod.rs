//! The admin listener: metrics and the status page. It has no pages yet.
