//! What is measured.

use crate::load::Shape;

/// A figure: what is sent, over how many connections, and by whom it is received.
pub struct Figure {
    pub name: &'static str,
    pub shape: Shape,
    pub connections: usize,
    /// Who receives it, apart from polysink and the limit.
    pub peers: &'static [Turn],
}

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Turn {
    Limit,
    Polysink,
    Fastify,
    Express,
    FastApi,
}

const ALL: &[Turn] = &[Turn::Fastify, Turn::Express, Turn::FastApi];
const FASTIFY: &[Turn] = &[Turn::Fastify];

pub const FIGURES: [Figure; 16] = [
    figure("batches of 100, 8 connections", Shape::batches(100), 8, ALL),
    figure("batches of 100, 64 connections", Shape::batches(100), 64, FASTIFY),
    figure("single records, 32 connections", Shape::batches(1), 32, ALL),
    figure("gzip", Shape::batches(100).gzipped(), 8, &[]),
    figure("with an identity and history", Shape::batches(100).identified(), 8, &[]),
    figure("half of the records known", Shape::batches(100).known(50), 8, &[]),
    figure("a full re-sync, every record known", Shape::batches(100).known(100), 8, &[]),
    figure("single records, 8 connections", Shape::batches(1), 8, FASTIFY),
    figure("batches of 10, 8 connections", Shape::batches(10), 8, FASTIFY),
    figure("batches of 1,000, 8 connections", Shape::batches(1_000), 8, FASTIFY),
    figure("batches of 10,000, 8 connections", Shape::batches(10_000), 8, FASTIFY),
    figure("batches of 100, 1 connection", Shape::batches(100), 1, FASTIFY),
    figure("batches of 100, 2 connections", Shape::batches(100), 2, FASTIFY),
    figure("batches of 100, 16 connections", Shape::batches(100), 16, FASTIFY),
    figure("batches of 100, 32 connections", Shape::batches(100), 32, FASTIFY),
    figure("batches of 100, 128 connections", Shape::batches(100), 128, FASTIFY),
];

const fn figure(name: &'static str, shape: Shape, connections: usize, peers: &'static [Turn]) -> Figure {
    Figure { name, shape, connections, peers }
}
