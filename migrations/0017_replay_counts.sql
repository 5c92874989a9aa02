-- A replay counts how often the raw log has each record, and corrects the ledger by the difference.

-- A replay that was interrupted under an earlier version counted in another way, and cannot be resumed. Started again, it does the same.
delete from polysink.replays;
drop table polysink.replaying;

alter table polysink.replays
    add column listed bigint not null,
    add column counted_at timestamptz;

comment on column polysink.replays.deliveries is 'How many deliveries it goes through in all, with those that came since it was started.';
comment on column polysink.replays.listed is 'How many deliveries were added to polysink.replaying when that was last done.';
comment on column polysink.replays.counted_at is 'When all deliveries were counted. From then on there are only counts of the ledger to correct. Null before.';


create table polysink.replaying (
    envelope_id uuid primary key,
    received_at timestamptz not null,
    sent_at     timestamptz not null,
    rewritten   boolean not null,
    done        boolean not null default false
);

-- The next ones, however many are done.
create index replaying_left_idx on polysink.replaying (sent_at, envelope_id) where not done;

comment on table polysink.replaying is 'The deliveries that the replay goes through: all of its syncs, because a record can have come in any of them.';
comment on column polysink.replaying.envelope_id is 'The envelope.';
comment on column polysink.replaying.received_at is 'As in polysink.envelopes; names the partition.';
comment on column polysink.replaying.sent_at is 'As in polysink.envelopes.';
comment on column polysink.replaying.rewritten is 'Whether its records are restored and projected again. Those of the others are only counted.';
comment on column polysink.replaying.done is 'Whether it was replayed or counted.';


create table polysink.replay_counts (
    sync_id        uuid not null,
    hash           text collate "C" not null,
    times_received bigint not null,
    correction     bigint,
    primary key (sync_id, hash)
);

create index replay_counts_correction_idx on polysink.replay_counts (sync_id, hash) where correction is not null;

comment on table polysink.replay_counts is 'How often the deliveries that are done have each record. Empty without a replay.';
comment on column polysink.replay_counts.sync_id is 'The sync that the record belongs to.';
comment on column polysink.replay_counts.hash is 'As in polysink.records.';
comment on column polysink.replay_counts.times_received is 'How often, repeats inside one payload included.';
comment on column polysink.replay_counts.correction is 'What the ledger''s count lacked at the time of polysink.replays.counted_at, and has still to get; negative if it was too high. Null where there is nothing to correct.';
