//! What `/proc` says of a process, for tests, benchmarks and the programs of `examples/`.
#![allow(dead_code, reason = "each of them uses its part of this")]

/// A line of `/proc/PID/status`, in KiB; 0 once the process has ended.
pub fn status(pid: u32, line: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let value = status.lines().find_map(|found| found.strip_prefix(line)?.split_whitespace().next()?.parse().ok());
    value.unwrap_or(0)
}

/// The processes that a process has started and that run.
pub fn children(pid: u32) -> Vec<u32> {
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    children.split_whitespace().filter_map(|pid| pid.parse().ok()).collect()
}
